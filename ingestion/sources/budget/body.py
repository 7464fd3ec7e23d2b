"""Read the rows of a sheet's table and prove its totals.

What belongs here: which rows are body, which are totals, every number with its position. What does not: members,
versions, files. Numbers stay in the sheet's own unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from ingestion.sources.budget.grid import Grid, address
from ingestion.sources.budget.layout import Layout
from ingestion.sources.budget.numbers import NotANumberError, read_number
from ingestion.sources.budget.templates import Template


class WrongTotalError(ValueError):
    """A total that is not the sum of its parts; the message gives cell, found and expected."""


@dataclass(frozen=True)
class Entry:
    """One budget cell: `value` in the sheet's unit, or the `problem` why it is no number."""

    row: int
    column: int
    value: Decimal | None
    problem: str | None = None

    @property
    def cell(self) -> str:
        """The cell's address."""
        return address(self.row, self.column)


@dataclass
class Body:
    """The table's numbers (`entries`, without blanks) and the rows that hold body and totals, in order."""

    entries: list[Entry] = field(default_factory=list)
    body_rows: list[int] = field(default_factory=list)
    total_rows: list[int] = field(default_factory=list)


def read_body(grid: Grid, layout: Layout, template: Template) -> Body:
    """Return every filled cell of the body; rows without any number (notes, gaps) are passed over."""
    body = Body()
    for row in range(layout.header_row + 1, len(grid.rows) + 1):
        if _is_total(grid, layout, template, row):
            body.total_rows.append(row)
            continue
        if _is_note(grid, layout, row):
            continue
        entries = [entry for column in layout.periods if (entry := _entry(grid, template, row, column)) is not None]
        if entries:
            body.body_rows.append(row)
            body.entries += entries
    return body


def prove_totals(grid: Grid, layout: Layout, template: Template, body: Body) -> list[str]:
    """Check every total against the body; WrongTotalError at the first wrong one.

    Returns the totals that cannot be proven because a number below them is unreadable, as sentences.
    """
    values = {(entry.row, entry.column): entry.value for entry in body.entries}
    unproven: list[str] = []
    for row in body.body_rows:
        for column, parts in layout.totals.items():
            _prove(grid, template, (row, column), [[(row, part) for part in parts]], values, unproven)
    return unproven + _prove_down(grid, layout, template, body, values)


def _prove_down(
    grid: Grid,
    layout: Layout,
    template: Template,
    body: Body,
    values: dict[tuple[int, int], Decimal | None],
) -> list[str]:
    """Check the rows of totals: each adds up the body rows since the last such row, or all of them."""
    unproven: list[str] = []
    previous = layout.header_row
    for total_row in body.total_rows:
        block = [row for row in body.body_rows if previous < row < total_row]
        everything = [row for row in body.body_rows if row < total_row]
        for column in [*layout.periods, *layout.totals]:
            parts = layout.totals.get(column, (column,))
            sums = [[(row, c) for row in rows for c in parts] for rows in (block, everything) if rows]
            _prove(grid, template, (total_row, column), sums, values, unproven)
        previous = total_row
    return unproven


def _prove(
    grid: Grid,
    template: Template,
    position: tuple[int, int],
    sums: list[list[tuple[int, int]]],
    values: dict[tuple[int, int], Decimal | None],
    unproven: list[str],
) -> None:
    try:
        found = read_number(grid.value(*position), template.numbers)
    except NotANumberError as error:
        unproven.append(f"cell {address(*position)}: {error}")
        return
    if found is None or not sums:
        return
    if any(values.get(part, Decimal(0)) is None for parts in sums for part in parts):
        unproven.append(f"cell {address(*position)}: a number that it adds up is unreadable")
        return
    expected = [sum((values.get(part) or Decimal(0) for part in parts), Decimal(0)) for parts in sums]
    if all(abs(found - value) > Decimal(str(template.totals.tolerance)) for value in expected):
        raise WrongTotalError(
            f"cell {address(*position)}: the total says {found.normalize():f}, the body adds up to"
            f" {expected[-1].normalize():f}"
        )


def _entry(grid: Grid, template: Template, row: int, column: int) -> Entry | None:
    try:
        value = read_number(grid.value(row, column), template.numbers)
    except NotANumberError as error:
        return Entry(row, column, None, str(error))
    return None if value is None else Entry(row, column, value)


def _is_total(grid: Grid, layout: Layout, template: Template, row: int) -> bool:
    labels = "|".join(re.escape(label) for label in template.totals.row_labels)
    if not labels:
        return False
    columns = {*layout.members.values(), 1}
    return any(re.search(rf"\b({labels})\b", grid.text(row, column), re.IGNORECASE) for column in columns)


def _is_note(grid: Grid, layout: Layout, row: int) -> bool:
    """Return whether the row is one remark merged across the period columns, which no row of the body is."""
    texts = {grid.text(row, column) for column in layout.periods} - {""}
    return len(texts) == 1 and grid.text(row, 1) in texts and bool(layout.members)
