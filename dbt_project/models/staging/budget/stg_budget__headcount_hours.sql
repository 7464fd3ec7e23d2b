-- grain: workbook (by content) × sheet × cell
-- additive: available_hours within one version
with

rows_read as (
    {{ workbook_rows('headcount_hours') }}
),

renamed as (
    select
        version,
        sales_rep,
        fiscal_year,
        fiscal_period,
        period_start,
        hours as available_hours,
        {{ workbook_cell() }}
    from rows_read
)

select * from renamed
