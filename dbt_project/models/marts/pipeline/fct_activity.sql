-- grain: activity (completed task or event) up to the clock
-- additive: duration_minutes and the count of rows
with activities as (
    select * from {{ ref('int_activities_dated') }}
),

opportunities as (
    select
        opportunity_id,
        customer_id
    from {{ ref('int_opportunities_enriched') }}
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('dim_sales_rep') }}
),

-- an activity on a deal that names no account belongs to the deal's customer
final as (
    select
        activities.activity_id,
        activities.activity_at,
        activities.activity_type,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id,
        case
            when activities.customer_id = 'UNKNOWN' then coalesce(opportunities.customer_id, 'UNKNOWN')
            else activities.customer_id
        end as customer_id,
        opportunities.opportunity_id,
        activities.duration_minutes
    from activities
    left join opportunities on activities.opportunity_id = opportunities.opportunity_id
    left join sales_reps on activities.owner_id = sales_reps.sales_rep_id
)

select * from final
