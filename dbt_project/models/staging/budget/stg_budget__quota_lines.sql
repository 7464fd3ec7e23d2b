-- grain: workbook (by content) × sheet × cell
-- additive: amount_document within one currency and version
with

rows_read as (
    {{ workbook_rows('quota') }}
),

renamed as (
    select
        version as quota_version,
        sales_rep,
        fiscal_year,
        fiscal_period,
        period_start,
        amount as amount_document,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        {{ workbook_cell() }}
    from rows_read
)

select * from renamed
