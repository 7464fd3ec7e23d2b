{{ config(tags=['downstream']) }}
-- grain: as-of date × fiscal period × pipeline × stage × rep × segment × product line × source × customer
-- additive: open_count, open_value, crm_probability_value and expected_revenue over every dimension of one as_of_date;
-- the last period is open-ended: it holds its own and every later one. calibrated_rate is a ratio.
-- A deal's count, value and CRM value lie in the period of its expected close date; its expected revenue is spread over
-- the periods by its probability to be won in each.
with opportunities as (
    select * from {{ ref('fct_opportunity') }}
    where is_open
),

buckets as (
    select * from {{ ref('int_win_probabilities_bucketed') }}
),

deals as (
    select
        buckets.as_of_date,
        buckets.period_key,
        buckets.is_due,
        buckets.probability as win_probability,
        opportunities.*
    from buckets
    inner join opportunities on buckets.opportunity_id = opportunities.opportunity_id
),

summed as (
    select
        as_of_date,
        period_key,
        pipeline_id,
        current_stage_id as stage_id,
        sales_rep_id,
        segment,
        product_line,
        source_id,
        customer_id,
        count(*) filter (where is_due) as open_count,
        coalesce(sum(amount) filter (where is_due), 0) as open_value,
        coalesce(sum(amount * probability) filter (where is_due), 0) as crm_probability_value,
        coalesce(sum(amount * win_probability), 0) as expected_revenue,
        sum(amount) as amount_of_all_open_deals
    from deals
    group by all
),

final as (
    select
        as_of_date,
        cast(period_key as integer) as period_key,
        pipeline_id,
        stage_id,
        sales_rep_id,
        segment,
        product_line,
        source_id,
        customer_id,
        open_count,
        cast(open_value as decimal(18, 4)) as open_value,
        cast(crm_probability_value as decimal(18, 4)) as crm_probability_value,
        expected_revenue / nullif(cast(amount_of_all_open_deals as double), 0) as calibrated_rate,
        cast(expected_revenue as decimal(18, 4)) as expected_revenue
    from summed
)

select * from final
