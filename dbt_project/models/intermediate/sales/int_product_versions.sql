-- grain: SKU × validity; a version begins when the product's record or its cost changes
-- additive: nothing
with

products as (
    select
        *,
        -- what came before the first record is described by it
        if(
            row_number() over (partition by product_id order by version_at) = 1,
            timestamp '1900-01-01',
            version_at
        ) as known_from
    from {{ ref('int_products_unioned') }}
),

costs as (
    select
        product_id,
        unit_cost,
        {{ business_midnight('valid_from') }} as known_from
    from {{ ref('int_product_costs_converted') }}
),

change_points as (
    select
        product_id,
        version_at as valid_from
    from products
    union
    select
        costs.product_id,
        costs.known_from as valid_from
    from costs
    semi join products on costs.product_id = products.product_id
),

described as (
    select
        change_points.product_id,
        change_points.valid_from,
        products.* exclude (product_id, version_at, known_from),
        costs.unit_cost
    from change_points
    asof left join products
        on
            change_points.product_id = products.product_id
            and change_points.valid_from >= products.known_from
    asof left join costs
        on
            change_points.product_id = costs.product_id
            and change_points.valid_from >= costs.known_from
),

changed as (
    select *
    from described
    window by_time as (partition by product_id order by valid_from)
    qualify
        row_number() over by_time = 1
        or (
            sku, product_name, category, product_line, launch_date, discontinued_date, successor_product_id, is_bundle,
            unit_cost, deleted_at is null
        ) is distinct from lag((
            sku, product_name, category, product_line, launch_date, discontinued_date, successor_product_id, is_bundle,
            unit_cost, deleted_at is null
        )) over by_time
),

bounded as (
    select
        *,
        lead(valid_from) over (partition by product_id order by valid_from) as valid_to
    from changed
),

living as (
    select
        {{ surrogate_key(['product_id', 'valid_from']) }} as product_key,
        * exclude (deleted_at)
    from bounded
    where deleted_at is null
)

select * from living
