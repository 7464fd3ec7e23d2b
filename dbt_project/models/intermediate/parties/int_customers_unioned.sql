-- grain: version of an ERP customer of any source
-- additive: nothing
with

customers as (
    {{ staged('customers') }}
)

select * from customers
