-- grain: version of a line item of a deal
with versions as (
    {{ row_versions(source('raw_hubspot', 'line_items'), ['id'], hubspot_stamp()) }}
),

products as (
    {{ current_rows(source('raw_hubspot', 'products'), ['id'], hubspot_stamp(), with_deleted=true) }}
),

links as (
    select * from {{ ref('base_hubspot__links') }}
    where from_object_type = 'line_items' and to_object_type = 'deals'
),

renamed as (
    select
        'hubspot:' || versions.id as opportunity_line_id,
        'hubspot:' || links.to_object_id as opportunity_id,
        coalesce(versions.hs_sku, products.hs_sku) as sku,
        versions.quantity,
        versions.amount as amount_document,
        versions.version_at,
        versions.version_no,
        coalesce(versions.archived_at, versions._deleted_at) as deleted_at
    from versions
    inner join links on versions.id = links.from_object_id
    left join products on versions.hs_product_id = products.id
)

select * from renamed
