-- grain: activity up to the clock, with its business date
with activities as (
    {{ staged('activities') }}
),

clock as (
    select as_of_ts from {{ ref('clock') }}
),

customers as (
    select
        source_customer_id,
        customer_id
    from {{ ref('int_customers_resolved') }}
),

-- a meeting that lies ahead is a plan, not an activity
dated as (
    select
        activities.activity_id,
        activities.activity_at,
        {{ business_date('activities.activity_at') }} as activity_date,
        activities.activity_type,
        activities.owner_id,
        coalesce(customers.customer_id, 'UNKNOWN') as customer_id,
        activities.opportunity_id,
        activities.duration_minutes
    from activities
    inner join clock on activities.activity_at <= clock.as_of_ts
    left join customers on activities.account_id = customers.source_customer_id
)

select * from dated
