-- grain: territory that a customer is or was in, known by its name
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_erp', 'customer'), ['customer_no'], 'updated_at', sequence='rowversion') }}
),

territories as (
    {{ named_territories('erp', 'versions', 'customer_no') }}
)

select * from territories
