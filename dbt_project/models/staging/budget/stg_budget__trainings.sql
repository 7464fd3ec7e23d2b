-- grain: workbook (by content) × sheet × cell
-- additive: nothing
with

rows_read as (
    {{ workbook_rows('training') }}
),

renamed as (
    select
        version,
        sales_rep,
        course as course_name,
        completed_at,
        score,
        {{ workbook_cell() }}
    from rows_read
)

select * from renamed
