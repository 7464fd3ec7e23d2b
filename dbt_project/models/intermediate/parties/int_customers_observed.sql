-- grain: golden customer that ever did or lost anything
-- additive: nothing; what the sales lines, activities and deals up to the clock say about a customer
with

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

sales_lines as (
    select
        lines.sales_line_id,
        lines.invoice_id,
        lines.document_type,
        lines.invoice_date,
        lines.net_amount_document,
        assigned.customer_id,
        assigned.territory_id
    from {{ ref('int_sales_lines_classified') }} as lines
    inner join {{ ref('int_sales_lines_assigned') }} as assigned on lines.sales_line_id = assigned.sales_line_id
    inner join clock on lines.invoice_date <= clock.today
    where lines.exclusion_reason is null
),

activities as (select * from {{ ref('int_activities_dated') }}),

opportunities as (
    select
        enriched.customer_id,
        enriched.opportunity_id,
        enriched.loss_reason,
        outcomes.outcome,
        outcomes.closed_at
    from {{ ref('int_opportunities_enriched') }} as enriched
    inner join {{ ref('int_opportunity_outcomes') }} as outcomes on enriched.opportunity_id = outcomes.opportunity_id
),

invoices as (
    select
        customer_id,
        invoice_id,
        min(invoice_date) as invoice_date
    from sales_lines
    where document_type = 'invoice'
    group by customer_id, invoice_id
    having sum(net_amount_document) > 0
),

orders as (
    select
        customer_id,
        min(invoice_date) as first_order_date,
        max(invoice_date) as last_order_date
    from invoices
    group by customer_id
),

sold_in as (
    select
        customer_id,
        territory_id as last_sold_territory_id
    from sales_lines
    where territory_id <> 'UNKNOWN'
    qualify row_number() over (partition by customer_id order by invoice_date desc, sales_line_id desc) = 1
),

contacts as (
    select
        customer_id,
        max(activity_at) as last_activity_at
    from activities
    group by customer_id
),

losses as (
    select
        customer_id,
        {{ slug('loss_reason') }} as last_loss_reason_id
    from opportunities
    where outcome = 'lost'
    qualify row_number() over (partition by customer_id order by closed_at desc nulls last, opportunity_id desc) = 1
),

customers as (
    select customer_id from orders
    union
    select customer_id from sold_in
    union
    select customer_id from contacts
    union
    select customer_id from losses
),

observed as (
    select
        customers.customer_id,
        orders.first_order_date,
        orders.last_order_date,
        contacts.last_activity_at,
        losses.last_loss_reason_id,
        sold_in.last_sold_territory_id
    from customers
    left join orders on customers.customer_id = orders.customer_id
    left join contacts on customers.customer_id = contacts.customer_id
    left join losses on customers.customer_id = losses.customer_id
    left join sold_in on customers.customer_id = sold_in.customer_id
)

select * from observed
