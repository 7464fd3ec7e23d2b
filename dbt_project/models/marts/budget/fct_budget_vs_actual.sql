-- grain: version × fiscal period × territory × category × rep (full outer: budget, actual or prior year)
-- additive: the amounts, within one budget_version; never the ratios
-- actuals are NULL in periods that have not begun; a missing budget counts as 0 in the variance and is no denominator
with

budget as (
    select * from {{ ref('fct_budget') }}
    where measure = 'net_revenue'
),

version_sales as (
    select * from {{ ref('int_sales_by_budget_version') }}
),

periods as (
    select distinct
        fiscal_period_key,
        fiscal_period_start,
        fiscal_period_start <= (select {{ business_date('as_of_ts') }} from {{ ref('clock') }}) as has_begun
    from {{ ref('int_fiscal_calendar') }}
),

territories as (
    select
        territory_id,
        region,
        -- the first version also describes what came before it, and each one lasts until the next
        if(row_number() over by_time = 1, date '1900-01-01', valid_from) as known_from,
        lead(valid_from, 1, date '9999-12-31') over by_time as known_to
    from {{ ref('dim_territory') }}
    window by_time as (partition by territory_id order by valid_from)
),

all_amounts as (
    select * from version_sales
    union all by name
    select
        budget_version,
        fiscal_period_key,
        territory_id,
        product_category,
        sales_rep_id,
        amount as budget_amount
    from budget
),

summed as (
    select
        budget_version,
        fiscal_period_key,
        territory_id,
        product_category,
        sales_rep_id,
        sum(actual_amount) as actual_amount,
        sum(budget_amount) as budget_amount,
        sum(prior_year_amount) as prior_year_amount
    from all_amounts
    group by budget_version, fiscal_period_key, territory_id, product_category, sales_rep_id
),

placed as (
    select
        summed.* exclude (actual_amount),
        periods.fiscal_period_start,
        if(periods.has_begun, coalesce(summed.actual_amount, 0), null) as actual_amount
    from summed
    inner join periods on summed.fiscal_period_key = periods.fiscal_period_key
),

final as (
    select
        placed.fiscal_period_key,
        coalesce(territories.region, placed.territory_id) as region,
        placed.territory_id,
        placed.product_category,
        placed.sales_rep_id,
        placed.budget_version,
        cast(placed.actual_amount as decimal(18, 4)) as actual_amount,
        cast(placed.budget_amount as decimal(18, 4)) as budget_amount,
        cast(placed.actual_amount - coalesce(placed.budget_amount, 0) as decimal(18, 4)) as variance_amount,
        cast(placed.actual_amount - placed.budget_amount as double)
        / nullif(abs(placed.budget_amount), 0) as variance_ratio,
        cast(placed.actual_amount as double) / nullif(placed.budget_amount, 0) as attainment_ratio,
        cast(placed.prior_year_amount as decimal(18, 4)) as prior_year_amount,
        cast(null as decimal(18, 4)) as forecast_amount
    from placed
    left join territories
        on
            placed.territory_id = territories.territory_id
            and placed.fiscal_period_start >= territories.known_from
            and placed.fiscal_period_start < territories.known_to
)

select * from final
