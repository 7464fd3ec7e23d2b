-- as known today, the territory shares of a rep on one day should not exceed 1; the source may say otherwise
{{ config(severity='warn') }}
with

assignments as (
    select *
    from {{ ref('bridge_sales_rep_territory') }}
    where recorded_to is null
),

starts as (
    select distinct
        sales_rep_id,
        valid_from
    from assignments
),

totals as (
    select
        starts.sales_rep_id,
        starts.valid_from,
        sum(assignments.share_ratio) as share_ratio
    from starts
    inner join assignments
        on
            starts.sales_rep_id = assignments.sales_rep_id
            and starts.valid_from >= assignments.valid_from
            and starts.valid_from < coalesce(assignments.valid_to, date '9999-12-31')
    group by starts.sales_rep_id, starts.valid_from
)

select *
from totals
where share_ratio > 1.000001
