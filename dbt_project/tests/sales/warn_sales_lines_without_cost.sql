-- Lines whose cost of goods is unknown: their margin is NULL (M03) and they are counted here, never taken as 100 %.
{{ config(severity='warn') }}
select
    sales_line_id,
    product_key
from {{ ref('fct_sales') }}
where cogs is null
