-- grain: lead or contact touched by a campaign
-- additive: nothing
with

members as (
    {{ current_rows(source('raw_salesforce', 'campaign_member'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as campaign_member_id,
        'salesforce:' || campaign_id as campaign_id,
        'salesforce:' || lead_id as lead_id,
        'salesforce:' || contact_id as contact_id,
        nullif(trim(status), '') as status,
        coalesce(has_responded, false) as has_responded,
        first_responded_date,
        created_date as touched_at
    from members
    where not coalesce(is_deleted, false)
)

select * from renamed
