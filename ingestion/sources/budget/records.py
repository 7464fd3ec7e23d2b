"""Read the cells of a list's records: the numbers with their currency, and what stands where a name should.

What belongs here: one cell's meaning. What does not: sentences with file and sheet (`sheet.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.sources.budget.body import refuse_merged
from ingestion.sources.budget.kinds import KINDS, KindField
from ingestion.sources.budget.layout import Layout
from ingestion.sources.budget.numbers import percentage, raw_text, read_number, refuse_format
from ingestion.sources.budget.templates import Template
from ingestion.workbook.grid import ERROR_CODES, CellError, Grid, Uncalculated


@dataclass(frozen=True)
class RecordNumber:
    """A number as the raw table takes it, None for a blank cell, and what is worth noting of it."""

    text: str | None
    remark: str = ""


def record_number(grid: Grid, template: Template, layout: Layout, field: KindField, row: int) -> RecordNumber:
    """Return a record's number; NotANumberError where a number below a month would be refused."""
    column, currency = layout.members[field.name], record_currency(grid, template, layout, row)
    number, number_format = (
        read_number(grid.value(row, column), template.numbers, currency),
        grid.formats.at(row, column),
    )
    if number is None:
        return RecordNumber(None)
    if field.type != "integer":
        refuse_merged(grid, row, column)
    remark = ""
    if field.is_rate and number_format and number_format.is_percent:
        remark = f"{percentage(number)} is {number:f}"
    else:
        refuse_format(number_format, number, currency, layout.factor)
    return RecordNumber(raw_text(number * layout.factor if field.type == "decimal" else number, field.type), remark)


def record_currency(grid: Grid, template: Template, layout: Layout, row: int) -> str | None:
    """Return the currency of a record: its own, or the sheet's; None for a kind that is no money."""
    if not KINDS[template.kind].is_money:
        return None
    own = layout.members.get("currency")
    return (grid.text(row, own) if own else "") or layout.currency


def no_name(grid: Grid, row: int, column: int) -> str | None:
    """Return what stands in a cell instead of a name, and its remedy: an error, a formula without result."""
    value = grid.value(row, column)
    if isinstance(value, Uncalculated):
        return f"{value}; open and save the file in Excel"
    if isinstance(value, CellError) or grid.text(row, column) in ERROR_CODES:
        return f"the error {value}; correct its formula"
    return None
