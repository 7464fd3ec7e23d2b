-- grain: stage that a deal has entered, its beginning included
-- Odoo tracks the stage, and apart from it whether the deal is archived, which is lost
with tracked as (
    {{ current_rows(source('raw_odoo_crm', 'crm_lead_tracking'), ['id'], 'write_date') }}
),

deals as (
    select * from {{ ref('base_odoo_crm__deals') }}
    where is_deal
    qualify row_number() over (partition by id order by version_no desc) = 1
),

stages as (
    {{ current_rows(source('raw_odoo_crm', 'crm_stage'), ['id'], 'write_date', with_deleted=true) }}
),

moves as (
    select
        lead_id,
        changed_at,
        id as move_id,
        if(field_name = 'stage_id', new_value_integer, null) as stage_id,
        if(field_name = 'stage_id', old_value_integer, null) as old_stage_id,
        if(field_name = 'active', new_value_integer = 1, null) as is_active
    from tracked
),

first_moves as (
    select
        lead_id,
        first(old_stage_id order by changed_at, move_id) filter (stage_id is not null) as stage_id,
        not first(is_active order by changed_at, move_id) filter (is_active is not null) as is_active
    from moves
    group by lead_id
),

-- a deal began as what it was before its first recorded change, or as what it is
states as (
    select
        deals.id as lead_id,
        deals.create_date as changed_at,
        0 as move_id,
        coalesce(first_moves.stage_id, deals.stage_id) as stage_id,
        coalesce(first_moves.is_active, not deals.is_lost) as is_active
    from deals
    left join first_moves on deals.id = first_moves.lead_id
    union all
    select
        lead_id,
        changed_at,
        move_id,
        stage_id,
        is_active
    from moves
),

filled as (
    select
        states.lead_id,
        states.move_id,
        greatest(states.changed_at, deals.deal_created_at) as changed_at,
        last_value(states.stage_id ignore nulls) over so_far as stage_id,
        last_value(states.is_active ignore nulls) over so_far as is_active,
        coalesce(lead(states.changed_at) over per_deal <= deals.deal_created_at, false) as is_before_deal
    from states
    inner join deals on states.lead_id = deals.id
    window
        so_far as (
            partition by states.lead_id order by states.changed_at, states.move_id
            rows between unbounded preceding and current row
        ),
        per_deal as (partition by states.lead_id order by states.changed_at, states.move_id)
),

renamed as (
    select
        'odoo_crm:' || filled.lead_id || '/' || lpad(cast(filled.move_id as varchar), 12, '0') as change_id,
        'odoo_crm:' || filled.lead_id as opportunity_id,
        if(filled.is_active, coalesce({{ odoo_text('stages.name') }}, 'UNKNOWN'), '{{ odoo_lost_stage() }}')
            as stage_name,
        cast(null as decimal(18, 4)) as amount_document,
        cast(null as double) as probability,
        cast(null as date) as close_date,
        filled.changed_at
    from filled
    left join stages on filled.stage_id = stages.id
    where not filled.is_before_deal
)

select * from renamed
