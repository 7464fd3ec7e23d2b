-- grain: territory × period of one name and region, and one UNKNOWN member
-- additive: nothing
with

territories as (select * from {{ ref('int_territories_completed') }}),

members as (
    select
        territory_id,
        territory_name,
        coalesce(region, 'UNKNOWN') as region,
        valid_from,
        valid_to
    from territories
    union all
    select
        'UNKNOWN' as territory_id,
        'Unknown' as territory_name,
        'UNKNOWN' as region,
        date '1900-01-01' as valid_from,
        null as valid_to
)

select * from members
