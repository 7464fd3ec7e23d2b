-- grain: source of leads and deals, and one UNKNOWN member
-- additive: nothing
with

leads as (
    {{ staged('leads') }}
),

opportunities as (
    {{ staged('opportunities') }}
),

accounts as (select * from {{ ref('int_accounts_unioned') }}),

groups as (select * from {{ ref('lead_source_groups') }}),

mentions as (
    select source_name from leads
    union all
    select source_name from opportunities
    union all
    select acquisition_source as source_name from accounts
    union all
    -- the member of everything without a source exists even when nothing lacks one
    select null as source_name
),

members as (
    {{ free_text_members('mentions', 'groups', 'source_name', 'source_id', 'source_group') }}
)

select * from members
