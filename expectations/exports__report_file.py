"""Border: the cells of one exported file, as `expectations.cells.report_cells` reads them back.

Generic over reports: each table has its headers once and none is blank, no cell is live. A file without a row is told:
whether it should have one, its report's query knows (`orchestration.checks`).
"""

from __future__ import annotations

from expectations.suite import Suite, max_between, not_blank, null, unique

SUITE = Suite(
    schema="exports",
    table="report_file",
    key=("sheet", "row_no", "column_no"),
    expectations=(
        *max_between("body_row", low=1, severity="warn"),
        *not_blank("header_text"),
        *unique("sheet", "header_text", ignore_missing=True),
        *null("formula_text"),
    ),
)
