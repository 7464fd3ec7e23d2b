-- Documents that both sides of a cut-over deliver; each counts once, and this is how many there are.
{{ config(severity='warn') }}
select
    invoice_id,
    document_type,
    exclusion_reason
from {{ ref('int_sales_documents_cut_over') }}
where is_delivered_twice
