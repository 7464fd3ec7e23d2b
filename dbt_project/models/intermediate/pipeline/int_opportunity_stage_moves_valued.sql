-- grain: opportunity × change of stage, with the owner and the amount of the deal at that moment
with stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves') }}
),

timeline as (
    select * from {{ ref('int_opportunity_timeline') }}
),

opportunities as (
    select
        opportunity_id,
        currency
    from {{ ref('int_opportunities_enriched') }}
),

fx_rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

valued as (
    select
        stage_moves.*,
        timeline.owner_id,
        {{ deal_value('timeline.amount_document', 'fx_rates.rate_daily') }} as amount
    from stage_moves
    inner join timeline
        on
            stage_moves.opportunity_id = timeline.opportunity_id
            and stage_moves.entered_at = timeline.changed_at
    inner join opportunities on stage_moves.opportunity_id = opportunities.opportunity_id
    left join fx_rates
        on
            stage_moves.entered_date = fx_rates.rate_date
            and opportunities.currency = fx_rates.from_currency
)

select * from valued
