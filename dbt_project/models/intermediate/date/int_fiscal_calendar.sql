-- grain: calendar day within the bounds of the fiscal calendar
-- additive: nothing
with

bounds as (
    select * from {{ ref('int_fiscal_calendar_bounds') }}
),

days as (
    select cast(unnest(range(first_day, last_day + interval 1 day, interval 1 day)) as date) as date_day
    from bounds
),

fiscal_days as (
    {{ fiscal_days('days') }}
),

keyed as (
    select
        date_day,
        cast(fiscal_year as integer) as fiscal_year,
        cast((fiscal_period + 2) // 3 as integer) as fiscal_quarter,
        cast(fiscal_period as integer) as fiscal_period,
        cast(fiscal_week as integer) as fiscal_week,
        cast(fiscal_year * 100 + fiscal_period as integer) as fiscal_period_key,
        fiscal_period_start,
        fiscal_period_end
    from fiscal_days
)

select * from keyed
