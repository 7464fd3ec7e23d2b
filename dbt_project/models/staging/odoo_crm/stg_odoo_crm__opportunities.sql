-- grain: version of a deal
with deals as (
    select * from {{ ref('base_odoo_crm__deals') }}
    where is_deal
),

renamed as (
    select
        'odoo_crm:' || id as opportunity_id,
        name as opportunity_name,
        team_name as pipeline_id,
        'odoo:' || commercial_partner_id as account_id,
        'odoo:' || user_id as owner_id,
        cast(expected_revenue as decimal(18, 4)) as amount_document,
        currency,
        if(is_lost, '{{ odoo_lost_stage() }}', stage_label) as stage_name,
        probability / 100 as probability,
        cast(null as varchar) as forecast_category,
        date_deadline as close_date,
        source_name,
        'odoo_crm:' || campaign_id as campaign_id,
        cast(null as varchar) as next_step,
        lost_reason as loss_reason,
        cast(null as varchar) as competitor,
        is_lost or is_won_stage as is_closed,
        is_won_stage and not is_lost as is_won,
        cast(null as varchar) as merged_into_id,
        deal_created_at as created_at,
        -- Odoo records no changes of the expected closing
        false as is_close_date_history_known,
        version_at,
        version_no,
        _deleted_at as deleted_at
    from deals
)

select * from renamed
