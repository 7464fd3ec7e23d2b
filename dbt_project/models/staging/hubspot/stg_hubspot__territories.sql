-- grain: territory that a company is or was in, known by its name
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'companies'), ['id'], hubspot_stamp()) }}
),

territories as (
    {{ named_territories('hubspot', 'versions', 'id') }}
)

select * from territories
