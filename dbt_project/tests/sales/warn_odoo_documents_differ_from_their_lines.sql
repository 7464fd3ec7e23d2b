-- The head of an Odoo document states a net amount of its own; its lines must add up to it, but for what rounding to
-- coins adds. A gap is the first sign of a lost line.
{{ config(severity='warn', enabled='odoo' in var('mappings')) }}
with

documents as (
    select * from {{ ref('base_odoo__documents') }}
    where deleted_at is null
),

lines as (
    select
        invoice_id,
        sum(net_amount_document) as net_amount
    from {{ ref('stg_odoo__sales_lines') }}
    where deleted_at is null
    group by invoice_id
)

select
    documents.document_id,
    documents.direction * documents.amount_untaxed as head_amount,
    lines.net_amount as line_amount
from documents
left join lines on 'odoo:' || documents.document_id = lines.invoice_id
where abs(documents.direction * documents.amount_untaxed - coalesce(lines.net_amount, 0)) > 0.05
