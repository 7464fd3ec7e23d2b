-- grain: territory × period of one name and region, of any source or only of a budget
-- additive: nothing
-- a budget may name a territory that no source knows: it is a member too, so that no number is lost
with

territories as (select * from {{ ref('int_territories_unioned') }}),

budget_lines as (select * from {{ ref('int_budget_lines_unioned') }}),

inferred as (
    select
        'budget:' || lower(trim(territory_name)) as territory_id,
        min(trim(territory_name)) as territory_name,
        cast(null as varchar) as region,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to
    from budget_lines
    where
        trim(territory_name) <> ''
        and lower(trim(territory_name)) not in (
            select lower(trim(territories.territory_name)) from territories
            where territories.territory_name is not null
        )
    group by lower(trim(territory_name))
),

completed as (
    select * from territories
    union all by name
    select * from inferred
)

select * from completed
