-- A rep whom one version of a workbook names twice for a month, by two of his names or on two sheets: both quotas are
-- added up. Leave one away.
{{ config(severity='warn') }}
select
    sales_rep_id,
    fiscal_period_key,
    quota_version,
    string_agg(
        source_file || ', sheet ' || source_sheet || ', cell ' || source_cell || ': ' || sales_rep, '; '
        order by source_file, source_sheet, source_cell
    ) as cells
from {{ ref('int_quota_lines_resolved') }}
where sales_rep_id not in ('UNKNOWN', 'VACANT')
group by all
having count(*) > 1
