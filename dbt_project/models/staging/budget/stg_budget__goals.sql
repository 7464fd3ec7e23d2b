-- grain: workbook (by content) × sheet × cell
-- additive: annual_goal within one currency, fiscal year and version
with

rows_read as (
    {{ current_rows(
        source('raw_budget', 'goal'),
        ['file_sha256', 'source_sheet', 'source_cell'],
        'file_modified_at'
    ) }}
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
        source_file,
        source_sheet,
        source_cell,
        file_sha256,
        file_modified_at,
        approved_at
    from rows_read
)

select * from renamed
