-- grain: workbook (by content) × sheet × cell
with

lines as (
    {{ workbook_rows('line') }}
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
        {{ workbook_cell() }}
    from lines
)

select * from renamed
