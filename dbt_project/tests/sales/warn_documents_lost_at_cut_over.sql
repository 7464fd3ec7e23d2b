-- Documents that the cut-over leaves out although the other system does not hold them: nobody counts them. Either the
-- file of the older system is not complete, or the cut-over has another date.
{{ config(severity='warn') }}
select
    invoice_id,
    document_type,
    exclusion_reason
from {{ ref('int_sales_documents_cut_over') }}
where not is_delivered_twice
