-- A credit note above zero would add revenue instead of taking it back. One line of it may be: that of a discount or a
-- down payment which the invoice had deducted.
select
    invoice_id,
    sum(net_amount_document) as net_amount_document
from {{ ref('fct_sales') }}
where document_type = 'credit_note'
group by invoice_id
having sum(net_amount_document) > 0
