-- grain: sales rep × quota period × version, at the grain that the source states; never spread
-- additive: amount over reps and over periods of one grain, for one version (is_current)
with

quotas as (
    select * from {{ ref('int_quotas_ranked') }}
),

rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

converted as (
    select
        quotas.* exclude (amount),
        cast(quotas.amount * rates.rate_budget as decimal(18, 4)) as amount
    from quotas
    left join rates on quotas.period_start = rates.rate_date and quotas.currency = rates.from_currency
),

-- several cells of one workbook may be about open positions or about people whom nobody knows
final as (
    select
        sales_rep_id,
        grain,
        period_key,
        period_start,
        version,
        -- an amount without a rate must not vanish in the sum
        if(count(*) = count(amount), cast(sum(amount) as decimal(18, 4)), null) as amount,
        is_current,
        workbook_version
    from converted
    group by all
)

select * from final
