-- grain: calendar day between vars calendar_start and calendar_end
-- additive: nothing
with

days as (
    select cast(range as date) as date_day
    from range(
        date '{{ var("calendar_start") }}', date '{{ var("calendar_end") }}' + interval 1 day, interval 1 day
    )
),

fiscal_days as (
    {% if var('fiscal_calendar') == 'weeks_445' -%}
    {{ fiscal_weeks_445('days') }}
    {%- elif var('fiscal_calendar') == 'months' -%}
        {{ fiscal_months('days') }}
    {%- else -%}
    {{ exceptions.raise_compiler_error(
        "The variable fiscal_calendar is '" ~ var('fiscal_calendar') ~ "'; give 'months' or 'weeks_445'."
    ) }}
    {%- endif %}
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
