-- grain: invoice or credit-note line that counts as net revenue (M01)
-- additive: net_amount, net_amount_budget_rate and cogs; quantity within one product
-- a currency without a rate stops the build with a sentence; a missing cost gives cogs NULL, never 0
{%- set reporting_currency = var('reporting_currency') %}
with

sales_lines as (
    select * from {{ ref('int_sales_lines_classified') }}
    where exclusion_reason is null
),

rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

product_versions as (
    select
        product_id,
        product_key,
        unit_cost,
        if(
            row_number() over (partition by product_id order by valid_from) = 1,
            timestamp '1900-01-01',
            valid_from
        ) as known_from
    from {{ ref('int_product_versions') }}
),

rated as (
    select
        sales_lines.*,
        coalesce(
            if(sales_lines.currency = '{{ reporting_currency }}', 1.0, rates.rate_daily),
            cast(error(
                'No daily exchange rate for ' || coalesce(sales_lines.currency, 'a blank currency') || ' to '
                || '{{ reporting_currency }} on ' || sales_lines.invoice_date
                || ' or on the {{ var("fx_max_age_days") }} days before; sales line ' || sales_lines.sales_line_id
                || ' needs it. Add the rate to an exchange-rate file and run again.'
            ) as double)
        ) as rate_daily,
        if(sales_lines.currency = '{{ reporting_currency }}', 1.0, rates.rate_budget) as rate_budget
    from sales_lines
    left join rates
        on
            sales_lines.currency = rates.from_currency
            and sales_lines.invoice_date = rates.rate_date
),

versioned as (
    select
        rated.*,
        product_versions.product_key,
        product_versions.unit_cost
    from rated
    asof left join product_versions
        on rated.product_id = product_versions.product_id
        -- the version that holds at the end of the day
        and {{ business_midnight('rated.invoice_date + 1') }} > product_versions.known_from
),

valued as (
    select
        * exclude (product_key, unit_cost),
        coalesce(product_key, 'UNKNOWN') as product_key,
        cast(net_amount_document * rate_daily as decimal(18, 4)) as net_amount,
        cast(net_amount_document * rate_budget as decimal(18, 4)) as net_amount_budget_rate,
        cast(
            case
                when cost_amount_document is not null then cost_amount_document * rate_daily
                -- a credit without a return moves no goods
                when document_type = 'credit_note' and not is_return then 0
                else quantity * unit_cost
            end as decimal(18, 4)
        ) as cogs
    from versioned
)

select * from valued
