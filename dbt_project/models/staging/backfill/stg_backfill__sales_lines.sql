-- grain: invoice or credit-note line (current version)
with

renamed as (
    {{ backfilled(
        'sales_lines', 'sales_line_id',
        needed=['sales_line_id', 'invoice_id', 'invoice_date', 'currency', 'net_amount_document'],
        defaults={
            'document_type': "'invoice'", 'posted_at': 'invoice_date', 'is_return': 'false', 'is_cancelled': 'false'
        }
    ) }}
)

select * from renamed
