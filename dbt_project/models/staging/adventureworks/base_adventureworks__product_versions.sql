-- grain: product × start date; the files' own end dates lie before their start dates and are not used
with

products as (
    {{ current_rows(source('raw_files', 'dim_product'), ['product_key'], '_extracted_at') }}
),

dated as (
    select
        *,
        'adventureworks:' || product_alternate_key as product_id,
        coalesce(try_cast(start_date as timestamp), timestamp '1900-01-01') as version_at
    from products
    qualify
        row_number() over (
            partition by product_alternate_key, version_at order by cast(product_key as integer) desc
        ) = 1
)

select * from dated
