-- grain: invoice or credit-note line that counts as net revenue (M01); the others are in int_sales_lines_excluded
-- additive: net_amount, net_amount_budget_rate and cogs over everything; net_amount_document within one currency,
-- quantity within one product
with

valued_lines as (
    select * from {{ ref('int_sales_lines_valued') }}
),

assignments as (
    select * from {{ ref('int_sales_lines_assigned') }}
),

customer_versions as (
    select
        customer_id,
        customer_key,
        -- the first version also covers what came before it was known
        if(
            row_number() over (partition by customer_id order by valid_from) = 1,
            timestamp '1900-01-01',
            valid_from
        ) as known_from
    from {{ ref('dim_customer') }}
),

assigned_lines as (
    select
        valued_lines.* exclude (territory_id),
        assignments.customer_id,
        assignments.sales_rep_id,
        assignments.territory_id,
        {{ business_midnight('valued_lines.invoice_date + 1') }} as end_of_day
    from valued_lines
    inner join assignments on valued_lines.sales_line_id = assignments.sales_line_id
),

final as (
    select
        assigned_lines.sales_line_id,
        assigned_lines.document_type,
        assigned_lines.invoice_id,
        assigned_lines.order_line_id,
        assigned_lines.invoice_date,
        customer_versions.customer_key,
        assigned_lines.customer_id,
        assigned_lines.product_key,
        assigned_lines.sales_rep_id,
        assigned_lines.territory_id,
        cast(null as varchar) as campaign_id,
        assigned_lines.quantity,
        assigned_lines.currency,
        assigned_lines.net_amount_document,
        assigned_lines.net_amount,
        assigned_lines.net_amount_budget_rate,
        assigned_lines.cogs,
        assigned_lines.is_return,
        -- a source that keeps no moment of posting is taken to post on the day
        coalesce(assigned_lines.posted_at, cast(assigned_lines.invoice_date as timestamp)) as posted_at
    from assigned_lines
    asof left join customer_versions
        on
            assigned_lines.customer_id = customer_versions.customer_id
            and assigned_lines.end_of_day > customer_versions.known_from
)

select * from final
