-- grain: SKU × validity (SCD2); re-coded SKUs share the product_id of their last successor
-- additive: nothing; unit_cost is per unit, in the reporting currency
with

versions as (
    select * from {{ ref('int_product_versions') }}
),

successions as (
    select * from {{ ref('int_products_succeeded') }}
),

unknown_member as (
    select
        'UNKNOWN' as product_key,
        'UNKNOWN' as product_id,
        'UNKNOWN' as sku,
        'Unknown' as product_name,
        'UNKNOWN' as category,
        'UNKNOWN' as product_line,
        cast(null as decimal(18, 4)) as unit_cost,
        cast(null as date) as launch_date,
        cast(null as date) as discontinued_date,
        timestamp '1900-01-01' as valid_from,
        cast(null as timestamp) as valid_to,
        true as is_current
),

final as (
    select
        versions.product_key,
        successions.golden_product_id as product_id,
        versions.sku,
        versions.product_name,
        coalesce(versions.category, 'UNKNOWN') as category,
        coalesce(versions.product_line, 'UNKNOWN') as product_line,
        versions.unit_cost,
        versions.launch_date,
        versions.discontinued_date,
        versions.valid_from,
        versions.valid_to,
        -- one current row per product_id: that of the SKU under which it is sold today
        versions.valid_to is null and versions.product_id = successions.golden_product_id as is_current
    from versions
    inner join successions on versions.product_id = successions.product_id
    union all by name
    select * from unknown_member
)

select * from final
