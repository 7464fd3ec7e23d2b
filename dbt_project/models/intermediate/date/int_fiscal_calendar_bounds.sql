-- grain: one row, the first and the last day of the fiscal calendar; always whole fiscal years
-- additive: nothing
-- From the first thing that happened or was planned to the last period that is planned or forecast, or from and to the
-- fiscal years of the variables calendar_start and calendar_end. A date more than 30 years back or 10 years ahead is
-- a typing error and does not stretch the calendar.
{%- set start_month = var('fiscal_year_start_month') %}
{#- what is forecast, and the periods of the expected revenue, counted from a period that may not be closed yet #}
{%- set months_ahead = [var('forecast_horizon') | int, 6] | max + 1 %}
with

clock as (
    select {{ business_date('as_of_ts') }} as today from {{ ref('clock') }}
),

sales_lines as (
    select * from {{ ref('int_sales_lines_unioned') }}
),

budget_lines as (
    select * from {{ ref('int_budget_lines_unioned') }}
),

quotas as (
    select * from {{ ref('int_quotas_unioned') }}
),

quota_lines as (
    select * from {{ ref('int_quota_lines_unioned') }}
),

leads as (
    select * from {{ ref('int_leads_deduplicated') }}
),

opportunities as (
    {{ staged('opportunities') }}
),

planned as (
    select
        fiscal_year,
        period_start
    from budget_lines
    union all
    select
        fiscal_year,
        period_start
    from quota_lines
),

dates as (
    select invoice_date as date_day from sales_lines
    union all
    select {{ business_date('created_at') }} as date_day from leads
    union all
    select {{ business_date('created_at') }} as date_day from opportunities
    union all
    select period_start as date_day from quotas
    union all
    select period_start as date_day from planned
    union all
    -- a day that lies within the fiscal year in both kinds of calendar
    select try_cast(fiscal_year || '-{{ '%02d' % (start_month | int) }}-15' as date) as date_day
    from planned
),

plausible as (
    select dates.date_day
    from dates
    cross join clock
    where dates.date_day between clock.today - interval 30 year and clock.today + interval 10 year
),

needed as (
    select
        {% if var('calendar_start') -%}
        date '{{ var("calendar_start") }}' as first_day,
        {%- else -%}
            least(clock.today, coalesce(min(plausible.date_day), clock.today)) as first_day,
        {%- endif %}
        {% if var('calendar_end') -%}
        date '{{ var("calendar_end") }}' as last_day
        {%- else -%}
            greatest(
                cast(clock.today + interval {{ months_ahead }} month as date),
                coalesce(max(plausible.date_day), clock.today)
            ) as last_day
        {%- endif %}
    from clock
    left join plausible on true
    group by clock.today
),

-- more than a year on both sides, so that the first and the last fiscal year are there as a whole
days as (
    select
        cast(
            unnest(range(first_day - interval 400 day, last_day + interval 400 day, interval 1 day)) as date
        ) as date_day
    from needed
),

fiscal_days as (
    {{ fiscal_days('days') }}
),

kept_years as (
    select
        min(fiscal_days.fiscal_year) as first_year,
        max(fiscal_days.fiscal_year) as last_year
    from fiscal_days
    inner join needed on fiscal_days.date_day between needed.first_day and needed.last_day
),

final as (
    select
        min(fiscal_days.date_day) as first_day,
        max(fiscal_days.date_day) as last_day
    from fiscal_days
    inner join kept_years on fiscal_days.fiscal_year between kept_years.first_year and kept_years.last_year
)

select * from final
