-- grain: campaign
with campaigns as (
    {{ current_rows(source('raw_odoo_crm', 'utm_campaign'), ['id'], 'write_date') }}
),

renamed as (
    select
        'odoo_crm:' || id as campaign_id,
        {{ odoo_text('title') }} as campaign_name,
        cast(null as varchar) as channel,
        cast(null as date) as start_date,
        cast(null as date) as end_date,
        cast(null as decimal(18, 4)) as budget_amount
    from campaigns
)

select * from renamed
