"""Border: the cells of one exported file, as `expectations.cells.report_cells` reads them back.

Generic over reports: the file has rows, each table has its headers once and none is blank, no cell is live.
"""

from __future__ import annotations

from expectations.suite import Suite, max_between, not_blank, null, unique

ROW_NUMBER = "body_row"

SUITE = Suite(
    schema="exports",
    table="report_file",
    key=("sheet", "row_no", "column_no"),
    expectations=(
        *max_between(ROW_NUMBER, low=1),
        *not_blank("header_text"),
        *unique("sheet", "header_text", ignore_missing=True),
        *null("formula_text"),
    ),
)

MAY_BE_EMPTY = SUITE.relaxed(ROW_NUMBER)
"""For a file that may rightly have no row: one table of a report, or a report whose source is absent."""
