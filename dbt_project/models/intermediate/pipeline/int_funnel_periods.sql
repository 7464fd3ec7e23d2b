-- grain: grain (week, month, quarter) × period that has begun by the clock
with dates as (
    select * from {{ ref('int_fiscal_calendar') }}
),

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

keyed as (
    select
        date_day,
        'week' as grain,
        isoyear(date_day) * 100 + week(date_day) as period_key
    from dates
    union all
    select
        date_day,
        'month' as grain,
        fiscal_period_key as period_key
    from dates
    union all
    select
        date_day,
        'quarter' as grain,
        fiscal_year * 10 + fiscal_quarter as period_key
    from dates
),

periods as (
    select
        keyed.grain,
        cast(keyed.period_key as integer) as period_key,
        min(keyed.date_day) as period_start,
        max(keyed.date_day) as period_end,
        clock.today
    from keyed
    cross join clock
    group by keyed.grain, keyed.period_key, clock.today
    having min(keyed.date_day) <= clock.today
)

select * from periods
