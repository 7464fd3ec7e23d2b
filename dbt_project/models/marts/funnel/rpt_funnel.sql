-- grain: basis × grain × period × pipeline × stage × one set of breakdowns ('ALL' where rolled up)
-- additive: nothing across sets of breakdowns, bases or grains; counts over the members of one breakdown within a set,
-- except the company counts (distinct companies)
with facts as (
    select * from {{ ref('int_funnel_facts') }}
),

periods as (
    select * from {{ ref('int_funnel_periods') }}
),

opportunities as (
    select
        opportunity_id,
        customer_id,
        segment,
        product_line,
        source_id
    from {{ ref('int_opportunities_enriched') }}
),

customers as (
    select
        customer_id,
        is_active
    from {{ ref('dim_customer') }}
    where is_current
),

sales_reps as (
    select distinct sales_rep_id from {{ ref('dim_sales_rep') }}
),

described as (
    select
        facts.*,
        coalesce(sales_reps.sales_rep_id, 'UNKNOWN') as sales_rep_id,
        opportunities.customer_id,
        opportunities.segment,
        opportunities.product_line,
        opportunities.source_id,
        coalesce(customers.is_active, false) as is_active
    from facts
    inner join opportunities on facts.opportunity_id = opportunities.opportunity_id
    left join customers on opportunities.customer_id = customers.customer_id
    left join sales_reps on facts.owner_id = sales_reps.sales_rep_id
),

{%- set key = 'basis, grain, period_key, pipeline_id, stage_id, stage_order' %}
{%- set breakdowns = ['sales_rep_id', 'segment', 'product_line', 'source_id'] %}
counted as (
    select
        {{ key }},
        {%- for breakdown in breakdowns %}
        if(grouping({{ breakdown }}) = 1, 'ALL', {{ breakdown }}) as {{ breakdown }},
        {%- endfor %}
        grouping({{ breakdowns | join(', ') }}) = 0 as is_leaf,
        count(*) filter (where is_entry) as entered_count,
        count(*) filter (where is_advanced) as advanced_count,
        count(*) filter (where is_won) as won_count,
        count(*) filter (where is_lost) as lost_count,
        count(*) filter (where is_open) as open_count,
        count(*) filter (where is_entry and is_new) as new_count,
        count(*) filter (where is_entry and not is_new) as carried_count,
        count(distinct customer_id) filter (where is_entry and is_active) as active_company_count,
        count(distinct customer_id) filter (where is_entry and not is_active) as inactive_company_count,
        coalesce(sum(entered_value), 0) as entered_value,
        coalesce(sum(if(is_exit, exit_value, entered_value)) filter (where is_advanced), 0) as advanced_value,
        count(*) filter (where is_entry and is_closed) as closed_count,
        count(*) filter (where is_exit) as exit_count
    from described
    group by grouping sets (
        ({{ key }}),
        {%- for breakdown in breakdowns %}
        ({{ key }}, {{ breakdown }}),
        {%- endfor %}
        ({{ key }}, {{ breakdowns | join(', ') }})
    )
),

final as (
    select
        counted.basis,
        counted.period_key,
        counted.grain,
        counted.pipeline_id,
        counted.stage_id,
        counted.stage_order,
        {%- for breakdown in breakdowns %}
        counted.{{ breakdown }},
        {%- endfor %}
        counted.entered_count,
        counted.advanced_count,
        counted.won_count,
        counted.lost_count,
        counted.open_count,
        counted.new_count,
        counted.carried_count,
        counted.active_company_count,
        counted.inactive_company_count,
        cast(counted.entered_value as decimal(18, 4)) as entered_value,
        cast(counted.advanced_value as decimal(18, 4)) as advanced_value,
        cast(greatest(periods.today - periods.period_end, 0) as integer) as maturity_days,
        case
            when counted.stage_id = 'closed_won' then null
            when counted.basis = 'cohort' then counted.advanced_count / nullif(counted.entered_count, 0)
            else counted.advanced_count / nullif(counted.exit_count, 0)
        end as conversion_rate,
        cast(null as bigint) as target_entered_count,
        cast(null as double) as target_rate,
        case
            when counted.basis = 'cohort' then counted.closed_count >= 0.8 * counted.entered_count
            else periods.period_end < periods.today
        end as is_mature
    from counted
    inner join periods on counted.grain = periods.grain and counted.period_key = periods.period_key
    -- weeks are too short for four breakdowns at once: the rows would be single deals
    where not (counted.is_leaf and counted.grain = 'week')
)

select * from final
