-- grain: reason for which deals are lost or leads disqualified, and one UNKNOWN member
-- additive: nothing
with

opportunities as (
    {{ staged('opportunities') }}
),

leads as (
    {{ staged('leads') }}
),

groups as (select * from {{ ref('loss_reason_groups') }}),

mentions as (
    select loss_reason from opportunities
    union all
    select disqualify_reason as loss_reason from leads
    union all
    -- the member of everything without a reason exists even when nothing lacks one
    select null as loss_reason
),

reasons as (
    select
        {{ slug('loss_reason') }} as loss_reason_id,
        min(trim(loss_reason)) as loss_reason
    from mentions
    group by loss_reason_id
),

members as (
    select
        reasons.loss_reason_id,
        case when reasons.loss_reason_id = 'UNKNOWN' then 'Unknown' else reasons.loss_reason end as loss_reason,
        case
            when reasons.loss_reason_id = 'UNKNOWN' then 'UNKNOWN' else coalesce(groups.loss_reason_group, 'Other')
        end as loss_reason_group
    from reasons
    left join groups on reasons.loss_reason_id = groups.loss_reason_id
)

select * from members
