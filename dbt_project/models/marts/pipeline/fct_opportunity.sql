-- grain: opportunity, its current state and the counters of its history
-- additive: amount over deals of one outcome; amount_document only within one currency
with opportunities as (
    select * from {{ ref('int_opportunities_enriched') }}
),

outcomes as (
    select * from {{ ref('int_opportunity_outcomes') }}
),

activities as (
    select * from {{ ref('int_activities_dated') }}
),

fx_rates as (
    select * from {{ ref('int_fx_rates_filled') }}
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('dim_sales_rep') }}
),

campaigns as (
    select campaign_id from {{ ref('dim_campaign') }}
),

clock as (
    select
        as_of_ts,
        {{ business_date('as_of_ts') }} as today
    from {{ ref('clock') }}
),

last_activities as (
    select
        opportunity_id,
        max(activity_at) as last_activity_at
    from activities
    where opportunity_id is not null
    group by opportunity_id
),

-- the amount of a decided deal is valued when it was decided, of any other by the clock
valued as (
    select
        outcomes.*,
        clock.as_of_ts,
        {{ business_date('outcomes.closed_at') }} as closed_date,
        coalesce({{ business_date('outcomes.closed_at') }}, clock.today) as rate_date
    from outcomes
    cross join clock
),

final as (
    select
        opportunities.opportunity_id,
        opportunities.pipeline_id,
        opportunities.customer_id,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id,
        opportunities.source_id,
        coalesce(campaigns.campaign_id, 'UNKNOWN') as campaign_id,
        opportunities.segment,
        opportunities.product_line,
        opportunities.created_at,
        coalesce(valued.stage_id, 'UNKNOWN') as current_stage_id,
        valued.close_date as expected_close_date,
        valued.closed_at,
        valued.outcome = 'open' as is_open,
        valued.outcome = 'won' as is_won,
        valued.outcome = 'lost' as is_lost,
        case when valued.outcome = 'lost' then {{ slug('opportunities.loss_reason') }} end as loss_reason_id,
        {{ deal_value('valued.amount_document', 'fx_rates.rate_daily') }} as amount,
        valued.amount_document,
        opportunities.currency,
        valued.probability,
        valued.forecast_category,
        valued.max_stage_order,
        cast(valued.push_count as integer) as push_count,
        cast(valued.regress_count as integer) as regress_count,
        cast(valued.reopen_count as integer) as reopen_count,
        case when valued.outcome = 'won' then cast(valued.closed_date - opportunities.created_date as integer) end
            as sales_cycle_days,
        last_activities.last_activity_at,
        valued.outcome = 'open'
        and coalesce(last_activities.last_activity_at, opportunities.created_at)
        >= valued.as_of_ts - interval {{ var('opportunity_active_days') }} day as is_active,
        valued.is_deleted,
        opportunities.merged_into_id
    from opportunities
    inner join valued on opportunities.opportunity_id = valued.opportunity_id
    left join fx_rates
        on valued.rate_date = fx_rates.rate_date and opportunities.currency = fx_rates.from_currency
    left join sales_reps on valued.owner_id = sales_reps.sales_rep_id
    left join campaigns on opportunities.campaign_id = campaigns.campaign_id
    left join last_activities on opportunities.opportunity_id = last_activities.opportunity_id
)

select * from final
