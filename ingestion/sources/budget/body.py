"""Read the rows of a sheet's table.

What belongs here: which rows are body, which are totals, every number with its position. What does not: proving the
totals (`proof.py`), members, versions, files. Numbers stay in the sheet's own unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from ingestion.sources.budget.kinds import KINDS
from ingestion.sources.budget.layout import Layout
from ingestion.sources.budget.numbers import NotANumberError, read_number, refuse_format
from ingestion.sources.budget.templates import Template
from ingestion.workbook.grid import Grid, address, block_address, clean


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


def holds_numbers(grid: Grid, column: int, rows: list[int], template: Template) -> bool:
    """Return whether a column has a number in any of these rows."""
    for row in rows:
        try:
            if read_number(grid.value(row, column), template.numbers) is not None:
                return True
        except NotANumberError:
            continue
    return False


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
    return total_label(grid, layout, template, row) is not None


def total_label(grid: Grid, layout: Layout, template: Template, row: int) -> str | None:
    """Return the text that makes a row one of totals, None where it is none."""
    names = {clean(name).casefold() for name in template.totals.not_totals}
    columns = {*layout.members.values(), 1} - set(layout.periods)
    texts = (grid.text(row, column) for column in sorted(columns))
    return next((text for text in texts if text.casefold() not in names and _says_total(text, template)), None)


def _says_total(text: str, template: Template) -> bool:
    """Return whether a text holds a declared label, or a usual word for totals that stands by itself."""
    declared, usual = (
        "|".join(map(re.escape, labels)) for labels in (template.totals.row_labels, template.usual_totals)
    )
    return bool(
        (declared and re.search(rf"\b({declared})\b", text, re.IGNORECASE))
        or (usual and re.search(rf"(?<![^\s(-])({usual})(?![^\s).:,-])", text, re.IGNORECASE))
    )


def _is_note(grid: Grid, layout: Layout, row: int) -> bool:
    """Return whether the row is one remark, merged from left of the numbers across them."""
    first = min(layout.periods)
    block = grid.merged_block(row, first)
    if block is None or block[1] >= first or not isinstance(grid.value(row, first), str):
        return False
    return not any(grid.text(row, column) for column in layout.periods if column > block[3])
