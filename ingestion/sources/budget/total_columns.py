"""Find a sheet's columns of totals: by what any row of the header says above them.

What belongs here: which columns are totals and what each adds up. What does not: proving them (`body.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingestion.sources.budget.header import Header
from ingestion.sources.budget.templates import DatedMonthColumns, Template


@dataclass(frozen=True)
class TotalColumns:
    """The columns of totals of a sheet.

    `parts` maps each to the columns that it adds up. `unmatched` are the declared labels that no column bears; `unread`
    are the columns that have a header and are neither read, nor totals, nor headed by a month.
    """

    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()


def total_columns(header: Header, periods: dict[int, int], used: set[int], template: Template) -> TotalColumns:
    """Return the columns outside `used` that bear one of the template's `column_labels`."""
    free = [column for column in header.texts if column not in used]
    borne = {label: _bearing(header, label, free, periods, template) for label in template.totals.column_labels}
    everything = isinstance(template.periods, DatedMonthColumns)
    parts = {
        column: tuple(sorted(c for c, period in periods.items() if everything or period in _added_up(text)))
        for column, text in sorted({c: text for found in borne.values() for c, text in found.items()}.items())
    }
    unmatched = tuple(label for label, found in borne.items() if not found)
    unread = tuple(c for c in free if c not in parts and header.name(c) and not header.is_month(c))
    return TotalColumns(parts, unmatched, unread)


def _bearing(
    header: Header, label: str, columns: list[int], periods: dict[int, int], template: Template
) -> dict[int, str]:
    """Return the columns that a label heads with the text that says so: in the last row, or else in any or in all."""
    last = {c: header.texts[c][-1] for c in columns if bears(header.texts[c][-1], label)}
    if last:
        return last
    split = [] if template.only is None else _rows_saying(header, template.only, periods)
    found: dict[int, str] = {}
    for column in columns:
        texts = header.texts[column]
        text = next((text for text in (" ".join(filter(None, texts)), *texts) if bears(text, label)), None)
        others = [texts[row] for row in split if texts[row] and not bears(texts[row], label)]
        if text is not None and all(other.casefold() == (template.only or "").casefold() for other in others):
            found[column] = text
    return found


def _rows_saying(header: Header, text: str, periods: dict[int, int]) -> list[int]:
    """Return which header rows (from 0) tell the columns that are read, such as Plan, from their neighbours."""
    rows = range(len(next(iter(header.texts.values()), ())))
    return [row for row in rows if any(header.texts[column][row].casefold() == text.casefold() for column in periods)]


def _added_up(text: str) -> range:
    """Return the periods that a column of totals adds up: a quarter's, or all."""
    quarter = re.match(r"Q([1-4])\b", text, re.IGNORECASE)
    return range(1, 13) if quarter is None else range(3 * int(quarter[1]) - 2, 3 * int(quarter[1]) + 1)


def bears(text: str, label: str) -> bool:
    """Return whether a header's text is a label of totals, or begins with it."""
    return re.match(rf"{re.escape(label)}(\b|$)", text, re.IGNORECASE) is not None
