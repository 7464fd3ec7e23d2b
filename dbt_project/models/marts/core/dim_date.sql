-- grain: calendar day
-- additive: nothing
with

days as (
    select * from {{ ref('int_fiscal_calendar') }}
),

holidays as (
    select * from {{ ref('int_holidays') }}
),

final as (
    select
        days.date_day,
        cast(year(days.date_day) as integer) as calendar_year,
        cast(quarter(days.date_day) as integer) as calendar_quarter,
        cast(month(days.date_day) as integer) as calendar_month,
        cast(isoyear(days.date_day) as integer) as iso_year,
        cast(week(days.date_day) as integer) as iso_week,
        days.fiscal_year,
        days.fiscal_quarter,
        days.fiscal_period,
        days.fiscal_week,
        days.fiscal_period_key,
        days.fiscal_period_start,
        days.fiscal_period_end,
        isodow(days.date_day) < 6 and holidays.holiday_date is null as is_business_day,
        holidays.holiday_name
    from days
    left join holidays on days.date_day = holidays.holiday_date
)

select * from final
