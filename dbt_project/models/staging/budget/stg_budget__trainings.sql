-- grain: workbook (by content) × sheet × cell
-- additive: nothing
with

rows_read as (
    {{ current_rows(
        source('raw_budget', 'training'),
        ['file_sha256', 'source_sheet', 'source_cell'],
        'file_modified_at'
    ) }}
),

renamed as (
    select
        version,
        sales_rep,
        course as course_name,
        completed_at,
        score,
        source_file,
        source_sheet,
        source_cell,
        file_sha256,
        file_modified_at,
        approved_at
    from rows_read
)

select * from renamed
