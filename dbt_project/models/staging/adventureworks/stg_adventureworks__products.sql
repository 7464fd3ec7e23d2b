-- grain: product version
with

versions as (
    select * from {{ ref('base_adventureworks__product_versions') }}
),

subcategories as (
    {{ current_rows(source('raw_files', 'dim_product_subcategory'), ['product_subcategory_key'], '_extracted_at') }}
),

categories as (
    {{ current_rows(source('raw_files', 'dim_product_category'), ['product_category_key'], '_extracted_at') }}
),

renamed as (
    select
        versions.product_id,
        versions.product_alternate_key as sku,
        versions.english_product_name as product_name,
        -- the warehouse's two levels: line above category
        subcategories.english_product_subcategory_name as category,
        categories.english_product_category_name as product_line,
        cast(min(versions.version_at) over (partition by versions.product_id) as date) as launch_date,
        cast(null as date) as discontinued_date,
        cast(null as varchar) as successor_product_id,
        false as is_bundle,
        versions.version_at,
        cast(null as timestamp) as deleted_at
    from versions
    left join subcategories on versions.product_subcategory_key = subcategories.product_subcategory_key
    left join categories on subcategories.product_category_key = categories.product_category_key
)

select * from renamed
