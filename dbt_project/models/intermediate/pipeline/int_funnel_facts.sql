-- grain: basis × grain × period × opportunity × stage × kind of fact (entered, left, open at the end)
-- One row is one contribution of one deal to one stage of one period; rpt_funnel only adds them up.
with entries as (
    select * from {{ ref('int_funnel_entries') }}
),

periods as (
    select * from {{ ref('int_funnel_periods') }}
),

stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves_valued') }}
),

opportunities as (
    select
        opportunity_id,
        created_date
    from {{ ref('int_opportunities_enriched') }}
),

outcomes as (
    select opportunity_id
    from {{ ref('int_opportunity_outcomes') }}
    where outcome <> 'removed'
),

-- visits to open stages, as they really were: what nobody visited cannot be left
visits as (
    select
        stage_moves.opportunity_id,
        stage_moves.pipeline_id,
        stage_moves.to_stage_id as stage_id,
        stage_moves.to_order as stage_order,
        stage_moves.entered_date,
        stage_moves.exited_date,
        lead(stage_moves.to_order) over per_deal as next_order,
        lead(stage_moves.to_is_closed and not stage_moves.to_is_won) over per_deal as is_next_lost,
        lead(stage_moves.to_is_won) over per_deal as is_next_won,
        lead(stage_moves.amount) over per_deal as exit_value,
        stage_moves.to_is_closed,
        stage_moves.owner_id
    from stage_moves
    inner join outcomes on stage_moves.opportunity_id = outcomes.opportunity_id
    window per_deal as (partition by stage_moves.opportunity_id order by stage_moves.event_seq)
),

entered as (
    select
        periods.grain,
        periods.period_key,
        entries.*,
        opportunities.created_date >= periods.period_start as is_new
    from entries
    inner join periods on entries.entered_date between periods.period_start and periods.period_end
    inner join opportunities on entries.opportunity_id = opportunities.opportunity_id
),

entered_facts as (
    select
        bases.basis,
        entered.grain,
        entered.period_key,
        entered.opportunity_id,
        entered.pipeline_id,
        entered.stage_id,
        entered.stage_order,
        entered.owner_id,
        true as is_entry,
        entered.is_new,
        entered.amount as entered_value,
        bases.basis = 'cohort' and entered.is_advanced as is_advanced,
        bases.basis = 'cohort' and entered.outcome = 'won' as is_won,
        bases.basis = 'cohort' and entered.outcome = 'lost' and not entered.is_advanced as is_lost,
        bases.basis = 'cohort' and entered.outcome = 'open' and not entered.is_advanced as is_open,
        entered.outcome <> 'open' as is_closed
    from entered
    cross join (select unnest(['cohort', 'period']) as basis) as bases
),

exit_facts as (
    select
        'period' as basis,
        periods.grain,
        periods.period_key,
        visits.opportunity_id,
        visits.pipeline_id,
        visits.stage_id,
        visits.stage_order,
        visits.owner_id,
        true as is_exit,
        visits.exit_value,
        visits.next_order > visits.stage_order and not visits.is_next_lost as is_advanced,
        visits.is_next_won as is_won,
        visits.is_next_lost as is_lost
    from visits
    inner join periods on visits.exited_date between periods.period_start and periods.period_end
    where not visits.to_is_closed
),

open_facts as (
    select
        'period' as basis,
        periods.grain,
        periods.period_key,
        visits.opportunity_id,
        visits.pipeline_id,
        visits.stage_id,
        visits.stage_order,
        visits.owner_id,
        true as is_open
    from visits
    inner join periods
        on
            visits.entered_date <= periods.period_end
            and least(periods.period_end, periods.today) < coalesce(visits.exited_date, date '9999-12-31')
    where not visits.to_is_closed
),

facts as (
    select * from entered_facts
    union all by name
    select * from exit_facts
    union all by name
    select * from open_facts
)

select * from facts
