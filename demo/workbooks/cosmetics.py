"""Which cells of a delivery are awkward: text numbers, aliases, hidden rows, a typed-over total.

Chosen from the delivery's own random stream, so one workbook's cosmetics do not depend on another's. A position is
(region, index of the row in its sheet, index of the month). What does not belong here: layout and numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from demo.company.model import BudgetRow, BudgetSheet, BudgetVersion
from demo.company.rng import rng_for

TEXT_CELLS = 16
ALIAS_CELLS = 3
WRONG_TOTAL = (2024, 2, "North")
HIDDEN_COLUMN = (2024, 1, "South")
HIDDEN_ROWS = ((2024, 1, "South", 2), (2023, 1, "West", 3))
"""Fiscal year, version, sheet and number of hidden rows."""

Alias = tuple[str, str, str]


@dataclass(frozen=True)
class Cosmetics:
    """The awkward cells of one delivery."""

    text_cells: frozenset[tuple[str, int, int]] = frozenset()
    aliases: dict[tuple[str, int, str], str] = field(default_factory=dict)
    hidden_rows: frozenset[tuple[str, int]] = frozenset()
    hidden_column: str | None = None
    wrong_total: str | None = None


def choose(version: BudgetVersion, aliases: list[Alias], seed: int, position: int) -> Cosmetics:
    """Choose the awkward cells of the delivery that comes at `position` among all deliveries."""
    stream = rng_for(seed, f"workbook {version.file_name} {'again' if version.is_resend else 'first'}")
    first = not version.is_resend
    return Cosmetics(
        text_cells=_text_cells(version, stream),
        aliases=_alias_cells(version, aliases, stream, position),
        hidden_rows=_hidden_rows(version, stream) if first else frozenset(),
        hidden_column=_sheet_if(version, HIDDEN_COLUMN) if first else None,
        wrong_total=_sheet_if(version, WRONG_TOTAL) if first else None,
    )


def member_of(row: BudgetRow, kind: str) -> str | None:
    """The member that a row names in the column of `kind`: territory, category or rep."""
    return {"territory": row.territory, "category": row.category, "rep": row.rep}[kind]


def _text_cells(version: BudgetVersion, stream: np.random.Generator) -> frozenset[tuple[str, int, int]]:
    """Cells that somebody pasted as text; only where two decimals say everything."""
    eligible = [
        (sheet.region, index, month)
        for sheet in version.sheets
        if sheet.unit == "EUR"
        for index, row in enumerate(sheet.rows)
        for month, amount in enumerate(row.amounts)
        if amount
    ]
    return frozenset(eligible[i] for i in _some(stream, len(eligible), TEXT_CELLS))


def _alias_cells(
    version: BudgetVersion, aliases: list[Alias], stream: np.random.Generator, position: int
) -> dict[tuple[str, int, str], str]:
    """Names written as an alias, going through the list of aliases from delivery to delivery."""
    cells: dict[tuple[str, int, str], str] = {}
    usable = [alias for alias in aliases if alias[1] != alias[2] and _rows_with(version, alias)]
    for step in range(min(ALIAS_CELLS, len(usable))):
        alias = usable[(position * ALIAS_CELLS + step) % len(usable)]
        rows = [spot for spot in _rows_with(version, alias) if (*spot, alias[0]) not in cells]
        if rows:
            cells[(*rows[int(stream.integers(len(rows)))], alias[0])] = alias[1]
    return cells


def _rows_with(version: BudgetVersion, alias: Alias) -> list[tuple[str, int]]:
    kind, _, member = alias
    return [
        (sheet.region, index)
        for sheet in version.sheets
        for index, row in enumerate(sheet.rows)
        if member_of(row, kind) == member
    ]


def _hidden_rows(version: BudgetVersion, stream: np.random.Generator) -> frozenset[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for fiscal_year, number, region, count in HIDDEN_ROWS:
        sheet = _sheet(version, region)
        if sheet and (version.fiscal_year, version.version) == (fiscal_year, number):
            found.update((region, i) for i in _some(stream, len(sheet.rows), count))
    return frozenset(found)


def _sheet_if(version: BudgetVersion, wanted: tuple[int, int, str]) -> str | None:
    fiscal_year, number, region = wanted
    fits = (version.fiscal_year, version.version) == (fiscal_year, number)
    return region if fits and _sheet(version, region) else None


def _sheet(version: BudgetVersion, region: str) -> BudgetSheet | None:
    return next((sheet for sheet in version.sheets if sheet.region == region), None)


def _some(stream: np.random.Generator, population: int, count: int) -> list[int]:
    if not population:
        return []
    return sorted(int(i) for i in stream.choice(population, size=min(count, population), replace=False))
