-- grain: budget version × fiscal year that it budgets
-- additive: nothing; says at which levels the version speaks: at least once (has_…) or always (always_…)
with

budget as (
    select * from {{ ref('int_budget_lines_resolved') }}
    where measure = 'net_revenue'
),

grains as (
    select distinct
        budget_version,
        fiscal_year,
        bool_or(territory_id <> 'UNALLOCATED') over version as has_territory,
        bool_or(product_category is not null) over version as has_product_category,
        bool_and(sales_rep_id <> 'UNALLOCATED') over version as always_sales_rep
    from budget
    window version as (partition by budget_version)
)

select * from grains
