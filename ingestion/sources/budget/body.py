"""Read the rows of a sheet's table and prove its totals.

What belongs here: which rows are body, which are totals, every number with its position. What does not: members,
versions, files. Numbers stay in the sheet's own unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from ingestion.sources.budget.kinds import KINDS
from ingestion.sources.budget.layout import Layout
from ingestion.sources.budget.numbers import NotANumberError, read_number, refuse_format
from ingestion.sources.budget.templates import Template
from ingestion.workbook.grid import Grid, address, block_address

Values = dict[tuple[int, int], Decimal | None]


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
class Proof:
    """How many totals were found right, and which could not be proven, as sentences."""

    proven: int = 0
    unproven: list[str] = field(default_factory=list)


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
        entries = [entry for column in layout.periods if (entry := _entry(grid, layout, template, row, column))]
        if entries:
            body.body_rows.append(row)
            body.entries += entries
    return body


def record_rows(grid: Grid, layout: Layout, template: Template) -> list[int]:
    """Return the rows below the header that hold a record: any declared column filled, no total, no remark."""
    columns = set(layout.members.values())
    return [
        row
        for row in range(layout.header_row + 1, len(grid.rows) + 1)
        if any(grid.text(row, column) for column in columns)
        and not _is_total(grid, layout, template, row)
        and not _is_note(grid, layout, row)
    ]


def prove_totals(grid: Grid, layout: Layout, template: Template, body: Body) -> Proof:
    """Check every total against the body; WrongTotalError at the first wrong one.

    A total cannot be proven where a number below it is unreadable.
    """
    values: Values = {(entry.row, entry.column): entry.value for entry in body.entries}
    proof = Proof()
    for row in body.body_rows:
        for column, parts in layout.totals.items():
            wrong = _difference(grid, template, (row, column), [(row, part) for part in parts], values, proof)
            if wrong:
                raise WrongTotalError(wrong)
    for index in range(len(body.total_rows)):
        _prove_row(grid, layout, template, body, index, values, proof)
    return proof


def _prove_row(
    grid: Grid, layout: Layout, template: Template, body: Body, index: int, values: Values, proof: Proof
) -> None:
    """Check a row of totals: it adds up, in all columns alike, one of the sets of rows that it may stand for."""
    total_row = body.total_rows[index]
    first_wrong: str | None = None
    for rows in _possible_parts(layout, body, index):
        attempt = Proof()
        wrong = None
        for column in [*layout.periods, *layout.totals]:
            parts = [(row, c) for row in rows for c in layout.totals.get(column, (column,))]
            wrong = wrong or _difference(grid, template, (total_row, column), parts, values, attempt)
        if wrong is None:
            proof.proven += attempt.proven
            proof.unproven += attempt.unproven
            return
        first_wrong = first_wrong or wrong
    if first_wrong:
        raise WrongTotalError(first_wrong)
    proof.unproven.append(f"row {total_row}: there is no row that it could add up, and it was not loaded")


def _possible_parts(layout: Layout, body: Body, index: int) -> list[list[int]]:
    """Return what a row of totals may add up: all rows above, those since the last total, and the same below."""
    total_row = body.total_rows[index]
    previous = body.total_rows[index - 1] if index else layout.header_row
    following = body.total_rows[index + 1] if index + 1 < len(body.total_rows) else None
    above = [row for row in body.body_rows if row < total_row]
    below = [row for row in body.body_rows if row > total_row]
    block_below = [row for row in below if following is None or row < following]
    candidates = [above, [row for row in above if row > previous], block_below, below]
    return [rows for position, rows in enumerate(candidates) if rows and rows not in candidates[:position]]


def _difference(
    grid: Grid,
    template: Template,
    place: tuple[int, int],
    parts: list[tuple[int, int]],
    values: Values,
    proof: Proof,
) -> str | None:
    """Return what is wrong with one total; None where it is right, blank or cannot be proven (noted in `proof`)."""
    try:
        found = read_number(grid.value(*place), template.numbers)
    except NotANumberError as error:
        proof.unproven.append(f"cell {address(*place)}: {error}")
        return None
    if found is None:
        return None
    if any(values.get(part, Decimal(0)) is None for part in parts):
        proof.unproven.append(f"cell {address(*place)}: a number that it adds up is unreadable")
        return None
    expected = sum((values.get(part) or Decimal(0) for part in parts), Decimal(0))
    if abs(found - expected) <= Decimal(str(template.totals.tolerance)):
        proof.proven += 1
        return None
    return f"cell {address(*place)}: the total says {_shown(found)}, the body adds up to {_shown(expected)}"


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _entry(grid: Grid, layout: Layout, template: Template, row: int, column: int) -> Entry | None:
    currency = layout.currency if KINDS[template.kind].is_money else None
    try:
        value = read_number(grid.value(row, column), template.numbers, currency)
        if value is not None:
            refuse_merged(grid, row, column)
            refuse_format(grid.formats.at(row, column), value, currency, layout.factor)
    except NotANumberError as error:
        return Entry(row, column, None, str(error))
    return None if value is None else Entry(row, column, value)


def refuse_merged(grid: Grid, row: int, column: int) -> None:
    """Raise NotANumberError where a cell's number belongs to a block of merged cells."""
    block = grid.merged_block(row, column)
    if block is not None:
        raise NotANumberError(f"the number is merged over {block_address(block)}; give each month and row its own cell")


def _is_total(grid: Grid, layout: Layout, template: Template, row: int) -> bool:
    labels = "|".join(re.escape(label) for label in template.total_labels)
    if not labels:
        return False
    columns = {*layout.members.values(), 1} - set(layout.periods)
    return any(re.search(rf"\b({labels})\b", grid.text(row, column), re.IGNORECASE) for column in columns)


def _is_note(grid: Grid, layout: Layout, row: int) -> bool:
    """Return whether the row is one remark, merged from left of the numbers across them."""
    first = min(layout.periods)
    block = grid.merged_block(row, first)
    return block is not None and block[1] < first and isinstance(grid.value(row, first), str)
