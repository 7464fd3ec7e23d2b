-- grain: workbook (by content) × sheet × cell
-- additive: amount_document within one currency and version
with

rows_read as (
    {{ current_rows(
        source('raw_budget', 'quota'),
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
        amount as amount_document,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        source_file,
        source_sheet,
        source_cell,
        file_sha256,
        file_modified_at,
        approved_at
    from rows_read
)

select * from renamed
