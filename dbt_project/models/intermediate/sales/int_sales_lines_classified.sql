-- grain: invoice or credit-note line of any source
-- additive: amounts within one currency; net revenue (M01) counts the lines whose exclusion_reason is NULL
with

sales_lines as (
    select * from {{ ref('int_sales_lines_unioned') }}
),

customers as (
    select * from {{ ref('int_customers_flagged') }}
),

documents_left_out as (
    select * from {{ ref('int_sales_documents_cut_over') }}
),

classified as (
    select
        sales_lines.*,
        case
            when sales_lines.deleted_at is not null then 'deleted'
            when sales_lines.invoice_date is null then 'no_document'
            when documents_left_out.exclusion_reason is not null then documents_left_out.exclusion_reason
            when sales_lines.is_cancelled then 'cancelled'
            when customers.is_intercompany then 'intercompany'
            when customers.is_test then 'test_customer'
        end as exclusion_reason
    from sales_lines
    left join customers on sales_lines.customer_source_id = customers.customer_source_id
    left join documents_left_out
        on
            sales_lines.invoice_id = documents_left_out.invoice_id
            and sales_lines.document_type = documents_left_out.document_type
)

select * from classified
