-- Every set of breakdowns counts the same deals: the members of one breakdown add up to the total, and of a
-- cohort every deal went further, was lost or is open.
with funnel as (
    select
        *,
        cast(sales_rep_id <> 'ALL' as integer) + cast(segment <> 'ALL' as integer)
        + cast(product_line <> 'ALL' as integer) + cast(source_id <> 'ALL' as integer) as breakdown_count,
        case
            when sales_rep_id <> 'ALL' then 'sales_rep_id'
            when segment <> 'ALL' then 'segment'
            when product_line <> 'ALL' then 'product_line'
            when source_id <> 'ALL' then 'source_id'
            else 'total'
        end as breakdown
    from {{ ref('rpt_funnel') }}
),

sums as (
    select
        basis,
        grain,
        period_key,
        pipeline_id,
        stage_id,
        if(breakdown_count = 4, 'all', breakdown) as breakdown,
        sum(entered_count) as entered_count,
        sum(advanced_count) as advanced_count,
        sum(open_count) as open_count
    from funnel
    group by all
),

different_sums as (
    select
        basis,
        grain,
        period_key,
        pipeline_id,
        stage_id
    from sums
    group by all
    having
        min(entered_count) <> max(entered_count)
        or min(advanced_count) <> max(advanced_count)
        or min(open_count) <> max(open_count)
),

broken_rows as (
    select
        basis,
        grain,
        period_key,
        pipeline_id,
        stage_id
    from funnel
    where
        entered_count <> new_count + carried_count
        or conversion_rate not between 0 and 1
        or (
            basis = 'cohort' and stage_id <> 'closed_won'
            and entered_count <> advanced_count + lost_count + open_count
        )
)

select * from different_sums
union all
select * from broken_rows
