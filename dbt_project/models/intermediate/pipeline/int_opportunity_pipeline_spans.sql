-- grain: opportunity × span of business days that belong in the pipeline, [valid_from, last_day], up to the clock
-- A deal is in the pipeline while it is open and on each day on which it closes, not from the day of its deletion on.
with states as (
    select * from {{ ref('int_opportunity_states') }}
),

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

spans as (
    select
        states.*,
        case
            when states.is_closed then states.valid_from
            else least(coalesce(states.valid_to - 1, clock.today), clock.today)
        end as last_day
    from states
    cross join clock
    where
        not states.is_deleted
        and states.stage_id is not null
        and states.valid_from <= clock.today
        and (not states.is_closed or states.is_closing_day)
)

select * from spans
