-- grain: opportunity × open or won stage that it ever reached
-- A skipped stage counts as reached at the moment of the jump, if the pipeline had it on that day; going back does not
-- un-reach. Deals that were deleted or merged away are in no funnel.
with stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves_valued') }}
),

stages as (
    select * from {{ ref('int_stages') }}
    where not is_closed or is_won
),

outcomes as (
    select * from {{ ref('int_opportunity_outcomes') }}
    where outcome <> 'removed'
),

reached as (
    select
        stage_moves.opportunity_id,
        stage_moves.pipeline_id,
        stages.stage_id,
        stages.stage_order,
        stage_moves.entered_date,
        stage_moves.owner_id,
        coalesce(stage_moves.amount, 0) as amount
    from stage_moves
    inner join stages
        on
            stage_moves.pipeline_id = stages.pipeline_id
            and (
                stage_moves.to_stage_id = stages.stage_id
                or (
                    stage_moves.to_order > stages.stage_order
                    and stage_moves.entered_date >= stages.exists_from
                    and stage_moves.entered_date < stages.exists_to
                )
            )
    where not stage_moves.to_is_closed or stage_moves.to_is_won
    qualify
        row_number() over (
            partition by stage_moves.opportunity_id, stages.stage_id order by stage_moves.event_seq
        ) = 1
),

entries as (
    select
        reached.*,
        outcomes.outcome,
        outcomes.max_stage_order > reached.stage_order as is_advanced
    from reached
    inner join outcomes on reached.opportunity_id = outcomes.opportunity_id
)

select * from entries
