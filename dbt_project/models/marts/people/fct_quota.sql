-- grain: sales rep × quota period × version, at the grain that the source states; never spread
-- additive: amount over reps and over periods of one grain, for one version (is_current)
with


quotas as (select * from {{ ref('int_quotas_unioned') }}),

days as (select * from {{ ref('int_fiscal_calendar') }}),

rates as (select * from {{ ref('int_fx_rates_filled') }}),

dated as (
    select
        quotas.*,
        case quotas.grain
            when 'month' then days.fiscal_period_key
            when 'quarter' then days.fiscal_year * 10 + days.fiscal_quarter
        end as period_key
    from quotas
    left join days on quotas.period_start = days.date_day
),

converted as (
    select
        dated.sales_rep_id,
        dated.grain,
        cast(dated.period_key as integer) as period_key,
        dated.period_start,
        cast(dated.version as integer) as version,
        cast(dated.amount * rates.rate_budget as decimal(18, 4)) as amount
    from dated
    left join rates on dated.period_start = rates.rate_date and dated.currency = rates.from_currency
),

final as (
    select
        *,
        version = max(version) over (partition by sales_rep_id, grain, period_key) as is_current
    from converted
)

select * from final
