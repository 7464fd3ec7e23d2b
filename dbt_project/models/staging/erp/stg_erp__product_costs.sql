-- grain: product × start of validity
with

costs as (
    {{ current_rows(source('raw_erp', 'product_cost'), ['sku', 'valid_from'], 'updated_at', sequence='rowversion') }}
),

renamed as (
    select
        'erp:' || sku as product_id,
        valid_from,
        unit_cost,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency
    from costs
)

select * from renamed
