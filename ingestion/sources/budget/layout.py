"""Find a template's table on a sheet: member columns, period columns, unit, approval.

What belongs here: where things are below and above the header. What does not: the header itself (`header.py`), columns
of totals (`total_columns.py`), the numbers (`body.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.sources.budget.dated_months import dated_columns
from ingestion.sources.budget.header import Header, LayoutError, find_header
from ingestion.sources.budget.kinds import KINDS, Kind
from ingestion.sources.budget.months import UnclearMonthError, bare_month, month_named
from ingestion.sources.budget.templates import (
    CalendarMonthColumns,
    DatedMonthColumns,
    DateRows,
    FiscalMonthNames,
    Template,
)
from ingestion.sources.budget.total_columns import TotalColumns, bears, total_columns
from ingestion.workbook.grid import Grid, address


@dataclass(frozen=True)
class Layout:
    """Where a sheet's table is; rows and columns are 1-based.

    `members` maps a declared column to where it is. `periods` maps a column to its number: the fiscal period, the
    calendar month, year × 100 + month, or 0 for the one value column of dated rows and records. `date_column` holds the
    row's date or calendar year, where there is one. `headings` are each column's header texts from top to bottom,
    `remarks` are sentences on what a person should know.
    """

    header_row: int
    members: dict[str, int]
    periods: dict[int, int]
    totals: TotalColumns
    date_column: int | None
    currency: str | None
    factor: int
    approved_at: datetime | None
    headings: dict[int, tuple[str, ...]]
    remarks: tuple[str, ...] = ()


def find_layout(grid: Grid, template: Template) -> Layout:
    """Return where `template`'s table is on the sheet; LayoutError if it is not there."""
    header = find_header(grid, template)
    kind = KINDS[template.kind]
    members = _members(header, template, kind)
    periods = _periods(header, template) if kind.is_spread else {members[kind.value]: 0}
    date_column = _date_column(header, template)
    used = {*members.values(), *periods, *([date_column] if date_column else [])}
    currency, factor = _unit(grid, template, header.row)
    return Layout(
        header_row=header.row,
        members=members,
        periods=periods,
        totals=total_columns(header, periods, used, template) if kind.is_spread else TotalColumns(),
        date_column=date_column,
        currency=currency,
        factor=factor * template.unit_factor,
        approved_at=_approved(grid, template, header.row),
        headings=header.texts,
        remarks=tuple(_misspelt(header, template, members)),
    )


def _members(header: Header, template: Template, kind: Kind) -> dict[str, int]:
    """Return where the declared columns are; LayoutError where one is missing that no sheet may lack."""
    members: dict[str, int] = {}
    required = {field.name for field in kind.fields if field.required}
    for name, text in template.row_columns.items():
        if name in template.optional_columns:
            column = header.find(text)
        else:
            way_out = "" if name in required else f", or name {name} under optional_columns if sheets may lack it"
            column = header.required(text, way_out)
        if column is not None:
            members[name] = column
    return members


def _misspelt(header: Header, template: Template, members: dict[str, int]) -> Iterator[str]:
    """Name the optional columns that a sheet seems to have under nearly the declared name."""
    taken = {header.name(column) for column in members.values()}
    for name in template.optional_columns:
        near = None if name in members else header.nearest(template.row_columns[name])
        if near and near not in taken:
            yield (
                f"no column “{template.row_columns[name]}” in header row {header.row}, so {name} is empty; did you mean"
                f" “{near}”?"
            )


def _periods(header: Header, template: Template) -> dict[int, int]:
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


def _dated(header: Header, kind: DatedMonthColumns, total_labels: tuple[str, ...]) -> dict[int, int]:
    headers = {
        column: header.values[column]
        for column, texts in header.texts.items()
        if not any(bears(texts[-1], label) for label in total_labels)
        and (header.says(column, kind.only) or bare_month(texts[-1], kind.names, kind.only or ""))
    }
    try:
        return dated_columns(headers, header.row, kind.names, kind.only)
    except UnclearMonthError as error:
        raise LayoutError(str(error)) from None


def _fiscal_periods(header: Header, kind: FiscalMonthNames) -> dict[int, int]:
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


def _date_column(header: Header, template: Template) -> int | None:
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
