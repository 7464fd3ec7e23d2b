-- grain: opportunity × change of stage; says what kind of move each change is
with stage_events as (
    select * from {{ ref('int_opportunity_stage_events') }}
),

stages as (
    select * from {{ ref('int_stages') }}
),

dated as (
    select
        *,
        {{ business_date('entered_at') }} as entered_date,
        {{ business_date('exited_at') }} as exited_date
    from stage_events
),

-- a stage is jumped over only if the pipeline had it on that day
skipped as (
    select
        dated.opportunity_id,
        dated.event_seq,
        count(*) as skipped_stage_count
    from dated
    inner join stages
        on
            dated.pipeline_id = stages.pipeline_id
            and dated.from_order < stages.stage_order
            and dated.to_order > stages.stage_order
            and dated.entered_date >= stages.exists_from
            and dated.entered_date < stages.exists_to
    where
        not dated.from_is_closed
        and (not dated.to_is_closed or dated.to_is_won)
        and not stages.is_closed
    group by dated.opportunity_id, dated.event_seq
),

moves as (
    select
        dated.*,
        coalesce(not dated.from_is_closed and not dated.to_is_closed and dated.to_order < dated.from_order, false)
            as is_regression,
        coalesce(dated.from_is_closed and not dated.to_is_closed, false) as is_reopen,
        skipped.skipped_stage_count is not null as is_skip
    from dated
    left join skipped
        on dated.opportunity_id = skipped.opportunity_id and dated.event_seq = skipped.event_seq
)

select * from moves
