-- grain: workbook (by content) × sheet × cell
-- additive: annual_goal within one currency, fiscal year and version
with

rows_read as (
    {{ workbook_rows('goal') }}
),

renamed as (
    select
        version,
        process as process_name,
        pipeline as pipeline_id,
        fiscal_year,
        estimated_annual_revenue,
        annual_goal,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        sales_rep,
        segment,
        product_line,
        lead_source as source_name,
        {{ workbook_cell() }}
    from rows_read
)

select * from renamed
