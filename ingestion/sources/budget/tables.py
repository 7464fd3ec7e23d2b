"""What a budget workbook delivers: one row per loaded number, with the cell it came from.

`amount` is in whole units of `currency` (thousands already multiplied out). `territory`, `product_category` and
`sales_rep` are the members after aliases; NULL where the workbook does not speak at that level. `fiscal_year`
and `fiscal_period` follow the company's fiscal calendar; `period_start` is set instead where the sheet names
calendar dates. `file_modified_at` orders files that carry the same version label.
"""

from __future__ import annotations

from ingestion.contract import TableContract, by_name, columns

TABLES = by_name(
    [
        TableContract(
            name="line",
            key=("file_sha256", "source_sheet", "source_cell"),
            columns=columns(
                "file_sha256! source_file! source_sheet! source_cell! template! budget_version! fiscal_year:integer"
                " fiscal_period:integer period_start:date territory product_category sales_rep measure!"
                " amount:decimal! currency unit_factor:integer approved_at:timestamp file_modified_at:timestamp"
            ),
            provenance=("source_file", "file_modified_at"),
        ),
    ]
)
