-- grain: workbook (by content) × sheet × cell
with

lines as (
    {{ current_rows(
        source('raw_budget', 'line'),
        ['file_sha256', 'source_sheet', 'source_cell'],
        'file_modified_at'
    ) }}
),

renamed as (
    select
        budget_version,
        fiscal_year,
        fiscal_period,
        period_start,
        territory as territory_name,
        product_category,
        sales_rep,
        measure,
        amount as amount_document,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        source_file,
        source_sheet,
        source_cell,
        file_sha256,
        file_modified_at,
        approved_at
    from lines
)

select * from renamed
