-- grain: product × start date of a standard cost
with

versions as (
    select * from {{ ref('base_adventureworks__product_versions') }}
),

costs as (
    select
        product_id,
        cast(version_at as date) as valid_from,
        cast(standard_cost as decimal(18, 4)) as unit_cost,
        'USD' as currency
    from versions
    where standard_cost is not null
)

select * from costs
