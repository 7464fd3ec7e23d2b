-- grain: territory of a customer × period × what the warehouse knew of it
-- additive: nothing
with

versions as (
    {{ row_versions(source('raw_erp', 'customer'), ['customer_no'], 'updated_at', sequence='rowversion') }}
),

account_territories as (
    {{ named_account_territories('erp', 'versions', 'customer_no') }}
)

select * from account_territories
