"""Find a template's table on a sheet: header row, member columns, period columns, total columns, unit, approval.

What belongs here: where things are. What does not: the numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.sources.budget.grid import Grid, address
from ingestion.sources.budget.templates import (
    CalendarMonthColumns,
    DateRows,
    FiscalMonthNames,
    Template,
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class LayoutError(ValueError):
    """A sheet that is not laid out as its template says; the message says what was expected and where."""


@dataclass(frozen=True)
class Layout:
    """Where a sheet's table is; rows and columns are 1-based.

    `periods` maps a column to its number: the fiscal period, the calendar month, or 0 for the value column of
    dated rows. `totals` maps a total column to the columns that it adds up. `date_column` holds the row's date or
    calendar year, where the layout has one.
    """

    header_row: int
    members: dict[str, int]
    periods: dict[int, int]
    totals: dict[int, tuple[int, ...]]
    date_column: int | None
    currency: str | None
    factor: int
    approved_at: datetime | None


def find_layout(grid: Grid, template: Template) -> Layout:
    """Return where `template`'s table is on the sheet; LayoutError if it is not there."""
    header_row = _header_row(grid, template)
    headers = {column: grid.text(header_row, column) for column in range(1, grid.width + 1)}
    periods = _periods(headers, template)
    currency, factor = _unit(grid, template, header_row)
    return Layout(
        header_row=header_row,
        members={
            name: column for name, text in template.row_columns.items() if (column := _find(headers, text)) is not None
        },
        periods=periods,
        totals=_totals(headers, periods, template),
        date_column=_date_column(headers, template),
        currency=currency,
        factor=factor * template.unit_factor,
        approved_at=_approved(grid, template, header_row),
    )


def _header_row(grid: Grid, template: Template) -> int:
    wanted = template.header.anchor.casefold()
    for row in range(1, min(template.header.within_rows, len(grid.rows)) + 1):
        if any(grid.text(row, column).casefold() == wanted for column in range(1, grid.width + 1)):
            return row
    raise LayoutError(
        f"no cell “{template.header.anchor}” starts a header in the first {template.header.within_rows} rows"
    )


def _find(headers: dict[int, str], text: str) -> int | None:
    found = [column for column, header in headers.items() if header.casefold() == text.casefold()]
    if len(found) > 1:
        raise LayoutError(f"the header “{text}” occurs {len(found)} times")
    return found[0] if found else None


def _periods(headers: dict[int, str], template: Template) -> dict[int, int]:
    kind = template.periods
    if isinstance(kind, DateRows):
        return {_required(headers, kind.value_column): 0}
    if isinstance(kind, CalendarMonthColumns):
        found = {c: int(m["month"]) for c, text in headers.items() if (m := re.fullmatch(kind.pattern, text))}
        wanted = set(found.values()) if found else {1}
    else:
        found = {c: period for c, text in headers.items() if (period := _fiscal_period(text, kind))}
        wanted = set(range(1, 13))
    doubled = sorted({p for p in found.values() if list(found.values()).count(p) > 1})
    if doubled:
        raise LayoutError(f"the column of period {', '.join(map(str, doubled))} occurs twice")
    missing = sorted(wanted - set(found.values()))
    if missing:
        raise LayoutError(f"the column of period {', '.join(map(str, missing))} is missing in the header")
    return found


def _fiscal_period(text: str, kind: FiscalMonthNames) -> int | None:
    month = text.casefold()[:3]
    full = re.fullmatch(r"[a-z]{3,9}\.?", text.casefold())
    if full is None or month not in _MONTHS:
        return None
    return (_MONTHS.index(month) - _MONTHS.index(kind.first.casefold()[:3])) % 12 + 1


def _totals(headers: dict[int, str], periods: dict[int, int], template: Template) -> dict[int, tuple[int, ...]]:
    totals: dict[int, tuple[int, ...]] = {}
    for column, text in headers.items():
        if column in periods or not any(_is_label(text, label) for label in template.totals.column_labels):
            continue
        quarter = re.match(r"Q([1-4])\b", text, re.IGNORECASE)
        chosen = range(1, 13) if quarter is None else range(3 * int(quarter[1]) - 2, 3 * int(quarter[1]) + 1)
        totals[column] = tuple(sorted(c for c, period in periods.items() if period in chosen))
    return totals


def _is_label(text: str, label: str) -> bool:
    return re.match(rf"{re.escape(label)}(\b|$)", text, re.IGNORECASE) is not None


def _date_column(headers: dict[int, str], template: Template) -> int | None:
    kind = template.periods
    if isinstance(kind, DateRows):
        return _required(headers, kind.date_column)
    return _required(headers, kind.year_column) if isinstance(kind, CalendarMonthColumns) else None


def _required(headers: dict[int, str], text: str) -> int:
    column = _find(headers, text)
    if column is None:
        raise LayoutError(f"the column “{text}” is missing in the header")
    return column


def _unit(grid: Grid, template: Template, header_row: int) -> tuple[str | None, int]:
    if template.unit is None:
        return template.currency, 1
    row, column = _labelled(grid, template.unit.label, header_row)
    found = grid.text(row, column)
    for unit, meaning in template.unit.values.items():
        if unit.casefold() == found.casefold():
            return meaning
    raise LayoutError(
        f"cell {address(row, column)}: expected a unit among {', '.join(template.unit.values)}, found “{found}”"
    )


def _approved(grid: Grid, template: Template, header_row: int) -> datetime | None:
    if template.approved is None:
        return None
    row, column = _labelled(grid, template.approved.label, header_row)
    value = grid.value(row, column)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, datetime.min.time())
    text = grid.text(row, column)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise LayoutError(f"cell {address(row, column)}: expected the date of approval, found “{text}”") from None


def _labelled(grid: Grid, label: str, header_row: int) -> tuple[int, int]:
    """Return the position right of the cell that holds `label` above the header."""
    for row in range(1, header_row):
        for column in range(1, grid.width + 1):
            if grid.text(row, column).rstrip(":").casefold() == label.casefold():
                return row, column + 1
    raise LayoutError(f"no cell “{label}” above the header in row {header_row}")
