-- grain: sales territory
with

territories as (
    {{ current_rows(source('raw_files', 'dim_sales_territory'), ['sales_territory_key'], '_extracted_at') }}
),

renamed as (
    select
        'adventureworks:' || sales_territory_key as territory_id,
        sales_territory_region as territory_name,
        sales_territory_group as region,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to
    from territories
)

select * from renamed
