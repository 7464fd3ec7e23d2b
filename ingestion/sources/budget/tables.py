"""What planning workbooks deliver, one raw table per kind: the columns that `kinds.py` declares, and the cell.

A spread kind has one row per loaded number: `amount` (or `hours`) is in whole units, thousands already multiplied out;
`fiscal_year` and `fiscal_period` follow the company's fiscal calendar, and `period_start` is set instead where the
sheet names calendar dates. Names are the members after aliases; NULL where the workbook does not speak at that level.
`file_modified_at` orders files that carry the same version label. The deletion log is the templates' list of withdrawn
versions.
"""

from __future__ import annotations

from ingestion.contract import Column, TableContract, by_name, columns
from ingestion.sources.budget.kinds import KINDS, Kind

_PERIOD = "fiscal_year:integer fiscal_period:integer period_start:date"


def _contract(kind: Kind) -> TableContract:
    origin = f"file_sha256! source_file! source_sheet! source_cell! template! {kind.version_column}!"
    own = tuple(Column(field.name, field.type, field.required) for field in kind.fields)
    measured = ""
    if kind.is_spread:
        measured = f"{_PERIOD} {'measure! ' if kind.name == 'budget' else ''}{kind.value}:decimal!"
        measured += " currency unit_factor:integer" if kind.is_money else ""
    return TableContract(
        name=kind.table,
        key=("file_sha256", "source_sheet", "source_cell"),
        columns=columns(origin) + own + columns(f"{measured} approved_at:timestamp file_modified_at:timestamp"),
        hard_deletes="log",
        provenance=("source_file", "file_modified_at"),
    )


TABLES = by_name([_contract(kind) for kind in KINDS.values()])
