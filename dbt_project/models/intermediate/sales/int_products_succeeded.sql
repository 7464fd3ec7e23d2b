-- grain: product (every SKU ever seen)
-- additive: nothing; golden_product_id is the end of the chain of successors of a re-coded SKU, else the product itself
with recursive

products as (
    select
        product_id,
        successor_product_id
    from {{ ref('int_products_unioned') }}
    qualify row_number() over (partition by product_id order by version_at desc, deleted_at asc nulls first) = 1
),

-- depth ends a circle of successors, which a test reports
chain as (
    select
        product_id,
        product_id as golden_product_id,
        successor_product_id,
        0 as depth
    from products
    union all
    select
        chain.product_id,
        products.product_id as golden_product_id,
        products.successor_product_id,
        chain.depth + 1 as depth
    from chain
    inner join products on chain.successor_product_id = products.product_id
    where chain.depth < 20
),

resolved as (
    select
        product_id,
        arg_max(golden_product_id, depth) as golden_product_id,
        max(depth) as chain_length
    from chain
    group by product_id
)

select * from resolved
