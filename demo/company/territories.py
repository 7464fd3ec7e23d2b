"""Territories, the realignment of 2024-08-01 and who sells where.

A seat is a place in the sales force: it has a territory before and after the realignment and one occupant after
another. Accounts belong to seats, so territory and owner at any day follow from the seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from demo.company.clock import FROZEN_NOW, HISTORY_START, REALIGNMENT, dates, day_number, second_of, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_id, salesforce_ids
from demo.company.model import TableTimeline

REGIONS = ("North", "South", "East", "West", "Central")
_OLD = {
    "North": ("Coast", "Lakes", "Plains"),
    "South": ("Alps", "Danube", "Adria"),
    "West": ("Rhine", "Channel", "Atlantic"),
    "Central": ("Basin", "Forest", "Uplands"),
    "East": ("Carpathia", "Delta"),
}
_SPLITS = {
    "North Coast": ("North Coast-West", "North Coast-East"),
    "South Alps": ("South Alps-High", "South Alps-Low"),
    "West Rhine": ("West Rhine-Left", "West Rhine-Right"),
}
_MERGED = ("Central Basin", "Central Forest")
_MERGED_INTO = "Central Basin-Forest"
SPLIT_SHARES = (0.6, 0.4)


@dataclass(frozen=True)
class Territory:
    """One territory; `before`/`after` say on which side of the realignment it exists."""

    number: int
    name: str
    region: str
    before: bool
    after: bool

    @property
    def id(self) -> str:
        """Id in the CRM."""
        return salesforce_id("Territory2", self.number)


@dataclass(frozen=True)
class TerritoryMap:
    """All territories and what became of each old one: (old name, new name, share)."""

    territories: tuple[Territory, ...]
    successors: tuple[tuple[str, str, float], ...]

    def by_name(self, name: str) -> Territory:
        """The territory of that name."""
        return next(t for t in self.territories if t.name == name)

    def current(self, *, after: bool) -> list[Territory]:
        """The territories of one generation."""
        return [t for t in self.territories if (t.after if after else t.before)]

    def parents(self, new: str) -> list[str]:
        """Old territories that went into a new one."""
        return [old for old, successor, _ in self.successors if successor == new]

    def changed(self) -> list[str]:
        """Old territories that ended with the realignment."""
        return [t.name for t in self.territories if t.before and not t.after]


def territory_map() -> TerritoryMap:
    """14 old territories, 16 new ones: three split, two merged into one, the others unchanged."""
    ended = {*_SPLITS, *_MERGED}
    old = [(f"{region} {part}", region) for region in REGIONS for part in _OLD[region]]
    new = [(name, parent.split()[0]) for parent, pair in _SPLITS.items() for name in pair]
    new.append((_MERGED_INTO, "Central"))
    listed = [(name, region, True, name not in ended) for name, region in old]
    listed += [(name, region, False, True) for name, region in new]
    territories = tuple(Territory(i + 1, *row) for i, row in enumerate(listed))
    successors = [(p, n, s) for p, pair in _SPLITS.items() for n, s in zip(pair, SPLIT_SHARES, strict=True)]
    successors += [(name, _MERGED_INTO, 1.0) for name in _MERGED]
    successors += [(t.name, t.name, 1.0) for t in territories if t.before and t.after]
    return TerritoryMap(territories, tuple(successors))


def territory_tables(territory_map_: TerritoryMap) -> list[TableTimeline]:
    """Territory2 and Territory_Successor__c."""
    return [_territory_table(territory_map_), _successor_table(territory_map_)]


ANNOUNCED = second_of(FROZEN_NOW.replace(year=2024, month=7, day=25, hour=7))
FOUNDED = day_number(HISTORY_START)


def _territory_table(tmap: TerritoryMap) -> TableTimeline:
    """First version open-ended; the old ones that end get a second version when the realignment is announced."""
    start, turn = FOUNDED, day_number(REALIGNMENT)
    rows: list[dict[str, Any]] = []
    for t in tmap.territories:
        created = start * 86_400 if t.before else ANNOUNCED
        rows.append({"t": t, "from": start if t.before else turn, "to": -1, "at": created})
        if t.before and not t.after:
            rows.append({"t": t, "from": start, "to": turn, "at": ANNOUNCED})
    return crm_timeline(
        "Territory2",
        {
            "Id": [r["t"].id for r in rows],
            "Name": [r["t"].name for r in rows],
            "Region__c": [r["t"].region for r in rows],
            "Valid_From__c": dates([r["from"] for r in rows]),
            "Valid_To__c": dates([r["to"] for r in rows]),
            "SystemModstamp": stamps([r["at"] for r in rows]),
        },
    )


def _successor_table(tmap: TerritoryMap) -> TableTimeline:
    rows = tmap.successors
    announced = stamps(np.full(len(rows), ANNOUNCED))
    return crm_timeline(
        "Territory_Successor__c",
        {
            "Id": salesforce_ids("Territory_Successor__c", np.arange(1, len(rows) + 1)),
            "From_Territory__c": [tmap.by_name(old).id for old, _, _ in rows],
            "To_Territory__c": [tmap.by_name(new).id for _, new, _ in rows],
            "Share__c": [share for _, _, share in rows],
            "Effective_Date__c": dates(np.full(len(rows), day_number(REALIGNMENT))),
            "IsDeleted": False,
            "CreatedDate": announced,
            "SystemModstamp": announced,
        },
    )
