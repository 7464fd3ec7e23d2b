-- grain: as_of_date × opportunity that was open at the end of that day; its state then
-- as_of_date is the last day of each fiscal period that has ended, and the clock's own day
with clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

calendar as (
    select distinct fiscal_period_end from {{ ref('int_fiscal_calendar') }}
),

states as (
    select * from {{ ref('int_opportunity_states') }}
),

as_of_dates as (
    select calendar.fiscal_period_end as as_of_date
    from calendar
    inner join clock on calendar.fiscal_period_end < clock.today
    union all
    select today as as_of_date from clock
),

observed as (
    select
        as_of_dates.as_of_date,
        states.*
    from as_of_dates
    inner join states
        on
            as_of_dates.as_of_date >= states.valid_from
            and as_of_dates.as_of_date < coalesce(states.valid_to, date '9999-12-31')
    where not states.is_closed and not states.is_deleted
)

select * from observed
