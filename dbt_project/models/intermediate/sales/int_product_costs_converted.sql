-- grain: product × start of the cost's validity
-- additive: nothing; unit_cost is in the reporting currency at the rate of the day from which it holds
with

costs as (
    {{ staged('product_costs') }}
),

rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

converted as (
    select
        costs.product_id,
        costs.valid_from,
        cast(
            case
                when costs.currency = '{{ var("reporting_currency") }}' then costs.unit_cost
                else costs.unit_cost * rates.rate_daily
            end as decimal(18, 4)
        ) as unit_cost
    from costs
    left join rates
        on
            costs.valid_from = rates.rate_date
            and costs.currency = rates.from_currency
)

select * from converted
