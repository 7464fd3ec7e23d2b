"""A small budget table as rows of cells, and the ways to lay it out differently.

A table has its unit in row 2, its approval in row 3, its header in row 5 and its body from row 6 on: two columns of
names, twelve months with a total after the third, and the year's total. `None` is a blank cell. What does not belong
here: file formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from demo.workbooks.layout import MONTHS, QUARTERS, address

Rows = list[list[Any]]
_HEADER, _BODY = 4, 5
_QUARTER, _YEAR = 5, 15


@dataclass(frozen=True)
class Line:
    """One row of the body: territory and category, and an amount per fiscal month."""

    names: tuple[str, str]
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """The cells of one sheet from A1 on, and its merged blocks."""

    rows: Rows
    merged: tuple[str, ...] = ()


def budget_table(lines: Sequence[Line], unit: str = "EUR", approved: str = "2024-01-20") -> Table:
    """Return the table as it should be, with right totals on the right and below."""
    rows: Rows = [["Plan"], ["Unit", unit], ["Approved:", approved], [None]]
    rows.append(["Territory", "Category", *MONTHS[:3], "Q1", *MONTHS[3:], "FY"])
    rows += [[*line.names, *_with_totals(line.amounts)] for line in lines]
    sums = [sum(amounts) for amounts in zip(*(line.amounts for line in lines), strict=True)]
    return Table([*rows, ["Total", None, *_with_totals(sums)]])


def without_totals(table: Table) -> Table:
    """Return the table without any total, so that a spoilt number spoils nothing else."""
    kept = [row for row in table.rows if row[0] != "Total"]
    rows = [
        [None if i in (_QUARTER, _YEAR) and n >= _HEADER else v for i, v in enumerate(r)] for n, r in enumerate(kept)
    ]
    return replace(table, rows=rows)


def two_header_rows(table: Table) -> Table:
    """Return the table with its first quarter named above the months, the names merged over both header rows."""
    rows = [list(row) for row in table.rows]
    rows[_HEADER - 1] = [*rows[_HEADER][:2], QUARTERS[0], *[None] * 3]
    rows[_HEADER][:2] = [None, None]
    return Table(rows, ("A4:A5", "B4:B5", "C4:F4"))


def three_header_rows(table: Table, year: int) -> Table:
    """Return the table with the fiscal year above the quarter above the months."""
    rows = two_header_rows(table).rows
    rows[_HEADER - 1][:2] = [None, None]
    rows.insert(_HEADER - 1, [*table.rows[_HEADER][:2], f"Fiscal year {year}", *[None] * 13])
    return Table(rows, ("A4:A6", "B4:B6", "C4:P4", "C5:F5"))


def no_header(table: Table) -> Table:
    """Return the table without the row that names its columns."""
    return replace(table, rows=[row for n, row in enumerate(table.rows) if n != _HEADER])


def totals_above(table: Table) -> Table:
    """Return the table with its row of totals between header and body."""
    return replace(table, rows=[*table.rows[:_BODY], table.rows[-1], *table.rows[_BODY:-1]])


def totals_right(table: Table) -> Table:
    """Return the table with the first quarter's total moved behind the months, beside the year's."""
    return replace(table, rows=[_quarter_moved(row) if n >= _HEADER else row for n, row in enumerate(table.rows)])


def names_merged_down(table: Table) -> Table:
    """Return the table with the territory of its first two rows in one merged cell."""
    rows = [list(row) for row in table.rows]
    rows[_BODY + 1][0] = None
    return Table(rows, (*table.merged, f"{address(_BODY, 0)}:{address(_BODY + 1, 0)}"))


def number_merged_right(table: Table) -> Table:
    """Return the table with the first number of its first row merged over two months."""
    rows = [list(row) for row in table.rows]
    rows[_BODY][3] = None
    return Table(rows, (*table.merged, f"{address(_BODY, 2)}:{address(_BODY, 3)}"))


def number_calculated(table: Table) -> Table:
    """Return the table with the first number of its first row as a formula; a text that begins with = is one."""
    rows = [list(row) for row in table.rows]
    number = rows[_BODY][2]
    rows[_BODY][2] = f"={number / 2:.15g}+{number / 2:.15g}"
    return replace(table, rows=rows)


def _with_totals(amounts: Sequence[float]) -> list[float]:
    rounded = [round(amount, 2) for amount in amounts]
    return [*rounded[:3], round(sum(rounded[:3]), 2), *rounded[3:], round(sum(rounded), 2)]


def _quarter_moved(row: list[Any]) -> list[Any]:
    return [*row[:_QUARTER], *row[_QUARTER + 1 : _YEAR], row[_QUARTER], row[_YEAR]]
