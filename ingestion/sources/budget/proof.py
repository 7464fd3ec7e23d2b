"""Prove a sheet's totals against its body, and find rows that look like totals.

What belongs here: what adds up to what. What does not: which rows and columns are totals (`body.py`,
`total_columns.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ingestion.sources.budget.body import Body, total_label
from ingestion.sources.budget.layout import Layout
from ingestion.sources.budget.numbers import NotANumberError, read_number
from ingestion.sources.budget.templates import Template
from ingestion.workbook.grid import Grid, address

Values = dict[tuple[int, int], Decimal | None]


class WrongTotalError(ValueError):
    """A total that is not the sum of its parts; the message gives cell, found and expected."""


@dataclass
class Proof:
    """How many totals were found right, and which could not be proven, as sentences."""

    proven: int = 0
    unproven: list[str] = field(default_factory=list)


def prove_totals(grid: Grid, layout: Layout, template: Template, body: Body) -> Proof:
    """Check every total against the body; WrongTotalError at the first wrong one.

    A total cannot be proven where a number below it is unreadable.
    """
    values: Values = {(entry.row, entry.column): entry.value for entry in body.entries}
    proof = Proof()
    for row in body.body_rows:
        for column, parts in layout.totals.parts.items():
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
        for column in [*layout.periods, *layout.totals.parts]:
            parts = [(row, c) for row in rows for c in layout.totals.parts.get(column, (column,))]
            wrong = wrong or _difference(grid, template, (total_row, column), parts, values, attempt)
        if wrong is None:
            proof.proven += attempt.proven
            proof.unproven += attempt.unproven
            return
        first_wrong = first_wrong or wrong
    if first_wrong:
        label = total_label(grid, layout, template, total_row)
        raise WrongTotalError(f"{first_wrong} (if “{label}” is no total, name it under totals: not_totals)")
    proof.unproven.append(f"row {total_row}: there is no row that it could add up, and it was not loaded")


def summed_rows(layout: Layout, body: Body) -> dict[int, list[int]]:
    """Return the body rows that are in every month the sum of several rows above them: totals, by their look.

    The rows above are all of them, or those since the last total. A sum in one month alone says nothing.
    """
    values = {(entry.row, entry.column): entry.value for entry in body.entries}
    found: dict[int, list[int]] = {}
    for row in body.body_rows:
        above = [other for other in body.body_rows if other < row]
        previous = max((total for total in (*body.total_rows, *found) if total < row), default=layout.header_row)
        for rows in (above, [other for other in above if other > previous]):
            if len(rows) > 1 and row not in found and _adds_up(row, rows, layout, values):
                found[row] = rows
    return found


def _adds_up(row: int, rows: list[int], layout: Layout, values: Values) -> bool:
    own = [values.get((row, column)) or Decimal(0) for column in layout.periods]
    sums = [sum((values.get((r, c)) or Decimal(0) for r in rows), Decimal(0)) for c in layout.periods]
    return sum(map(bool, own)) > 1 and own == sums


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
