-- Budget numbers whose rep is nobody's name or more than one's: their amounts stand at UNKNOWN. Correct the name, or
-- give it the rep's id in aliases.csv (kind rep).
{{ config(severity='warn') }}
with

unknown as (
    select
        sales_rep,
        sales_rep_label,
        budget_version,
        source_file,
        source_sheet,
        min(source_cell) as first_cell
    from {{ ref('int_budget_lines_resolved') }}
    where sales_rep_id = 'UNKNOWN'
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
