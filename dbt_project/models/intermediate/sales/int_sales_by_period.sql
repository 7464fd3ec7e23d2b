-- grain: fiscal period × territory × product category × sales rep
-- additive: net_amount (reporting currency)
with

sales as (
    select * from {{ ref('int_sales_lines_valued') }}
),

assignments as (
    select * from {{ ref('int_sales_lines_assigned') }}
),

products as (
    select * from {{ ref('int_product_versions') }}
),

fiscal_calendar as (
    select * from {{ ref('int_fiscal_calendar') }}
),

summed as (
    select
        fiscal_calendar.fiscal_year,
        fiscal_calendar.fiscal_period_key,
        assignments.territory_id,
        coalesce(products.category, 'UNKNOWN') as product_category,
        assignments.sales_rep_id,
        sum(sales.net_amount) as net_amount
    from sales
    inner join assignments on sales.sales_line_id = assignments.sales_line_id
    inner join fiscal_calendar on sales.invoice_date = fiscal_calendar.date_day
    left join products on sales.product_key = products.product_key
    group by all
)

select * from summed
