-- grain: territory of a company × period × what the warehouse knew of it
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_hubspot', 'companies'), ['id'], hubspot_stamp()) }}
),

account_territories as (
    {{ named_account_territories('hubspot', 'versions', 'id') }}
)

select * from account_territories
