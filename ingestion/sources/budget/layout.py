"""Find a template's table on a sheet: header rows, member columns, period columns, total columns, unit, approval.

What belongs here: where things are. What does not: the numbers (`body.py`) and what header texts mean (`months.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.sources.budget.dated_months import dated_columns
from ingestion.sources.budget.kinds import KINDS
from ingestion.sources.budget.months import UnclearMonthError, bare_month, month_named, month_of
from ingestion.sources.budget.templates import (
    CalendarMonthColumns,
    DatedMonthColumns,
    DateRows,
    FiscalMonthNames,
    Template,
)
from ingestion.workbook.grid import Grid, address, clean

_FEWEST_MATCHES = 2


class LayoutError(ValueError):
    """A sheet that is not laid out as its template says; the message says what was expected and where."""


@dataclass(frozen=True)
class Layout:
    """Where a sheet's table is; rows and columns are 1-based.

    `members` maps a declared column to where it is. `periods` maps a column to its number: the fiscal period, the
    calendar month, year × 100 + month, or 0 for the one value column of dated rows and records. `totals` maps a total
    column to the columns that it adds up. `date_column` holds the row's date or calendar year, where there is one.
    `headings` are each column's header texts from top to bottom.
    """

    header_row: int
    members: dict[str, int]
    periods: dict[int, int]
    totals: dict[int, tuple[int, ...]]
    date_column: int | None
    currency: str | None
    factor: int
    approved_at: datetime | None
    headings: dict[int, tuple[str, ...]]


@dataclass(frozen=True)
class _Header:
    """The header rows: `texts[column]` are a column's texts from top to bottom, the last one names it."""

    row: int
    texts: dict[int, tuple[str, ...]]
    values: dict[int, tuple[object, ...]]

    def find(self, text: str) -> int | None:
        """Return the column of that name; LayoutError where there are several."""
        wanted = clean(text).casefold()
        found = [column for column, texts in self.texts.items() if texts[-1].casefold() == wanted]
        if len(found) > 1:
            places = ", ".join(address(self.row, column) for column in found)
            raise LayoutError(f"the header “{text}” occurs {len(found)} times ({places})")
        return found[0] if found else None

    def required(self, text: str) -> int:
        """Return the column of that name; LayoutError where there is none."""
        column = self.find(text)
        if column is None:
            raise LayoutError(f"the column “{text}” is missing in the header in row {self.row}")
        return column

    def says(self, column: int, text: str | None) -> bool:
        """Return whether any row of the header says `text` above a column."""
        return text is None or any(part.casefold() == text.casefold() for part in self.texts[column])


def find_layout(grid: Grid, template: Template) -> Layout:
    """Return where `template`'s table is on the sheet; LayoutError if it is not there."""
    header = _header(grid, template)
    kind = KINDS[template.kind]
    required = {field.name for field in kind.fields if field.required}
    members = {
        name: column
        for name, text in template.row_columns.items()
        if (column := header.required(text) if name in required else header.find(text)) is not None
    }
    periods = _periods(header, template) if kind.is_spread else {members[kind.value]: 0}
    currency, factor = _unit(grid, template, header.row)
    return Layout(
        header_row=header.row,
        members=members,
        periods=periods,
        totals=_totals(header, periods, template) if kind.is_spread else {},
        date_column=_date_column(header, template),
        currency=currency,
        factor=factor * template.unit_factor,
        approved_at=_approved(grid, template, header.row),
        headings=header.texts,
    )


def _header(grid: Grid, template: Template) -> _Header:
    first, last = _header_rows(grid, template)
    columns = range(1, grid.width + 1)
    values = {c: tuple(grid.value(row, c) for row in range(first, last + 1)) for c in columns}
    texts = {c: tuple(map(clean, parts)) for c, parts in values.items()}
    return _Header(last, texts, values)


def _header_rows(grid: Grid, template: Template) -> tuple[int, int]:
    """Return the first and the last header row."""
    row, column = _anchored(grid, template) if template.header.anchor else _guessed(grid, template)
    block = grid.merged_block(row, column)
    first, last = (block[0], block[2]) if block else (row, row)
    return max(1, min(first, last - template.header.rows + 1)), last


def _anchored(grid: Grid, template: Template) -> tuple[int, int]:
    wanted = (template.header.anchor or "").casefold()
    for row in range(1, min(template.header.within_rows, len(grid.rows)) + 1):
        for column in range(1, grid.width + 1):
            if grid.text(row, column).casefold() == wanted:
                return row, column
    raise LayoutError(
        f"no cell “{template.header.anchor}” starts a header in the first {template.header.within_rows} rows; correct"
        " the sheet or the template's anchor"
    )


def _guessed(grid: Grid, template: Template) -> tuple[int, int]:
    """Return the position of the first match in the row that holds the most declared names and months."""
    names = {text.casefold() for text in template.row_columns.values()}
    best: list[tuple[int, int]] = []
    for row in range(1, min(template.header.within_rows, len(grid.rows)) + 1):
        matches = [(row, c) for c in range(1, grid.width + 1) if _is_header_cell(grid, row, c, names)]
        best = matches if len(matches) >= max(len(best), _FEWEST_MATCHES) else best
    if not best:
        raise LayoutError(
            f"no row among the first {template.header.within_rows} looks like a header: none holds"
            f" {', '.join(template.row_columns.values()) or 'months'}; give an anchor in the template"
        )
    return best[0]


