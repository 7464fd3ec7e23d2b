-- grain: opportunity; its last state, its one outcome and the counters of its history
with opportunities as (
    select * from {{ ref('int_opportunities_enriched') }}
),

timeline as (
    select * from {{ ref('int_opportunity_timeline') }}
),

stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves') }}
),

pushes as (
    select
        opportunity_id,
        count(*) as push_count
    from {{ ref('int_opportunity_pushes') }}
    group by opportunity_id
),

last_states as (
    select *
    from timeline
    qualify row_number() over (partition by opportunity_id order by changed_at desc) = 1
),

deletions as (
    select
        opportunity_id,
        changed_at,
        is_deleted,
        lag(is_deleted, 1, false) over (partition by opportunity_id order by changed_at) as was_deleted
    from timeline
),

removals as (
    select
        opportunity_id,
        max(changed_at) as removed_at
    from deletions
    where is_deleted and not was_deleted
    group by opportunity_id
),

stage_counts as (
    select
        opportunity_id,
        max(to_order) filter (where not to_is_closed or to_is_won) as max_stage_order,
        count(*) filter (where is_regression) as regress_count,
        count(*) filter (where is_reopen) as reopen_count,
        max(entered_at) filter (where to_is_closed) as last_closed_at
    from stage_moves
    group by opportunity_id
),

{%- set history_starts = var('close_date_history_start') %}

outcomes as (
    select
        opportunities.opportunity_id,
        last_states.* exclude (opportunity_id, changed_at, business_date, pipeline_id),
        case
            when last_states.is_deleted or opportunities.merged_into_id is not null then 'removed'
            when last_states.is_won then 'won'
            when last_states.is_closed then 'lost'
            else 'open'
        end as outcome,
        case when last_states.is_closed then stage_counts.last_closed_at end as closed_at,
        case
            when last_states.is_deleted or opportunities.merged_into_id is not null
                then coalesce(removals.removed_at, opportunities.version_at)
        end as removed_at,
        stage_counts.max_stage_order,
        stage_counts.regress_count,
        stage_counts.reopen_count,
        -- changes before the close dates were recorded are unknown, not none
        case
            when not opportunities.is_close_date_history_known then null
            {%- for pipeline, start in history_starts.items() %}
                when opportunities.pipeline_id = '{{ pipeline }}' and opportunities.created_date < date '{{ start }}'
                    then null
            {%- endfor %}
            else coalesce(pushes.push_count, 0)
        end as push_count
    from opportunities
    inner join last_states on opportunities.opportunity_id = last_states.opportunity_id
    left join stage_counts on opportunities.opportunity_id = stage_counts.opportunity_id
    left join removals on opportunities.opportunity_id = removals.opportunity_id
    left join pushes on opportunities.opportunity_id = pushes.opportunity_id
)

select * from outcomes
