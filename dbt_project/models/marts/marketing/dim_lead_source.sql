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

sources as (
    select
        {{ slug('source_name') }} as source_id,
        min(trim(source_name)) as source_name
    from mentions
    group by source_id
),

members as (
    select
        sources.source_id,
        case when sources.source_id = 'UNKNOWN' then 'Unknown' else sources.source_name end as source_name,
        case
            when sources.source_id = 'UNKNOWN' then 'UNKNOWN' else coalesce(groups.source_group, 'Other')
        end as source_group
    from sources
    left join groups on sources.source_id = groups.source_id
)

select * from members
