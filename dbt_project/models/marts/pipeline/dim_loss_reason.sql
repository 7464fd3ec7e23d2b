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

members as (
    {{ free_text_members('mentions', 'groups', 'loss_reason', 'loss_reason_id', 'loss_reason_group') }}
)

select * from members
