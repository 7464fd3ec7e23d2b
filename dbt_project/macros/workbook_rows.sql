{#
The cells of planning workbooks: every raw table of the source `budget` has one row per workbook content, sheet and
cell, and the same columns about where it was read.
#}

{# The rows of a raw table as they are now. #}
{% macro workbook_rows(table) -%}
    {{ current_rows(source('raw_budget', table), ['file_sha256', 'source_sheet', 'source_cell'], 'file_modified_at') }}
{%- endmacro %}

{# Where a row was read, and whether its sheet was approved. #}
{% macro workbook_cell() -%}
    source_file, source_sheet, source_cell, file_sha256, file_modified_at, approved_at
{%- endmacro %}
