-- grain: opportunity × change of stage, in order; the first event is the creation
with opportunities as (
    select * from {{ ref('int_opportunities_enriched') }}
),

history as (
    {{ staged('opportunity_stage_changes') }}
),

stages as (
    select * from {{ ref('int_stages') }}
),

labels as (
    select distinct
        pipeline_id,
        stage_name,
        stage_id
    from {{ ref('stage_mapping') }}
),

history_ends as (
    select
        opportunity_id,
        max(changed_at) as last_changed_at
    from history
    group by opportunity_id
),

-- the deal itself tells what its history does not: a deal without history, or a change that came after it
current_stages as (
    select
        opportunities.opportunity_id,
        case
            when history_ends.last_changed_at is not null then opportunities.version_at
            when coalesce(current_stage.is_closed, false)
                then greatest(opportunities.created_at, cast(opportunities.close_date as timestamp))
            else opportunities.created_at
        end as changed_at,
        null as change_id,
        opportunities.stage_name
    from opportunities
    left join history_ends on opportunities.opportunity_id = history_ends.opportunity_id
    left join labels
        on opportunities.pipeline_id = labels.pipeline_id and opportunities.stage_name = labels.stage_name
    left join stages as current_stage
        on labels.pipeline_id = current_stage.pipeline_id and labels.stage_id = current_stage.stage_id
    where coalesce(opportunities.version_at > history_ends.last_changed_at, true)
),

changes as (
    select
        opportunity_id,
        changed_at,
        change_id,
        stage_name
    from history
    where stage_name is not null
    union all
    select
        opportunity_id,
        changed_at,
        change_id,
        stage_name
    from current_stages
),

-- rows without a change of stage (an amount, a renamed label) are no events; the id decides within one second
events as (
    select
        changes.opportunity_id,
        opportunities.pipeline_id,
        changes.stage_name,
        labels.stage_id as to_stage_id,
        changes.changed_at as entered_at,
        changes.change_id
    from changes
    inner join opportunities on changes.opportunity_id = opportunities.opportunity_id
    left join labels
        on opportunities.pipeline_id = labels.pipeline_id and changes.stage_name = labels.stage_name
    window
        per_opportunity as (
            partition by changes.opportunity_id order by changes.changed_at, changes.change_id nulls last
        )
    qualify
        row_number() over per_opportunity = 1
        or labels.stage_id is distinct from lag(labels.stage_id) over per_opportunity
),

sequenced as (
    select
        events.*,
        stages.stage_order as to_order,
        stages.is_closed as to_is_closed,
        stages.is_won as to_is_won,
        stages.forecast_category,
        stages.default_probability,
        row_number() over per_opportunity as event_seq,
        lag(events.to_stage_id) over per_opportunity as from_stage_id,
        lag(stages.stage_order) over per_opportunity as from_order,
        lag(stages.is_closed) over per_opportunity as from_is_closed,
        lead(events.entered_at) over per_opportunity as exited_at
    from events
    left join stages on events.pipeline_id = stages.pipeline_id and events.to_stage_id = stages.stage_id
    window per_opportunity as (
        partition by events.opportunity_id order by events.entered_at, events.change_id nulls last
    )
)

select * from sequenced
