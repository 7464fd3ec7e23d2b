"""What a finder looks at, and what it reports of one quirk."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.integration.demo_warehouse import DemoWarehouse

Entry = dict[str, Any]
"""One entry of the answer key: id, entity, keys, expected."""


@dataclass(frozen=True)
class Finding:
    """Planted against found of one quirk; members are keys, or pairs of a key and what is expected of it.

    `among_planted`: the finder looked at planted keys alone, so false positives cannot show and are not told.
    """

    quirk: str
    what: str
    planted: frozenset[Hashable]
    found: frozenset[Hashable]
    among_planted: bool = False

    @property
    def missed(self) -> frozenset[Hashable]:
        """Planted and not found."""
        return self.planted - self.found

    @property
    def false_positives(self) -> frozenset[Hashable]:
        """Found though it was not planted."""
        return self.found - self.planted

    def line(self) -> str:
        """The finding as a line of the summary's table."""
        hits = len(self.planted & self.found)
        false = "  –" if self.among_planted else f"{len(self.false_positives):>3}"
        return (
            f"{self.quirk[0]}{int(self.quirk[1:]):<3} planted {len(self.planted):>5}  found {hits:>5}"
            f"  missed {len(self.missed):>3}  false {false}   {self.what}"
        )


def finding(quirk: str, what: str, planted: Iterable[Hashable], found: Iterable[Hashable]) -> Finding:
    """A finding from any two collections."""
    return Finding(quirk, what, frozenset(planted), frozenset(found))


def finding_among_planted(quirk: str, what: str, planted: Iterable[Hashable], found: Iterable[Hashable]) -> Finding:
    """A finding of a finder that cannot search without the answer key."""
    return Finding(quirk, what, frozenset(planted), frozenset(found), among_planted=True)


@dataclass(frozen=True)
class Case:
    """What a finder looks at: the warehouse, and the answer key's entries of its quirk."""

    warehouse: DemoWarehouse
    entries: list[Entry]

    def entry(self, entity: str | None = None) -> Entry:
        """The one entry, or the one of an entity."""
        (only,) = [entry for entry in self.entries if entity in (None, entry["entity"])]
        return only

    def ids(self, sql: str, *parameters: Any) -> set[Any]:
        """First column of a query on the release."""
        return {row[0] for row in self.warehouse.query(sql, *parameters)}

    def pairs(self, sql: str, *parameters: Any) -> dict[Any, Any]:
        """The first two columns of a query on the release, as a dictionary."""
        return {row[0]: row[1] for row in self.warehouse.query(sql, *parameters)}


def crm(record_id: str) -> str:
    """The warehouse's id of a CRM record."""
    return f"salesforce:{record_id}"


def erp(number: str) -> str:
    """The warehouse's id of an ERP record."""
    return f"erp:{number}"
