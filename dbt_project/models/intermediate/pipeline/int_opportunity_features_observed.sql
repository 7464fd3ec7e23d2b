-- grain: as_of_date × opportunity that was open at the end of that day
-- additive: nothing; features are what was known at the end of as_of_date, labels (closed_date, outcome) what is
-- known now. The product line is that of the lines as known now.
with open_deals as (
    select * from {{ ref('int_opportunities_observed') }}
),

opportunities as (
    select * from {{ ref('int_opportunities_enriched') }}
),

outcomes as (
    select * from {{ ref('int_opportunity_outcomes') }}
),

stage_moves as (
    select * from {{ ref('int_opportunity_stage_moves') }}
),

pushes as (
    select * from {{ ref('int_opportunity_pushes') }}
),

activities as (
    select * from {{ ref('int_activities_dated') }}
),

fx_rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

labels as (
    select * from {{ ref('int_opportunity_labels') }}
),

move_counts as (
    select
        open_deals.as_of_date,
        open_deals.opportunity_id,
        max(stage_moves.entered_date) as stage_entered_date,
        count(*) filter (where stage_moves.is_regression) as regress_count_so_far
    from open_deals
    inner join stage_moves
        on
            open_deals.opportunity_id = stage_moves.opportunity_id
            and open_deals.as_of_date >= stage_moves.entered_date
    group by open_deals.as_of_date, open_deals.opportunity_id
),

push_counts as (
    select
        open_deals.as_of_date,
        open_deals.opportunity_id,
        count(*) as push_count_so_far
    from open_deals
    inner join pushes
        on
            open_deals.opportunity_id = pushes.opportunity_id
            and open_deals.as_of_date >= pushes.pushed_date
    group by open_deals.as_of_date, open_deals.opportunity_id
),

activity_counts as (
    select
        open_deals.as_of_date,
        open_deals.opportunity_id,
        max(activities.activity_date) as last_activity_date,
        count(*) filter (where activities.activity_date > open_deals.as_of_date - 28) as activity_count_28d
    from open_deals
    inner join activities
        on
            open_deals.opportunity_id = activities.opportunity_id
            and open_deals.as_of_date >= activities.activity_date
    group by open_deals.as_of_date, open_deals.opportunity_id
),

features as (
    select
        open_deals.as_of_date,
        open_deals.opportunity_id,
        open_deals.pipeline_id,
        open_deals.stage_order,
        open_deals.as_of_date - move_counts.stage_entered_date as stage_days,
        open_deals.as_of_date - opportunities.created_date as age_days,
        {{ deal_value('open_deals.amount_document', 'fx_rates.rate_daily') }} as amount,
        open_deals.close_date - open_deals.as_of_date as days_to_close_date,
        case when outcomes.push_count is not null then coalesce(push_counts.push_count_so_far, 0) end
            as push_count_so_far,
        move_counts.regress_count_so_far,
        coalesce(activity_counts.activity_count_28d, 0) as activity_count_28d,
        open_deals.as_of_date - activity_counts.last_activity_date as days_since_last_activity,
        coalesce(open_deals.owner_id, 'UNKNOWN') as sales_rep_id,
        labels.segment,
        labels.source_id,
        opportunities.product_line,
        open_deals.probability as crm_probability,
        case
            when outcomes.outcome = 'removed' then {{ business_date('outcomes.removed_at') }}
            when outcomes.outcome <> 'open' then {{ business_date('outcomes.closed_at') }}
        end as closed_date,
        outcomes.outcome
    from open_deals
    inner join opportunities on open_deals.opportunity_id = opportunities.opportunity_id
    inner join outcomes on open_deals.opportunity_id = outcomes.opportunity_id
    inner join move_counts
        on
            open_deals.as_of_date = move_counts.as_of_date
            and open_deals.opportunity_id = move_counts.opportunity_id
    left join push_counts
        on
            open_deals.as_of_date = push_counts.as_of_date
            and open_deals.opportunity_id = push_counts.opportunity_id
    left join activity_counts
        on
            open_deals.as_of_date = activity_counts.as_of_date
            and open_deals.opportunity_id = activity_counts.opportunity_id
    inner join labels
        on
            open_deals.opportunity_id = labels.opportunity_id
            and open_deals.as_of_date >= labels.valid_from
            and open_deals.as_of_date < labels.valid_to
    left join fx_rates
        on open_deals.as_of_date = fx_rates.rate_date and opportunities.currency = fx_rates.from_currency
)

select * from features
