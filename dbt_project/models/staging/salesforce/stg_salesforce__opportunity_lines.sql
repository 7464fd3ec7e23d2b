-- grain: version of a product line of a deal
with lines as (
    {{ row_versions(source('raw_salesforce', 'opportunity_line_item'), ['id'], 'system_modstamp') }}
),

products as (
    {{ current_rows(source('raw_salesforce', 'product2'), ['id'], 'system_modstamp', with_deleted=true) }}
),

renamed as (
    select
        'salesforce:' || lines.id as opportunity_line_id,
        'salesforce:' || lines.opportunity_id as opportunity_id,
        coalesce(lines.product_code, products.product_code) as sku,
        lines.quantity,
        lines.total_price as amount_document,
        lines.version_at,
        lines.version_no,
        coalesce(lines._deleted_at, case when lines.is_deleted then lines.version_at end) as deleted_at
    from lines
    left join products on lines.product2_id = products.id
    where lines.opportunity_id is not null
)

select * from renamed
