"""Find a sheet's columns of totals: by the last row of the header.

What belongs here: which columns are totals and what each adds up. What does not: proving them (`body.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingestion.sources.budget.header import Header
from ingestion.sources.budget.templates import DatedMonthColumns, Template


@dataclass(frozen=True)
class TotalColumns:
    """The columns of totals of a sheet; `parts` maps each to the columns that it adds up."""

    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)


def total_columns(header: Header, periods: dict[int, int], used: set[int], template: Template) -> TotalColumns:
    """Return the columns outside `used` that bear one of the template's `column_labels`."""
    free = [column for column in header.texts if column not in used]
    borne = {label: _bearing(header, label, free) for label in template.totals.column_labels}
    everything = isinstance(template.periods, DatedMonthColumns)
    parts = {
        column: tuple(sorted(c for c, period in periods.items() if everything or period in _added_up(text)))
        for column, text in sorted({c: text for found in borne.values() for c, text in found.items()}.items())
    }
    return TotalColumns(parts)


def _bearing(header: Header, label: str, columns: list[int]) -> dict[int, str]:
    """Return the columns that a label heads with the text that says so."""
    return {c: header.texts[c][-1] for c in columns if _begins(header.texts[c][-1], label)}


def _added_up(text: str) -> range:
    """Return the periods that a column of totals adds up: a quarter's, or all."""
    quarter = re.match(r"Q([1-4])\b", text, re.IGNORECASE)
    return range(1, 13) if quarter is None else range(3 * int(quarter[1]) - 2, 3 * int(quarter[1]) + 1)


def _begins(text: str, label: str) -> bool:
    return re.match(rf"{re.escape(label)}(\b|$)", text, re.IGNORECASE) is not None
