-- The head of an ERP document states a net amount of its own; its lines must add up to it within a cent. A gap is
-- the first sign of a lost line or of a wrong reading of tax.
{{ config(severity='warn', enabled='erp' in var('mappings')) }}
with

heads as (
    select
        invoice_no as document_no,
        net_amount
    from ({{ current_rows(source('raw_erp', 'invoice'), ['invoice_no'], 'updated_at', sequence='rowversion') }})
    union all
    select
        credit_no as document_no,
        -net_amount as net_amount
    from ({{ current_rows(source('raw_erp', 'credit_note'), ['credit_no'], 'updated_at', sequence='rowversion') }})
),

lines as (
    select
        split_part(invoice_id, ':', 2) as document_no,
        sum(net_amount_document) as net_amount
    from {{ ref('stg_erp__sales_lines') }}
    where deleted_at is null
    group by split_part(invoice_id, ':', 2)
)

select
    heads.document_no,
    heads.net_amount as head_amount,
    lines.net_amount as line_amount
from heads
left join lines on heads.document_no = lines.document_no
where abs(heads.net_amount - coalesce(lines.net_amount, 0)) > 0.01
