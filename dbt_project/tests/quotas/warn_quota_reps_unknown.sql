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
    select distinct
        sales_rep_id,
        sales_rep_name,
        lower(trim(sales_rep_name)) as label
    from {{ ref('int_sales_reps_unioned') }}
    where sales_rep_name is not null
),

nearest as (
    select
        unknown.sales_rep_label,
        string_agg(distinct sales_reps.sales_rep_name || ' (' || sales_reps.sales_rep_id || ')', ' or ')
            as perhaps_meant
    from unknown
    inner join sales_reps on jaro_winkler_similarity(unknown.sales_rep_label, sales_reps.label) >= 0.85
    group by unknown.sales_rep_label
)

select
    unknown.* exclude (sales_rep_label),
    nearest.perhaps_meant
from unknown
left join nearest on unknown.sales_rep_label = nearest.sales_rep_label
