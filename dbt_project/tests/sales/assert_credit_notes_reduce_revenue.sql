-- A credit note line above zero would add revenue instead of taking it back.
select
    sales_line_id,
    net_amount_document
from {{ ref('fct_sales') }}
where document_type = 'credit_note' and net_amount_document > 0
