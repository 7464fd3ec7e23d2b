-- Workbook quotas in force whose rep is nobody's name or more than one's: their amounts stand at UNKNOWN. Correct the
-- name, or give it the rep's id in aliases.csv (kind rep).
{{ config(severity='warn') }}
with

unknown as (
    select
        lines.sales_rep,
        lines.sales_rep_label,
        lines.quota_version,
        lines.source_file,
        lines.source_sheet,
        min(lines.source_cell) as first_cell
    from {{ ref('int_quota_lines_resolved') }} as lines
    inner join {{ ref('int_quotas_ranked') }} as quotas
        on
            lines.sales_rep_id = quotas.sales_rep_id
            and lines.fiscal_period_key = quotas.period_key
            and lines.quota_version = quotas.workbook_version
            and quotas.is_current
    where lines.sales_rep_id = 'UNKNOWN'
    group by all
),

sales_reps as (
    select * from {{ ref('int_sales_reps_unioned') }}
),

nearest as (
    {{ nearest_sales_reps('unknown', 'sales_reps') }}
)

select
    unknown.* exclude (sales_rep_label),
    nearest.perhaps_meant
from unknown
left join nearest on unknown.sales_rep_label = nearest.sales_rep_label
