{#
The two fiscal calendars, chosen by var `fiscal_calendar`. Each macro gives, for a relation with a column `date_day`,
one row per day: date_day, fiscal_year, fiscal_week, fiscal_period, fiscal_period_start, fiscal_period_end.
A fiscal year is named by the calendar year in which it starts.
#}

{% macro fiscal_days(days) %}
    {%- if var('fiscal_calendar') == 'weeks_445' -%}
    {{ fiscal_weeks_445(days) }}
    {%- elif var('fiscal_calendar') == 'months' -%}
    {{ fiscal_months(days) }}
    {%- else -%}
    {{ exceptions.raise_compiler_error(
        "The variable fiscal_calendar is '" ~ var('fiscal_calendar') ~ "'; give 'months' or 'weeks_445'."
    ) }}
    {%- endif -%}
{% endmacro %}

{#
Periods are calendar months. Weeks start on Monday and are counted within the fiscal year, so the first and the
last may be short.
#}
{% macro fiscal_months(days) %}
    {%- set shift = "interval " ~ (var('fiscal_year_start_month') | int - 1) ~ " month" -%}
    select
        date_day,
        year(date_day - {{ shift }}) as fiscal_year,
        cast(
            1 + (
                cast(date_trunc('week', date_day) as date)
                - cast(date_trunc('week', make_date(
                    year(date_day - {{ shift }}), {{ var('fiscal_year_start_month') }}, 1
                )) as date)
            ) // 7 as integer
        ) as fiscal_week,
        month(date_day - {{ shift }}) as fiscal_period,
        cast(date_trunc('month', date_day) as date) as fiscal_period_start,
        last_day(date_day) as fiscal_period_end
    from {{ days }}
{% endmacro %}

{#
Quarters of 4, 4 and 5 weeks from Monday to Sunday. A fiscal year starts on the Monday nearest to the first of its start
month; about every sixth year has a 53rd week, which belongs to period 12.
#}
{% macro fiscal_weeks_445(days) %}
    {%- set start_month = var('fiscal_year_start_month') -%}
    select
        date_day,
        fiscal_year,
        fiscal_week,
        fiscal_period,
        cast(year_start + 7 * period_offset as date) as fiscal_period_start,
        cast(
            if(fiscal_period = 12, next_year_start, year_start + 7 * (period_offset + period_weeks)) - 1 as date
        ) as fiscal_period_end
    from (
        select
            *,
            cast(3 * ((least(fiscal_week, 52) - 1) // 13) + week_group + 1 as integer) as fiscal_period,
            cast(13 * ((least(fiscal_week, 52) - 1) // 13) + 4 * week_group as integer) as period_offset,
            if(week_group = 2, 5, 4) as period_weeks
        from (
            select
                *,
                cast(least(((least(fiscal_week, 52) - 1) % 13) // 4, 2) as integer) as week_group
            from (
                select
                    days.date_day,
                    years.fiscal_year,
                    years.year_start,
                    years.next_year_start,
                    cast(1 + (days.date_day - years.year_start) // 7 as integer) as fiscal_week
                from {{ days }} as days
                inner join (
                    select
                        cast(range as integer) as fiscal_year,
                        cast(date_trunc('week', make_date(range, {{ start_month }}, 1) + 3) as date) as year_start,
                        cast(
                            date_trunc('week', make_date(range + 1, {{ start_month }}, 1) + 3) as date
                        ) as next_year_start
                    from range(1900, 2200)
                ) as years
                    on days.date_day >= years.year_start and days.date_day < years.next_year_start
            )
        )
    )
{% endmacro %}
