-- grain: product version
with

versions as (
    {{ row_versions(source('raw_erp', 'product'), ['sku'], 'updated_at', sequence='rowversion') }}
),

renamed as (
    select
        'erp:' || sku as product_id,
        sku,
        name as product_name,
        category,
        product_line,
        launch_date,
        end_date as discontinued_date,
        'erp:' || nullif(successor_sku, '') as successor_product_id,
        coalesce(is_bundle, false) as is_bundle,
        version_at,
        _deleted_at as deleted_at
    from versions
)

select * from renamed
