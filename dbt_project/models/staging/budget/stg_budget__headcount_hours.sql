-- grain: workbook (by content) × sheet × cell
-- additive: available_hours within one version
with

rows_read as (
    {{ current_rows(
        source('raw_budget', 'headcount_hours'),
        ['file_sha256', 'source_sheet', 'source_cell'],
        'file_modified_at'
    ) }}
),

renamed as (
    select
        version,
        sales_rep,
        fiscal_year,
        fiscal_period,
        period_start,
        hours as available_hours,
        source_file,
        source_sheet,
        source_cell,
        file_sha256,
        file_modified_at,
        approved_at
    from rows_read
)

select * from renamed
