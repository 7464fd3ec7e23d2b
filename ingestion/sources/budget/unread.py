"""Find what a sheet's layout does not read: columns with numbers, a second header. Refuse lost months, name the rest.

What belongs here: columns that are no member, month, date or declared total, and other months further down. What does
not: which columns are read (`layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestion.sources.budget.body import holds_numbers
from ingestion.sources.budget.layout import Layout
from ingestion.sources.budget.templates import DatedMonthColumns, FiscalMonthNames, Template
from ingestion.workbook.grid import Grid, address, column_list

_WORD_AND_YEAR = re.compile(r"[^\W\d_]{3,12}\.?[\s'’/-]*((?:20)?\d{2})")


class LostColumnError(ValueError):
    """A column with numbers where a month should be; the message gives its header's cell and what to do."""


def unread_columns(grid: Grid, layout: Layout, template: Template, rows: list[int]) -> list[int]:
    """Return the columns that hold numbers in these rows and are not read; LostColumnError where months are lost."""
    _refuse_second_header(grid, layout)
    used = {*layout.members.values(), *layout.periods, *layout.totals.parts, layout.date_column}
    only = template.periods.only if isinstance(template.periods, FiscalMonthNames | DatedMonthColumns) else None
    left_aside = {c for c, texts in layout.headings.items() if only and only.casefold() not in map(str.casefold, texts)}
    unread = [
        c for c in range(1, grid.width + 1) if c not in used | left_aside and holds_numbers(grid, c, rows, template)
    ]
    for column in unread:
        if min(layout.periods) < column < max(layout.periods):
            raise LostColumnError(
                f"cell {address(layout.header_row, column)}: the column {_headed(layout, column)} between the months"
                " holds numbers and is neither a month nor a declared total; correct its header, name it under totals:"
                " column_labels, or move it out from between the months"
            )
    _refuse_next_months(layout, template, unread)
    return unread


def _refuse_second_header(grid: Grid, layout: Layout) -> None:
    """Refuse a row that repeats the header with other months: what is below it belongs to these."""
    names = {column: _named(layout, column) for column in layout.members.values()}
    for row in range(layout.header_row + 1, len(grid.rows) + 1):
        if not names or any(grid.text(row, column).casefold() != name for column, name in names.items()):
            continue
        other = next((c for c in layout.periods if grid.text(row, c).casefold() != _named(layout, c)), None)
        if other is not None:
            raise LostColumnError(
                f"cell {address(row, other)}: a second header in row {row} heads the column {_headed(layout, other)}"
                f" “{grid.text(row, other)}”; give each table a sheet of its own"
            )


def _named(layout: Layout, column: int) -> str:
    return next((text for text in reversed(layout.headings[column]) if text), "").casefold()


def remarks(layout: Layout, unread: list[int]) -> Iterator[str]:
    """Name the columns with numbers that were not read."""
    if unread:
        headed = ", ".join(_headed(layout, column) for column in unread[:5])
        yield f"column {column_list(unread)} ({headed}) holds numbers, is not declared and was not loaded"


def _refuse_next_months(layout: Layout, template: Template, unread: list[int]) -> None:
    """Refuse a word and a year beside the first or last month, where it stands for the month that would be there."""
    if not isinstance(template.periods, DatedMonthColumns):
        return
    first, last = min(layout.periods), max(layout.periods)
    years = {first - 1: _moved(layout.periods[first], -1) // 100, last + 1: _moved(layout.periods[last], 1) // 100}
    for column in set(unread) & years.keys():
        if _is_word_and_year([text for text in layout.headings[column] if text], years[column]):
            raise LostColumnError(
                f"cell {address(layout.header_row, column)}: {_headed(layout, column)} stands where a month would be"
                " and names none; write the month as Feb 2024, give the template the month's names, or head the column"
                " without a year if it is no month"
            )


def _is_word_and_year(texts: list[str], year: int) -> bool:
    matches = map(_WORD_AND_YEAR.fullmatch, [*texts, " ".join(reversed(texts))])
    return any(match and int(match[1]) % 100 == year % 100 for match in matches)


def _moved(period: int, by: int) -> int:
    months = period // 100 * 12 + period % 100 - 1 + by
    return months // 12 * 100 + months % 12 + 1


def _headed(layout: Layout, column: int) -> str:
    texts = [text for text in layout.headings.get(column, ()) if text]
    return f"“{' / '.join(texts)}”" if texts else "without a header"
