-- grain: customer invoice, receipt or credit note that was ever posted (current version)
-- a draft is no document yet, or none any more; what was cancelled as a draft never was one
with

moves as (
    {{ current_rows(source('raw_odoo', 'account_move'), ['id'], 'write_date', with_deleted=true) }}
),

currencies as (
    {{ current_rows(source('raw_odoo', 'res_currency'), ['id'], 'write_date', with_deleted=true) }}
),

documents as (
    select
        moves.id as document_id,
        if(moves.move_type = 'out_refund', 'credit_note', 'invoice') as document_type,
        -- Odoo writes what a refund gives back as positive numbers
        if(moves.move_type = 'out_refund', -1, 1) as direction,
        cast(moves.amount_untaxed as decimal(18, 4)) as amount_untaxed,
        moves.reversed_entry_id,
        moves.commercial_partner_id,
        moves.invoice_user_id,
        moves.team_id,
        coalesce(moves.invoice_date, moves.date) as invoice_date,
        currencies.name as currency,
        moves.state = 'cancel' as is_cancelled,
        moves._deleted_at as deleted_at
    from moves
    left join currencies on moves.currency_id = currencies.id
    where
        moves.move_type in ('out_invoice', 'out_receipt', 'out_refund')
        and (moves.state = 'posted' or (moves.state = 'cancel' and moves.posted_before))
)

select * from documents
