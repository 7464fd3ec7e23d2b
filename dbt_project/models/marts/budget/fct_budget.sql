-- grain: version × fiscal period × territory × category × rep × measure, one row per sheet cell
-- additive: amount within one version (filter budget_version or is_current) and one measure
with

budget_lines as (
    select * from {{ ref('int_budget_lines_resolved') }}
),

-- approval decides, not when a file was copied; versions approved together go by their files, then by their numbers
latest_versions as (
    select distinct on (fiscal_year)
        fiscal_year,
        budget_version
    from budget_lines
    order by
        fiscal_year asc,
        approved_at desc nulls last,
        file_modified_at desc nulls last,
        cast(regexp_extract_all(budget_version, '[0-9]+') as bigint[]) desc,
        budget_version desc
),

final as (
    select
        budget_lines.budget_version,
        budget_lines.fiscal_period_key,
        budget_lines.territory_id,
        coalesce(budget_lines.product_category, 'UNALLOCATED') as product_category,
        budget_lines.sales_rep_id,
        budget_lines.measure,
        budget_lines.amount,
        budget_lines.source_file,
        budget_lines.source_sheet,
        budget_lines.source_cell,
        budget_lines.file_sha256,
        budget_lines.approved_at,
        latest_versions.budget_version is not null as is_current
    from budget_lines
    left join latest_versions
        on
            budget_lines.fiscal_year = latest_versions.fiscal_year
            and budget_lines.budget_version = latest_versions.budget_version
)

select * from final
