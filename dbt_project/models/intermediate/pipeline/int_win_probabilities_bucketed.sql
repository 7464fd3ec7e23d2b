{{ config(tags=['downstream']) }}
-- grain: open opportunity × bucket: the current fiscal period, the five after it, and one for whatever comes later
-- P(won in the bucket), from the cumulative probabilities of the latest vintage that is not younger than the clock. The
-- last bucket is open-ended and carries the key of the first period in it. A deal that the vintage does not know is
-- expected in the period of its close date, with the CRM's probability.
with opportunities as (
    select
        opportunity_id,
        close_date,
        probability
    from {{ ref('int_opportunity_outcomes') }}
    where outcome = 'open'
),

probabilities as (
    select * from {{ source('forecast', 'fct_win_probability') }}
),

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

periods as (
    select distinct
        fiscal_period_key,
        fiscal_period_start,
        fiscal_period_end
    from {{ ref('int_fiscal_calendar') }}
),

buckets as (
    select
        periods.fiscal_period_key as period_key,
        row_number() over (order by periods.fiscal_period_key) - 1 as bucket_no,
        periods.fiscal_period_end,
        clock.today
    from periods
    inner join clock on periods.fiscal_period_end >= clock.today
    qualify bucket_no <= 6
),

latest_vintage as (
    select probabilities.*
    from probabilities
    inner join clock on probabilities.as_of_date <= clock.today
    qualify probabilities.as_of_date = max(probabilities.as_of_date) over ()
),

-- an overdue deal can only close from now on; one without a close date or with a distant one falls into the last bucket
due as (
    select
        opportunities.opportunity_id,
        coalesce(
            min(buckets.bucket_no) filter (where opportunities.close_date <= buckets.fiscal_period_end), 6
        ) as due_bucket_no
    from opportunities
    cross join buckets
    group by opportunities.opportunity_id
),

scored_deals as (
    select distinct opportunity_id from latest_vintage
),

cumulative as (
    select
        opportunities.opportunity_id,
        buckets.today as as_of_date,
        buckets.period_key,
        buckets.bucket_no,
        buckets.bucket_no = due.due_bucket_no as is_due,
        case
            when scored_deals.opportunity_id is not null then latest_vintage.probability
            when buckets.bucket_no >= due.due_bucket_no then opportunities.probability
            else 0
        end as probability
    from opportunities
    cross join buckets
    inner join due on opportunities.opportunity_id = due.opportunity_id
    left join scored_deals on opportunities.opportunity_id = scored_deals.opportunity_id
    left join latest_vintage
        on
            opportunities.opportunity_id = latest_vintage.opportunity_id
            and case when buckets.bucket_no < 6 then buckets.period_key end
            is not distinct from latest_vintage.horizon_period_key
),

-- a period beyond the vintage's horizon adds nothing: its share is in the last bucket
bucketed as (
    select
        opportunity_id,
        as_of_date,
        period_key,
        bucket_no,
        is_due,
        coalesce(probability, max(probability) over so_far, 0)
        - coalesce(max(probability) over before, 0) as probability
    from cumulative
    window
        so_far as (partition by opportunity_id order by bucket_no),
        before as (partition by opportunity_id order by bucket_no rows between unbounded preceding and 1 preceding)
)

select * from bucketed
