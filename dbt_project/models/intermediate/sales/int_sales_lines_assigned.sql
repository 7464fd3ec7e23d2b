-- grain: invoice or credit-note line that counts as net revenue (M01)
-- additive: nothing; says who bought (customer_id), who sold (sales_rep_id) and where (territory_id, as-was)
with

sales_lines as (
    select
        sales_line_id,
        customer_source_id,
        source_sales_rep_id,
        territory_id,
        invoice_date
    from {{ ref('int_sales_lines_classified') }}
    where exclusion_reason is null
),

customers as (
    select * from {{ ref('int_customers_resolved') }}
),

links as (
    select * from {{ ref('int_sales_rep_links_unioned') }}
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('int_sales_rep_versions') }}
),

account_territories as (
    select * from {{ ref('int_account_territories_resolved') }}
),

rep_territories as (
    select * from {{ ref('int_sales_rep_territories_summed') }}
),

identified as (
    select
        sales_lines.sales_line_id,
        sales_lines.invoice_date,
        sales_lines.territory_id,
        coalesce(customers.customer_id, 'UNKNOWN') as customer_id,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id
    from sales_lines
    left join customers on sales_lines.customer_source_id = customers.source_customer_id
    left join links on sales_lines.source_sales_rep_id = links.source_sales_rep_id
    left join sales_reps on coalesce(links.sales_rep_id, sales_lines.source_sales_rep_id) = sales_reps.sales_rep_id
),

by_customer as (
    select
        identified.sales_line_id,
        min(account_territories.territory_id) as territory_id
    from identified
    inner join account_territories
        on
            identified.customer_id = account_territories.customer_id
            and identified.invoice_date >= account_territories.valid_from
            and identified.invoice_date < coalesce(account_territories.valid_to, date '9999-12-31')
    where account_territories.recorded_to is null
    group by identified.sales_line_id
),

by_sales_rep as (
    select
        identified.sales_line_id,
        rep_territories.territory_id
    from identified
    inner join rep_territories
        on
            identified.sales_rep_id = rep_territories.sales_rep_id
            and identified.invoice_date >= rep_territories.valid_from
            and identified.invoice_date < coalesce(rep_territories.valid_to, date '9999-12-31')
    where rep_territories.recorded_to is null
    qualify
        row_number() over (
            partition by identified.sales_line_id
            order by rep_territories.share_ratio desc, rep_territories.territory_id asc
        ) = 1
),

assigned as (
    select
        identified.sales_line_id,
        identified.customer_id,
        identified.sales_rep_id,
        coalesce(
            identified.territory_id, by_customer.territory_id, by_sales_rep.territory_id, 'UNKNOWN'
        ) as territory_id
    from identified
    left join by_customer on identified.sales_line_id = by_customer.sales_line_id
    left join by_sales_rep on identified.sales_line_id = by_sales_rep.sales_line_id
)

select * from assigned
