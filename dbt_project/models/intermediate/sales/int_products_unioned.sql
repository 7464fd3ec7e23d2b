-- grain: product version
-- additive: nothing
with

products as (
    {{ staged('products') }}
)

select * from products
