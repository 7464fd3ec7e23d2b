-- grain: budget version × fiscal period × territory × category × rep, the lowest at which the version budgets
-- additive: actual_amount and prior_year_amount, within one version
-- a version that names a rep only here and there (a leaver, a vacancy) meets the sales of just those reps by rep
with

versions as (
    select * from {{ ref('int_budget_version_grains') }}
),

budget as (
    select * from {{ ref('int_budget_lines_resolved') }}
    where measure = 'net_revenue'
),

sales as (
    select * from {{ ref('int_sales_by_period') }}
),

named_sales_reps as (
    select distinct
        budget_version,
        territory_id,
        coalesce(product_category, 'UNALLOCATED') as product_category,
        sales_rep_id
    from budget
    where sales_rep_id <> 'UNALLOCATED'
),

version_sales as (
    select
        versions.budget_version,
        versions.always_sales_rep,
        -- last year's sales stand beside this year's
        sales.fiscal_period_key + 100 * (versions.fiscal_year - sales.fiscal_year) as fiscal_period_key,
        if(versions.has_territory, sales.territory_id, 'UNALLOCATED') as territory_id,
        if(versions.has_product_category, sales.product_category, 'UNALLOCATED') as product_category,
        sales.sales_rep_id,
        if(sales.fiscal_year = versions.fiscal_year, sales.net_amount, null) as actual_amount,
        if(sales.fiscal_year < versions.fiscal_year, sales.net_amount, null) as prior_year_amount
    from versions
    inner join sales on sales.fiscal_year in (versions.fiscal_year, versions.fiscal_year - 1)
),

summed as (
    select
        version_sales.budget_version,
        version_sales.fiscal_period_key,
        version_sales.territory_id,
        version_sales.product_category,
        if(
            version_sales.always_sales_rep, version_sales.sales_rep_id,
            coalesce(named_sales_reps.sales_rep_id, 'UNALLOCATED')
        ) as sales_rep_id,
        sum(version_sales.actual_amount) as actual_amount,
        sum(version_sales.prior_year_amount) as prior_year_amount
    from version_sales
    left join named_sales_reps
        on
            version_sales.budget_version = named_sales_reps.budget_version
            and version_sales.territory_id = named_sales_reps.territory_id
            and version_sales.product_category = named_sales_reps.product_category
            and version_sales.sales_rep_id = named_sales_reps.sales_rep_id
    group by all
)

select * from summed
