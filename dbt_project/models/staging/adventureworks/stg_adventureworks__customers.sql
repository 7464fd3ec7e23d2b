-- grain: customer: a person who buys on the internet, or a reseller
-- persons share one mail domain, which therefore identifies nobody and is left out
with

persons as (
    {{ current_rows(source('raw_files', 'dim_customer'), ['customer_key'], '_extracted_at') }}
),

resellers as (
    {{ current_rows(source('raw_files', 'dim_reseller'), ['reseller_key'], '_extracted_at') }}
),

geographies as (
    {{ current_rows(source('raw_files', 'dim_geography'), ['geography_key'], '_extracted_at') }}
),

unioned as (
    select
        customer_alternate_key as alternate_key,
        geography_key,
        concat_ws(' ', first_name, last_name) as customer_name,
        'person' as customer_type,
        'Consumer' as segment,
        cast(null as varchar) as industry,
        cast(date_first_purchase as timestamp) as created_at
    from persons
    union all by name
    select
        reseller_alternate_key as alternate_key,
        geography_key,
        reseller_name as customer_name,
        'reseller' as customer_type,
        business_type as segment,
        'Bicycle retail' as industry,
        make_timestamp(cast(year_opened as integer), 1, 1, 0, 0, 0) as created_at
    from resellers
),

renamed as (
    select
        'adventureworks:' || unioned.alternate_key as customer_source_id,
        unioned.customer_name,
        cast(null as varchar) as vat_no,
        cast(null as varchar) as domain,
        geographies.country_region_code as country,
        cast(null as varchar) as currency,
        unioned.industry,
        unioned.customer_type,
        unioned.segment,
        cast(null as varchar) as bill_to_id,
        false as is_intercompany,
        false as is_test,
        unioned.created_at,
        unioned.created_at as version_at,
        cast(null as timestamp) as deleted_at,
        geographies.country_region_code as ship_to_country,
        1 as version_no
    from unioned
    left join geographies on unioned.geography_key = geographies.geography_key
)

select * from renamed
