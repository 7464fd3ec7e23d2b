-- A re-coded SKU must end at a product without a successor; these chains run in a circle.
select
    product_id,
    golden_product_id
from {{ ref('int_products_succeeded') }}
where chain_length >= 20
