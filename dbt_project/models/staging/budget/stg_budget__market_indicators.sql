-- grain: workbook (by content) × sheet × cell
-- additive: nothing
with

rows_read as (
    {{ current_rows(
        source('raw_budget', 'market_indicator'),
        ['file_sha256', 'source_sheet', 'source_cell'],
        'file_modified_at'
    ) }}
),

renamed as (
    select
        version,
        indicator as indicator_name,
        region,
        period_date,
        value,
        released_at,
        publisher,
        source_file,
        source_sheet,
        source_cell,
        file_sha256,
        file_modified_at,
        approved_at
    from rows_read
)

select * from renamed
