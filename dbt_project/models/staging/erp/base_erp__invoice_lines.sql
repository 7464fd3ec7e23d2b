-- grain: invoice line (current version), with the heads' attributes; a line without a head keeps NULL dates
with

invoices as (
    {{ current_rows(
        source('raw_erp', 'invoice'), ['invoice_no'], 'updated_at', sequence='rowversion', with_deleted=true
    ) }}
),

lines as (
    {{ current_rows(
        source('raw_erp', 'invoice_line'), ['invoice_no', 'line_no'], 'updated_at', sequence='rowversion',
        with_deleted=true
    ) }}
),

joined as (
    select
        lines.invoice_no,
        lines.line_no,
        lines.order_no,
        lines.order_line_no,
        lines.sku,
        lines.quantity,
        -- amounts of the tax-inclusive channel are brought to net
        case
            when invoices.prices_include_tax then lines.line_amount / (1 + coalesce(lines.tax_rate, 0))
            else lines.line_amount
        end as net_amount,
        invoices.* exclude (invoice_no, net_amount, _deleted_at),
        least(lines._deleted_at, invoices._deleted_at) as deleted_at
    from lines
    left join invoices on lines.invoice_no = invoices.invoice_no
)

select * from joined
