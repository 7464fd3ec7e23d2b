-- grain: line of a customer invoice, receipt or credit note that was ever posted (current version)
-- sections and notes are no lines; quantities are in the product's own unit of measure
with

documents as (
    select * from {{ ref('base_odoo__documents') }}
),

lines as (
    {{ current_rows(source('raw_odoo', 'account_move_line'), ['id'], 'write_date', with_deleted=true) }}
),

order_links as (
    {{ current_rows(
        source('raw_odoo', 'sale_order_line_invoice_rel'), ['invoice_line_id', 'order_line_id'], '_extracted_at'
    ) }}
),

-- a line that bills several order lines belongs to the first
first_orders as (
    select *
    from order_links
    qualify row_number() over (partition by invoice_line_id order by order_line_id) = 1
),

products as (
    {{ current_rows(source('raw_odoo', 'product_product'), ['id'], 'write_date', with_deleted=true) }}
),

templates as (
    {{ current_rows(source('raw_odoo', 'product_template'), ['id'], 'write_date', with_deleted=true) }}
),

units as (
    {{ current_rows(source('raw_odoo', 'uom_uom'), ['id'], 'write_date', with_deleted=true) }}
),

teams as (
    {{ current_rows(source('raw_odoo', 'crm_team'), ['id'], 'write_date', with_deleted=true) }}
),

joined as (
    select
        documents.*,
        lines.id as line_id,
        lines.product_id,
        first_orders.order_id,
        first_orders.order_line_id,
        templates.type as product_type,
        cast(lines.quantity as double)
        * coalesce(cast(product_units.factor as double) / cast(line_units.factor as double), 1) as quantity,
        cast(lines.price_subtotal as decimal(18, 4)) as net_amount,
        {{ odoo_text('teams.name') }} as team_name,
        least(lines._deleted_at, documents.deleted_at) as line_deleted_at
    from lines
    inner join documents on lines.move_id = documents.document_id
    left join first_orders on lines.id = first_orders.invoice_line_id
    left join products on lines.product_id = products.id
    left join templates on products.product_tmpl_id = templates.id
    left join units as line_units on lines.product_uom_id = line_units.id
    left join units as product_units on templates.uom_id = product_units.id
    left join teams on documents.team_id = teams.id
    where lines.display_type = 'product'
),

renamed as (
    select
        'odoo:' || document_id || ':' || line_id as sales_line_id,
        document_type,
        'odoo:' || document_id as invoice_id,
        'odoo:' || reversed_entry_id as original_invoice_id,
        'odoo:' || order_id as order_id,
        'odoo:' || order_line_id as order_line_id,
        'odoo:' || coalesce(cast(commercial_partner_id as varchar), 'none') as customer_source_id,
        'odoo:' || coalesce(cast(product_id as varchar), 'none') as product_id,
        'odoo:' || invoice_user_id as source_sales_rep_id,
        cast(null as varchar) as territory_id,
        invoice_date,
        -- Odoo keeps no moment of posting
        cast(null as timestamp) as posted_at,
        currency,
        cast(direction * quantity as decimal(18, 4)) as quantity,
        cast(direction * net_amount as decimal(18, 4)) as net_amount_document,
        cast(null as decimal(18, 4)) as cost_amount_document,
        -- Odoo does not say whether goods came back; like its own margin, a credit of goods is read as their return
        document_type = 'credit_note' and coalesce(product_type <> 'service', false) as is_return,
        is_cancelled,
        cast(null as varchar) as credit_reason,
        team_name as channel,
        line_deleted_at as deleted_at
    from joined
)

select * from renamed
