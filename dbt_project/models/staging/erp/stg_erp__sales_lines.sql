-- grain: invoice or credit-note line (current version)
{%- set shared %}
    sku,
    salesperson_no,
    customer_no,
    posted_at,
    issued_at,
    currency,
    quantity,
    net_amount,
    is_cancelled,
    cancelled_at,
    channel,
    order_no,
    order_line_no,
    line_no,
    deleted_at
{%- endset %}
with

invoice_lines as (
    select * from {{ ref('base_erp__invoice_lines') }}
),

credit_note_lines as (
    select * from {{ ref('base_erp__credit_note_lines') }}
),

unioned as (
    select
        'invoice' as document_type,
        invoice_no as document_no,
        cast(null as varchar) as original_invoice_no,
        invoice_date,
        cast(null as varchar) as credit_reason,
        {{ shared }}
    from invoice_lines
    union all by name
    select
        'credit_note' as document_type,
        credit_no as document_no,
        original_invoice_no,
        credit_date as invoice_date,
        upper(reason_code) as credit_reason,
        {{ shared }}
    from credit_note_lines
),

renamed as (
    select
        'erp:' || document_no || ':' || line_no as sales_line_id,
        document_type,
        'erp:' || document_no as invoice_id,
        'erp:' || original_invoice_no as original_invoice_id,
        'erp:' || order_no as order_id,
        'erp:' || order_no || ':' || order_line_no as order_line_id,
        'erp:' || customer_no as customer_source_id,
        'erp:' || sku as product_id,
        'erp:' || salesperson_no as source_sales_rep_id,
        cast(null as varchar) as territory_id,
        invoice_date,
        coalesce(posted_at, issued_at) as posted_at,
        currency,
        quantity,
        cast(net_amount as decimal(18, 4)) as net_amount_document,
        cast(null as decimal(18, 4)) as cost_amount_document,
        coalesce(credit_reason = 'RETURN', false) as is_return,
        coalesce(is_cancelled, false) or cancelled_at is not null as is_cancelled,
        credit_reason,
        channel,
        deleted_at
    from unioned
)

select * from renamed
