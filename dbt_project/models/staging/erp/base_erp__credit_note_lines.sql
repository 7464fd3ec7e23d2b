-- grain: credit-note line (current version), amounts and quantities negative
with

credit_notes as (
    {{ current_rows(
        source('raw_erp', 'credit_note'), ['credit_no'], 'updated_at', sequence='rowversion', with_deleted=true
    ) }}
),

lines as (
    {{ current_rows(
        source('raw_erp', 'credit_note_line'), ['credit_no', 'line_no'], 'updated_at', sequence='rowversion',
        with_deleted=true
    ) }}
),

originals as (
    select * from {{ ref('base_erp__invoice_lines') }}
),

joined as (
    select
        lines.credit_no,
        lines.line_no,
        originals.order_no,
        originals.order_line_no,
        lines.sku,
        -lines.quantity as quantity,
        -- credit notes are always net of tax, also those of the tax-inclusive channel
        -lines.line_amount as net_amount,
        originals.channel,
        coalesce(credit_notes.salesperson_no, originals.salesperson_no) as salesperson_no,
        credit_notes.* exclude (credit_no, net_amount, salesperson_no, _deleted_at),
        least(lines._deleted_at, credit_notes._deleted_at) as deleted_at
    from lines
    left join credit_notes on lines.credit_no = credit_notes.credit_no
    left join originals
        on
            credit_notes.original_invoice_no = originals.invoice_no
            and lines.original_invoice_line_no = originals.line_no
)

select * from joined
