-- grain: public holiday
-- additive: nothing
with

holidays as (
    {{ staged('holidays') }}
),

named as (
    select
        holiday_date,
        string_agg(distinct holiday_name, ', ' order by holiday_name) as holiday_name
    from holidays
    group by holiday_date
)

select * from named
