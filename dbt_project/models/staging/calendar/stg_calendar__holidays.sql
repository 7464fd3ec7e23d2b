-- grain: public holiday
with

holidays as (
    {{ current_rows(source('raw_calendar', 'holiday'), ['holiday_date'], '_extracted_at') }}
),

renamed as (
    select
        holiday_date,
        holiday_name
    from holidays
)

select * from renamed
