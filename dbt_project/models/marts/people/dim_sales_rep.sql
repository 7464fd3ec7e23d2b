-- grain: sales rep × validity (SCD2), with the members UNKNOWN and VACANT (a budgeted position without a person)
-- additive: nothing; region is the one of the clock's day, equal in all versions of a rep
with

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

versions as (select * from {{ ref('int_sales_rep_versions') }}),

-- the region of the largest share now, or of the last assignment of a leaver
regions as (
    select
        bridge.sales_rep_id,
        bridge.region
    from {{ ref('bridge_sales_rep_territory') }} as bridge
    inner join clock on bridge.valid_from <= clock.today
    where bridge.recorded_to is null
    qualify row_number() over (
        partition by bridge.sales_rep_id
        order by
            bridge.valid_to desc nulls first,
            bridge.share_ratio desc,
            bridge.valid_from desc,
            bridge.territory_id asc
    ) = 1
),

members as (
    select
        {{ surrogate_key(['versions.sales_rep_id', 'versions.valid_from']) }} as sales_rep_key,
        versions.sales_rep_id,
        versions.sales_rep_name,
        versions.manager_sales_rep_id,
        versions.team,
        coalesce(regions.region, 'UNKNOWN') as region,
        versions.hire_date,
        versions.termination_date,
        versions.valid_from,
        versions.valid_to,
        versions.valid_to is null as is_current
    from versions
    left join regions on versions.sales_rep_id = regions.sales_rep_id
    union all
    select
        placeholder.id as sales_rep_key,
        placeholder.id as sales_rep_id,
        placeholder.name as sales_rep_name,
        null as manager_sales_rep_id,
        'UNKNOWN' as team,
        'UNKNOWN' as region,
        null as hire_date,
        null as termination_date,
        timestamp '1900-01-01' as valid_from,
        null as valid_to,
        true as is_current
    from (values ('UNKNOWN', 'Unknown'), ('VACANT', 'Vacant position')) as placeholder (id, name)
)

select * from members
