-- grain: territory that a company is or was in, known by its name
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'companies'), ['id'], hubspot_stamp()) }}
),

territories as (
    select
        'hubspot:' || {{ hubspot_territory() }} as territory_id,
        arg_max(trim(territory), (version_at, id)) as territory_name,
        cast(null as varchar) as region,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to
    from versions
    where {{ hubspot_territory() }} is not null
    group by {{ hubspot_territory() }}
)

select * from territories
