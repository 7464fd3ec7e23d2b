-- Customers and products that sales lines name and no mapping delivers: their sales stand at UNKNOWN. Each is told with
-- the number of its lines, one of them, and how to mend it.
{{ config(severity='warn') }}
with

sales_lines as (
    select * from {{ ref('int_sales_lines_classified') }}
    where exclusion_reason is null
),

customers as (
    select * from {{ ref('int_customers_resolved') }}
),

product_versions as (
    select * from {{ ref('int_product_versions') }}
),

named as (
    select
        customer_source_id as unknown_id,
        'customer' as kind,
        sales_line_id
    from sales_lines
    where customer_source_id not in (select customers.source_customer_id from customers)
    union all
    select
        product_id as unknown_id,
        'product' as kind,
        sales_line_id
    from sales_lines
    where product_id not in (select product_versions.product_id from product_versions)
),

final as (
    select
        unknown_id,
        kind,
        count(*) as sales_lines,
        min(sales_line_id) as one_of_them,
        'Deliver this ' || kind || ', or let the line name the id under which another mapping has it.' as remedy
    from named
    group by unknown_id, kind
)

select * from final
