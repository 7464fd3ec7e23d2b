-- grain: campaign
-- additive: budget_amount
with

campaigns as (
    {{ current_rows(source('raw_salesforce', 'campaign'), ['id'], 'system_modstamp') }}
),

renamed as (
    select
        'salesforce:' || id as campaign_id,
        name as campaign_name,
        nullif(trim(type), '') as channel,
        start_date,
        end_date,
        budgeted_cost as budget_amount
    from campaigns
    where not coalesce(is_deleted, false)
)

select * from renamed
