-- grain: campaign, and one UNKNOWN member
-- additive: budget_amount
with

campaigns as (
    {{ staged('campaigns') }}
),

members as (
    select
        campaign_id,
        campaign_name,
        coalesce(channel, 'UNKNOWN') as channel,
        start_date,
        end_date,
        budget_amount
    from campaigns
    union all
    select
        'UNKNOWN' as campaign_id,
        'Unknown' as campaign_name,
        'UNKNOWN' as channel,
        null as start_date,
        null as end_date,
        null as budget_amount
)

select * from members
