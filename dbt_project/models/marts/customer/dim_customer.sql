-- grain: golden customer × validity (SCD2), and one UNKNOWN member
-- additive: nothing; region, order and activity columns are as of the clock and equal in all versions of a customer
with

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

versions as (select * from {{ ref('int_customer_versions') }}),

observed as (select * from {{ ref('int_customers_observed') }}),

territories as (
    select
        territory_id,
        arg_max(region, valid_from) as region
    from {{ ref('dim_territory') }}
    group by territory_id
),

account_territories as (
    select
        bridge.customer_id,
        bridge.territory_id
    from {{ ref('bridge_account_territory') }} as bridge
    inner join clock
        on bridge.valid_from <= clock.today and coalesce(bridge.valid_to, date '9999-12-31') > clock.today
    where bridge.recorded_to is null
),

described as (
    select
        versions.*,
        territories.region,
        observed.first_order_date,
        observed.last_activity_at,
        observed.last_loss_reason_id,
        -- NULL when the customer never did anything
        greatest(
            observed.last_order_date, {{ business_date('observed.last_activity_at') }}
        ) as last_seen_on,
        clock.today
    from versions
    cross join clock
    left join observed on versions.customer_id = observed.customer_id
    left join account_territories on versions.customer_id = account_territories.customer_id
    left join territories
        on coalesce(account_territories.territory_id, observed.last_sold_territory_id) = territories.territory_id
),

flagged as (
    select
        *,
        not is_deleted
        and coalesce(last_seen_on >= today - {{ var('customer_active_days') }}, false) as is_active
    from described
),

members as (
    select
        {{ surrogate_key(['customer_id', 'valid_from']) }} as customer_key,
        customer_id,
        customer_name,
        parent_customer_id,
        segment,
        industry,
        customer_type,
        coalesce(region, 'UNKNOWN') as region,
        country,
        acquisition_source,
        first_order_date,
        first_order_date is null as is_prospect,
        is_active,
        case
            when is_active then null
            when is_deleted then 'deleted'
            when last_loss_reason_id is not null then last_loss_reason_id
            when last_seen_on is not null then 'no_activity'
            else 'UNKNOWN'
        end as inactive_reason,
        last_activity_at,
        valid_from,
        valid_to,
        valid_to is null as is_current
    from flagged
    union all
    select
        'UNKNOWN' as customer_key,
        'UNKNOWN' as customer_id,
        'Unknown' as customer_name,
        null as parent_customer_id,
        'UNKNOWN' as segment,
        'UNKNOWN' as industry,
        'UNKNOWN' as customer_type,
        'UNKNOWN' as region,
        'UNKNOWN' as country,
        'UNKNOWN' as acquisition_source,
        null as first_order_date,
        true as is_prospect,
        false as is_active,
        'UNKNOWN' as inactive_reason,
        null as last_activity_at,
        timestamp '1900-01-01' as valid_from,
        null as valid_to,
        true as is_current
)

select * from members
