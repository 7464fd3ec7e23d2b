-- grain: activity that was done, or e-mail, on a lead, a deal or a partner
-- what is only planned is none
with messages as (
    {{ current_rows(source('raw_odoo_crm', 'crm_message'), ['id'], 'write_date') }}
),

deals as (
    select * from {{ ref('base_odoo_crm__deals') }}
    qualify row_number() over (partition by id order by version_no desc) = 1
),

partners as (
    {{ current_rows(source('raw_odoo', 'res_partner'), ['id'], 'write_date', with_deleted=true) }}
),

users as (
    {{ current_rows(source('raw_odoo', 'res_users'), ['id'], 'write_date', with_deleted=true) }}
),

-- a partner may have had several users
authors as (
    select
        partner_id,
        max(id) as user_id
    from users
    group by partner_id
),

renamed as (
    select
        'odoo_crm:' || messages.id as activity_id,
        messages.date as activity_at,
        lower(coalesce({{ odoo_text('messages.activity_type') }}, messages.message_type)) as activity_type,
        'odoo:' || authors.user_id as owner_id,
        'odoo:' || coalesce(deals.commercial_partner_id, partners.commercial_partner_id, partners.id) as account_id,
        if(deals.is_deal, 'odoo_crm:' || deals.id, null) as opportunity_id,
        cast(null as integer) as duration_minutes
    from messages
    left join deals on messages.model = 'crm.lead' and messages.res_id = deals.id
    left join partners on messages.model = 'res.partner' and messages.res_id = partners.id
    left join authors on messages.author_id = authors.partner_id
)

select * from renamed
