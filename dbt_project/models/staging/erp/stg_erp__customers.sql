-- grain: customer version
with

versions as (
    {{ row_versions(source('raw_erp', 'customer'), ['customer_no'], 'updated_at', sequence='rowversion') }}
),

renamed as (
    select
        'erp:' || customer_no as customer_source_id,
        name as customer_name,
        vat_no,
        lower(nullif(split_part(email, '@', 2), '')) as domain,
        country,
        currency,
        cast(null as varchar) as industry,
        cast(null as varchar) as customer_type,
        cast(null as varchar) as segment,
        'erp:' || bill_to_no as bill_to_id,
        coalesce(is_intercompany, false) as is_intercompany,
        coalesce(is_test, false) as is_test,
        created_at,
        version_at,
        _deleted_at as deleted_at,
        coalesce(ship_to_country, country) as ship_to_country,
        version_no
    from versions
)

select * from renamed
