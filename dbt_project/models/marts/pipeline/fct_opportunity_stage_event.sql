-- grain: opportunity × change of stage; the first event is the creation
-- additive: duration_days over events of a deal; amount is a state, not additive over events
with stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves_valued') }}
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('dim_sales_rep') }}
),

final as (
    select
        stage_moves.opportunity_id,
        cast(stage_moves.event_seq as integer) as event_seq,
        stage_moves.from_stage_id,
        stage_moves.to_stage_id,
        stage_moves.from_order,
        stage_moves.to_order,
        stage_moves.entered_at,
        stage_moves.exited_at,
        date_diff('microsecond', stage_moves.entered_at, stage_moves.exited_at) / 86400000000.0 as duration_days,
        stage_moves.amount,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id,
        stage_moves.is_regression,
        stage_moves.is_reopen,
        stage_moves.is_skip
    from stage_moves
    left join sales_reps on stage_moves.owner_id = sales_reps.sales_rep_id
)

select * from final
