"""A HubSpot portal whose objects a test sets, served in HubSpot's dialect, and loads of it without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from demo.systems.faults import FaultPlan
from demo.systems.hubspot_api import TOKEN, HubspotApi
from demo.systems.hubspot_portal import Record
from demo.systems.hubspot_server import HubspotServer
from demo.systems.hubspot_shapes import KINDS, stamp
from ingestion.pipeline import LoadResult
from ingestion.registry import SOURCES
from ingestion.sources import hubspot
from ingestion.sources.hubspot.client import HubspotClient
from ingestion.sources.hubspot.config import HubspotConfig
from tests.unit.ingestion.small_source import Warehouse

NOW = datetime(2024, 2, 29, 22, 30)
CALM = FaultPlan()


class FakePortal:
    """Objects by kind; a test changes them between loads."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.owner_rows: list[dict[str, Any]] = []
        self.pipeline_rows: list[dict[str, Any]] = []

    def put(self, kind: str, key: int, updated: datetime = NOW, **how: Any) -> Record:
        """Add or replace an object; `how` are its properties, and `archived_at`, `history`, `links`."""
        parts = {name: how.pop(name) for name in ("history", "links") if name in how}
        archived_at = how.pop("archived_at", None)
        properties = {"hs_object_id": str(key), KINDS[kind].modified: stamp(updated), **how}
        created = datetime(2023, 3, 26, 1, 30)
        record = Record(str(key), created, updated, archived_at, properties, **parts)
        self.kinds[kind][str(key)] = record
        return record

    def deals(self, count: int, updated: datetime = NOW, apart: timedelta = timedelta(0)) -> None:
        """Add `count` deals, changed `apart` from each other, whose ids are neither in order nor without gaps."""
        for place in range(count):
            key = 9_000_000 + (place * 7919) % (count * 13 + 1)
            stamped = updated - apart * place
            self.put("deals", key, stamped, dealname=f"Deal {place}", amount=f"{place}.25")

    def records(self, kind: str, now: datetime) -> dict[str, Record]:
        return dict(sorted(self.kinds[kind].items(), key=lambda item: int(item[0])))

    def survivor(self, kind: str, key: str, now: datetime) -> Record | None:
        return self.kinds[kind].get(key)

    def owners(self, now: datetime) -> list[dict[str, Any]]:
        return self.owner_rows

    def pipelines(self, now: datetime) -> list[dict[str, Any]]:
        return self.pipeline_rows

    @contextmanager
    def served(self, faults: FaultPlan = CALM, now: datetime = NOW) -> Iterator[str]:
        """Serve the portal for the block, giving its address."""
        with _SERVER.showing(HubspotApi(self, lambda: now, faults, wrong_after=NOW).app()) as url:
            yield url


class _Server:
    """One server for all tests of a process, which shows one portal after the other: starting it costs too much."""

    def __init__(self) -> None:
        self._shown: Any = None
        self._url: str | None = None

    @contextmanager
    def showing(self, app: Any) -> Iterator[str]:
        self._shown = app
        if self._url is None:
            self._url = HubspotServer(self._app()).__enter__().url
        yield self._url

    def _app(self) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await self._shown(scope, receive, send)

        return answer


_SERVER = _Server()


@contextmanager
def client_of(
    portal: FakePortal, faults: FaultPlan = CALM, **settings: Any
) -> Iterator[tuple[HubspotClient, list[float]]]:
    """A client of the portal, and the waits that it makes."""
    waits: list[float] = []
    with portal.served(faults) as url:
        config = HubspotConfig(base_url=url, **{"token": TOKEN, **settings})
        with HubspotClient(config, sleep=waits.append) as client:
            yield client, waits


class Loads:
    """Loads of one portal into one warehouse; waits are noted instead of slept."""

    def __init__(self, portal: FakePortal, warehouse: Warehouse, patch: pytest.MonkeyPatch) -> None:
        self.portal, self.warehouse, self.waits = portal, warehouse, list[float]()
        self.clock = NOW
        patch.setattr(hubspot, "HubspotClient", lambda config: HubspotClient(config, sleep=self.waits.append))

    def load(self, faults: FaultPlan = CALM, hours: float = 1, **settings: Any) -> LoadResult:
        """Load the portal, `hours` after the load before."""
        self.clock += timedelta(hours=hours)
        only = settings.pop("only", {"deals"})
        with self.portal.served(faults, self.clock) as url:
            config = HubspotConfig(base_url=url, **{"token": TOKEN, **settings})
            return self.warehouse.load(SOURCES["hubspot"], config, self.clock, only=only)

    def current(self, table: str = "deals", columns: str = "id, dealname") -> list[tuple[Any, ...]]:
        """The live rows of a raw table as last seen."""
        return self.warehouse.query(f"""
            select {columns} from (
                from raw_hubspot.{table}
                qualify row_number() over (
                    partition by id order by _extracted_at desc, _deleted_at is not null desc, updated_at desc
                ) = 1
            ) where _deleted_at is null and not archived order by cast(id as bigint)
        """)


def shown(portal: FakePortal) -> list[tuple[Any, ...]]:
    """Id and name of the live deals, as `Loads.current` gives them."""
    return [(r.id, r.properties["dealname"]) for r in portal.records("deals", NOW).values() if not r.archived_at]


def change(portal: FakePortal, at: datetime) -> None:
    """One deal renamed, one added, one archived, one gone, one merged into another."""
    ids = list(portal.records("deals", NOW))
    portal.put("deals", int(ids[2]), at, dealname="renamed")
    portal.put("deals", 77, at, dealname="new")
    old = portal.kinds["deals"][ids[5]]
    portal.put("deals", int(ids[5]), old.updated_at, dealname=old.properties["dealname"], archived_at=at)
    del portal.kinds["deals"][ids[8]]
    del portal.kinds["deals"][ids[9]]
    portal.put("deals", int(ids[10]), at, dealname="survivor", hs_merged_object_ids=ids[9])
