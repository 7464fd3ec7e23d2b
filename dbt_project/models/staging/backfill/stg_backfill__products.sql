-- grain: product version
with

renamed as (
    {{ backfilled('products', 'product_id', defaults={'is_bundle': 'false'}, versions=true) }}
)

select * from renamed
