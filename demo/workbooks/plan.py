"""What stands in each cell of a budget sheet, before anything is drawn.

A plan holds the values as shown (thousands and zloty already converted), the formulas of the totals with their
results, and which cells are awkward. Drawing and the answer key both read it. Not here: fonts, files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from demo.company.model import BudgetRow, BudgetSheet
from demo.workbooks.cosmetics import Cosmetics
from demo.workbooks.layout import BODY_ROW, MONTHS, Layout, address

CellKind = Literal["number", "text", "dash", "blank", "formula", "typed"]
RowKind = Literal["body", "subtotal", "total"]
_DECIMALS = 5


@dataclass(frozen=True)
class Cell:
    """One number on the sheet: `value` is what it means, `formula` how it comes about; "typed" is a total
    that is a plain number."""

    kind: CellKind
    value: float
    formula: str | None = None


@dataclass(frozen=True)
class Row:
    """One line of the sheet: its member texts and its cells by column."""

    kind: RowKind
    members: tuple[str, ...]
    cells: dict[int, Cell]
    hidden: bool = False


@dataclass(frozen=True)
class WrongTotal:
    """A total that somebody typed over."""

    cell: str
    found: float
    right: float


@dataclass(frozen=True)
class SheetPlan:
    """One sheet: rows from `BODY_ROW` on, without gaps. `source` has the budget's own numbers."""

    source: BudgetSheet
    layout: Layout
    rows: tuple[Row, ...]
    has_memo: bool
    wrong_total: WrongTotal | None

    @property
    def total(self) -> float:
        """Sum of the body, in the sheet's unit."""
        values = (row.cells[self.layout.year].value for row in self.rows if row.kind == "body")
        return round(sum(values), _DECIMALS)


def plan_sheet(sheet: BudgetSheet, cosmetics: Cosmetics, show: Callable[[float], float]) -> SheetPlan:
    """Plan a sheet; `show` turns an amount in EUR into the number that the sheet's unit shows."""
    layout = Layout(has_rep=any(row.rep for row in sheet.rows))
    rows: list[Row] = []
    subtotals: list[int] = []
    for _, block in groupby(enumerate(sheet.rows), key=lambda pair: pair[1].territory):
        start = len(rows)
        rows.extend(_body(sheet, layout, pair, BODY_ROW + start + i, cosmetics, show) for i, pair in enumerate(block))
        subtotals.append(len(rows))
        rows.append(_subtotal(layout, rows[start:], BODY_ROW + start))
    rows.append(_grand_total(layout, [(BODY_ROW + i, rows[i]) for i in subtotals], BODY_ROW + len(rows)))
    wrong = None
    if cosmetics.wrong_total == sheet.region:
        rows[-1], wrong = _typed_over(layout, rows[-1], BODY_ROW + len(rows) - 1)
    return SheetPlan(sheet, layout, tuple(rows), cosmetics.hidden_column == sheet.region, wrong)


def _body(
    sheet: BudgetSheet,
    layout: Layout,
    indexed: tuple[int, BudgetRow],
    at: int,
    cosmetics: Cosmetics,
    show: Callable[[float], float],
) -> Row:
    index, row = indexed
    cells: dict[int, Cell] = {}
    for month, amount in enumerate(row.amounts):
        as_text = (sheet.region, index, month) in cosmetics.text_cells
        cells[layout.month(month)] = _amount(amount, as_text, show)
    names = {"territory": row.territory, "category": row.category, "rep": row.rep or ""}
    names |= {
        kind: text for (region, i, kind), text in cosmetics.aliases.items() if (region, i) == (sheet.region, index)
    }
    members = tuple(names[kind.lower()] for kind in layout.members)
    return Row("body", members, cells | _across(layout, cells, at), (sheet.region, index) in cosmetics.hidden_rows)


def _amount(amount: float | None, as_text: bool, show: Callable[[float], float]) -> Cell:
    if amount is None:
        return Cell("blank", 0.0)
    if amount == 0:
        return Cell("dash", 0.0)
    return Cell("text" if as_text else "number", show(amount))


def _across(layout: Layout, cells: dict[int, Cell], at: int) -> dict[int, Cell]:
    """Quarter and year totals of a row."""
    totals: dict[int, Cell] = {}
    for quarter in range(4):
        columns = [layout.month(quarter * 3 + i) for i in range(3)]
        formula = f"=SUM({address(at, columns[0])}:{address(at, columns[-1])})"
        totals[layout.quarter(quarter)] = _sum([cells[c] for c in columns], formula)
    formula = "=" + "+".join(address(at, layout.quarter(q)) for q in range(4))
    totals[layout.year] = _sum(list(totals.values()), formula)
    return totals


def _subtotal(layout: Layout, block: list[Row], first: int) -> Row:
    last = first + len(block) - 1
    cells = {
        column: _sum([row.cells[column] for row in block], f"=SUM({address(first, column)}:{address(last, column)})")
        for column in _columns(layout)
    }
    return Row("subtotal", ("Subtotal", *[""] * (len(layout.members) - 1)), cells)


def _grand_total(layout: Layout, subtotals: list[tuple[int, Row]], at: int) -> Row:
    cells = {}
    for column in _columns(layout):
        formula = "=" + "+".join(address(row, column) for row, _ in subtotals)
        cells[column] = _sum([row.cells[column] for _, row in subtotals], formula)
    return Row("total", ("Total", *[""] * (len(layout.members) - 1)), cells)


def _sum(cells: list[Cell], formula: str) -> Cell:
    """A total. Excel's SUM skips numbers kept as text, so such a total is a plain number, as finance pastes it."""
    value = round(sum(cell.value for cell in cells), _DECIMALS)
    return Cell("typed", value) if any(cell.kind == "text" for cell in cells) else Cell("formula", value, formula)


def _typed_over(layout: Layout, total: Row, at: int) -> tuple[Row, WrongTotal]:
    """The grand total of the year with two neighbouring digits swapped."""
    right = total.cells[layout.year].value
    found = _swapped(right)
    cells = total.cells | {layout.year: Cell("typed", found)}
    return Row(total.kind, total.members, cells), WrongTotal(address(at, layout.year), found, right)


def _swapped(value: float) -> float:
    digits = f"{value:.{_DECIMALS}f}"
    for i in range(1, digits.index(".") - 1):
        if digits[i] != digits[i + 1]:
            return float(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :])
    return value + 1


def _columns(layout: Layout) -> list[int]:
    """All number columns from the first month to the year's total."""
    return list(range(layout.month(0), layout.month(0) + len(MONTHS) + 5))