def _is_header_cell(grid: Grid, row: int, column: int, names: set[str]) -> bool:
    text = grid.text(row, column)
    if not text:
        return False
    return text.casefold() in names or month_named(text) is not None or month_of([grid.value(row, column)]) is not None


def _periods(header: _Header, template: Template) -> dict[int, int]:
    kind = template.periods
    if isinstance(kind, DateRows):
        return {header.required(kind.value_column): 0}
    wanted: set[int] = set()
    if isinstance(kind, CalendarMonthColumns):
        fits = {c: re.fullmatch(kind.pattern, texts[-1]) for c, texts in header.texts.items()}
        found = {c: int(match["month"]) for c, match in fits.items() if match}
        wanted = set(range(min(found.values(), default=1), max(found.values(), default=1) + 1))
    elif isinstance(kind, DatedMonthColumns):
        found = _dated(header, kind, template.totals.column_labels)
    else:
        assert isinstance(kind, FiscalMonthNames)
        found = _fiscal_periods(header, kind)
        wanted = set(range(1, 13))
    doubled = sorted({p for p in found.values() if list(found.values()).count(p) > 1})
    if doubled:
        places = ", ".join(address(header.row, column) for column, period in found.items() if period in doubled)
        raise LayoutError(
            f"the column of period {', '.join(map(str, doubled))} occurs twice ({places}); take one out of the sheet,"
            " or let the template say by `only` which is meant"
        )
    missing = sorted(wanted - set(found.values()))
    if missing:
        raise LayoutError(
            f"the column of period {', '.join(map(str, missing))} is missing in the header in row {header.row}; correct"
            " the sheet or the template's periods"
        )
    return found


def _dated(header: _Header, kind: DatedMonthColumns, total_labels: tuple[str, ...]) -> dict[int, int]:
    headers = {
        column: header.values[column]
        for column, texts in header.texts.items()
        if not any(_is_label(texts[-1], label) for label in total_labels)
        and (header.says(column, kind.only) or bare_month(texts[-1], kind.names, kind.only or ""))
    }
    try:
        return dated_columns(headers, header.row, kind.names, kind.only)
    except UnclearMonthError as error:
        raise LayoutError(str(error)) from None


def _fiscal_periods(header: _Header, kind: FiscalMonthNames) -> dict[int, int]:
    first = month_named(kind.first, kind.names) or month_named(kind.first) or 1
    found: dict[int, int] = {}
    for column, texts in header.texts.items():
        month = next((m for text in reversed(texts) if (m := month_named(text, kind.names))), None)
        if month and header.says(column, kind.only):
            found[column] = (month - first) % 12 + 1
    order = list(found.values())
    if len(order) == len(set(order)) and order != sorted(order):
        column = next(iter(found))
        raise LayoutError(
            f"cell {address(header.row, column)}: the months begin with {header.texts[column][-1]}, the fiscal year"
            f" with {kind.first}; correct the sheet or the template's first month"
        )
    return found


def _totals(header: _Header, periods: dict[int, int], template: Template) -> dict[int, tuple[int, ...]]:
    totals: dict[int, tuple[int, ...]] = {}
    for column, texts in header.texts.items():
        text = texts[-1]
        if column in periods or not any(_is_label(text, label) for label in template.totals.column_labels):
            continue
        quarter = re.match(r"Q([1-4])\b", text, re.IGNORECASE)
        chosen = range(1, 13) if quarter is None else range(3 * int(quarter[1]) - 2, 3 * int(quarter[1]) + 1)
        everything = isinstance(template.periods, DatedMonthColumns)
        totals[column] = tuple(sorted(c for c, period in periods.items() if everything or period in chosen))
    return totals


def _is_label(text: str, label: str) -> bool:
    return re.match(rf"{re.escape(label)}(\b|$)", text, re.IGNORECASE) is not None


def _date_column(header: _Header, template: Template) -> int | None:
    kind = template.periods
    if isinstance(kind, DateRows):
        return header.required(kind.date_column)
    return header.required(kind.year_column) if isinstance(kind, CalendarMonthColumns) else None


def _unit(grid: Grid, template: Template, header_row: int) -> tuple[str | None, int]:
    if template.unit is None:
        return template.currency, 1
    row, column = _labelled(grid, template.unit.label, header_row)
    found = grid.text(row, column)
    for unit, meaning in template.unit.values.items():
        if unit.casefold() == found.casefold():
            return meaning
    raise LayoutError(
        f"cell {address(row, column)}: expected a unit among {', '.join(template.unit.values)}, found “{found}”;"
        " correct the cell or declare the unit in the template"
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
        raise LayoutError(
            f"cell {address(row, column)}: expected the date of approval, found “{text}”; write it as 2024-01-31"
        ) from None


def _labelled(grid: Grid, label: str, header_row: int) -> tuple[int, int]:
    """Return the position right of the cell that holds `label` above the header."""
    for row in range(1, header_row):
        for column in range(1, grid.width + 1):
            if grid.text(row, column).rstrip(":").casefold() == label.casefold():
                return row, column + 1
    raise LayoutError(
        f"no cell “{label}” above the header in row {header_row}; correct the sheet or the template's label"
    )
