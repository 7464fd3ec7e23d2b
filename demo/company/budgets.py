"""Budget numbers of the six workbooks and their two re-sent files; how they look in Excel does not belong here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from demo.company.clock import FROZEN_NOW, day_number, month_index
from demo.company.model import BudgetRow, BudgetSheet, BudgetVersion
from demo.company.parties import Parties
from demo.company.people import SalesForce
from demo.company.products import CATEGORIES, LINE_OF, LINES, Catalogue
from demo.company.profiles import Profile
from demo.company.sales_plan import SalesPlan, beyond
from demo.company.territories import TerritoryMap

VACANT = "Vacant"
_VERSIONS = (
    (2022, 1, datetime(2022, 1, 20, 9), False),
    (2023, 1, datetime(2023, 1, 18, 9), False),
    (2024, 1, datetime(2024, 1, 17, 9), False),
    (2024, 2, datetime(2024, 5, 6, 9), False),
    (2024, 3, datetime(2024, 8, 12, 9), True),
    (2025, 1, datetime(2025, 1, 21, 9), True),
)
"""Fiscal year, version, approval, whether on the new territories."""
_UNITS = {
    (2023, 1, "West"): ("EUR thousand", "EUR"),
    (2024, 2, "Central"): ("EUR thousand", "EUR"),
    (2025, 1, "East"): ("PLN", "PLN"),
}
_OPTIMISM = {1: 1.03, 2: 0.99, 3: 1.01}
ALIASES = [
    ("territory", "Nort Lakes", "North Lakes"),
    ("territory", "Süd Danube", "South Danube"),
    ("territory", "South  Adria ", "South Adria"),
    ("territory", "Zentral Uplands", "Central Uplands"),
    ("territory", "W. Channel", "West Channel"),
    ("category", "Gearboxes", "Gear Units"),
    ("category", "El. Motors", "Electric Motors"),
    ("category", "Flowmeters", "Flow Meters"),
    ("category", "Press. Sensors", "Pressure Sensors"),
    ("category", "Screws & Bolts", "Bolts"),
    ("rep", "N.N.", VACANT),
    ("rep", "TBH", VACANT),
]
"""Other spellings that the planners use."""


def build_budgets(
    profile: Profile,
    plan: SalesPlan,
    parties: Parties,
    force: SalesForce,
    catalogue: Catalogue,
    tmap: TerritoryMap,
    rng: np.random.Generator,
) -> list[BudgetVersion]:
    """The six versions, then the re-sent files: FY2024 v3 in history and FY2025 v1 after now."""
    versions = []
    for year, version, approved, after in _VERSIONS:
        planner = _Planner(plan, catalogue, 10.0 if profile.scale > 0.5 else 1.0, rng)
        sheets = [
            planner.sheet(region, year, version, _territory_shares(parties, force, tmap, region, after=after))
            for region in plan.regions
        ]
        delivered = approved + timedelta(days=2, hours=3)
        count = len(tmap.current(after=after))
        versions.append(BudgetVersion(year, version, tuple(sheets), approved, delivered, count))
    versions[3] = _with_rep(versions[3], "South", force.leavers[0].name)
    versions[5] = _with_rep(versions[5], "South", VACANT)
    return [
        *versions,
        _resent(versions[4], versions[4].delivered_at + timedelta(days=40)),
        _resent(versions[5], FROZEN_NOW + timedelta(days=5)),
    ]


def _territory_shares(
    parties: Parties, force: SalesForce, tmap: TerritoryMap, region: str, *, after: bool
) -> dict[str, float]:
    """Share of each territory of a region in the weight of the region's firms, no territory without a share."""
    names = [t.name for t in tmap.current(after=after) if t.region == region]
    weights = dict.fromkeys(names, 0.5)
    seats = force.seat_new if after else force.seat_old
    for firm in parties.firms:
        if firm.region == region and seats[firm.seat] in weights:
            weights[seats[firm.seat]] += firm.weight
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


@dataclass(frozen=True)
class _Planner:
    """Plans sheets from the expected sales; amounts are rounded to `step` EUR."""

    plan: SalesPlan
    catalogue: Catalogue
    step: float
    rng: np.random.Generator

    def sheet(self, region: str, year: int, version: int, shares: dict[str, float]) -> BudgetSheet:
        """One region's rows, territory by category."""
        months = _months(self.plan, region, year) * _OPTIMISM[version] * float(self.rng.uniform(0.96, 1.06))
        rows = [
            BudgetRow(territory, category, None, self._cells(category, months * share))
            for territory, share in shares.items()
            for category in CATEGORIES
        ]
        unit, currency = _UNITS.get((year, version, region), ("EUR", "EUR"))
        return BudgetSheet(region, tuple(rows), unit, currency)

    def _cells(self, category: str, months: Any) -> tuple[float | None, ...]:
        """A category's part of its line, rounded; one cell in two hundred is left blank."""
        line = LINE_OF[category]
        part = self._weight(category) / sum(self._weight(c) for c in LINES[line])
        values = months[list(LINES).index(line)] * part * self.rng.uniform(0.95, 1.05, size=12)
        blank = self.rng.random(12) < 0.005
        rounded = np.round(values / self.step) * self.step
        return tuple(None if b else float(v) for v, b in zip(rounded, blank, strict=True))

    def _weight(self, category: str) -> float:
        return sum(p.weight for p in self.catalogue.products if p.category == category)


def _months(plan: SalesPlan, region: str, year: int) -> Any:
    """Expected amounts line × twelve fiscal months; months beyond the plan grow on last year's."""
    first = int(month_index(np.array([day_number(date(year, 2, 1))]))[0])
    return beyond(plan, np.arange(first, first + 12))[plan.regions.index(region)]


def _with_rep(version: BudgetVersion, region: str, rep: str) -> BudgetVersion:
    """Take three tenths of a region's first row and give them to a named rep (a leaver, or nobody yet)."""
    sheets = []
    for sheet in version.sheets:
        first, *others = sheet.rows
        own = tuple(None if a is None else float(round(a * 0.3)) for a in first.amounts)
        rest = tuple(None if a is None or b is None else a - b for a, b in zip(first.amounts, own, strict=True))
        rows = (replace(first, amounts=rest), replace(first, rep=rep, amounts=own), *others)
        sheets.append(replace(sheet, rows=rows) if sheet.region == region else sheet)
    return replace(version, sheets=tuple(sheets))


def _resent(version: BudgetVersion, delivered_at: datetime) -> BudgetVersion:
    """The same workbook with two per cent more in its first sheet."""
    first, *others = version.sheets
    rows = tuple(
        replace(row, amounts=tuple(None if a is None else float(round(a * 1.02)) for a in row.amounts))
        for row in first.rows
    )
    sheets = (replace(first, rows=rows), *others)
    return replace(version, sheets=sheets, delivered_at=delivered_at, is_resend=True)
