"""Loads of a HubSpot portal: whole, then what changed; raw tells the truth whatever went wrong on the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.systems.faults import FaultPlan
from ingestion.errors import IngestionError
from ingestion.sources import hubspot
from ingestion.sources.hubspot.client import HubspotClient
from tests.unit.ingestion.fake_portal import CALM, NOW, FakePortal, Loads
from tests.unit.ingestion.small_source import Warehouse, append_without_dlt

pytestmark = pytest.mark.integration

PASSING = [
    FaultPlan(every={3: 429, 4: 503}, retry_after="2"),
    FaultPlan(every={5: 500}, retry_after=None),
    FaultPlan(truncated_at=4),
    FaultPlan(web_page_at=4),
    FaultPlan(error_body_at=5),
    FaultPlan(drop_at=5),
    FaultPlan(repeated_page_at=1),
    FaultPlan(repeated_page_at=2),
    FaultPlan(at={3: 401}),
    FaultPlan(clock_offset_minutes=10),
    FaultPlan(clock_offset_minutes=-10),
    FaultPlan(late_minutes=300),
]
FINAL = [
    FaultPlan(every={1: 500}),
    FaultPlan(token_dies_at=4),
    FaultPlan(page_loop=True),
    FaultPlan(skipped_page_at=1),
    FaultPlan(every={4: 429}, retry_after="86400"),
    FaultPlan(daily_limit=1005),
]


@pytest.fixture
def portal() -> FakePortal:
    made = FakePortal()
    made.deals(230, NOW - timedelta(days=40), apart=timedelta(hours=1))
    return made


@pytest.fixture
def loads(portal: FakePortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loads:
    """Loads into an empty warehouse; they append directly, since dlt's part is the same for every source."""
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    return Loads(portal, Warehouse(tmp_path), monkeypatch)


def shown(portal: FakePortal) -> list[tuple[Any, ...]]:
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


def test_an_increment_finds_changes_archives_and_what_is_gone(loads: Loads, portal: FakePortal) -> None:
    first = loads.load().resources[0]
    again = loads.load().resources[0]
    change(portal, loads.clock)
    result = loads.load().resources[0]
    assert (first.extracted, first.appended) == (230, 230)
    assert (again.extracted, again.appended, again.deleted) == (73, 0, 0)
    assert (result.appended, result.deleted) == (4, 2)
    assert loads.current() == shown(portal)
    merged = loads.current(columns="id, hs_merged_object_ids")
    assert [row[1] for row in merged if row[1]] == [list(sorted_ids(loads))[9]]


def sorted_ids(loads: Loads) -> list[str]:
    rows = loads.warehouse.query("select distinct id from raw_hubspot.deals where id <> '77'")
    return sorted((row[0] for row in rows), key=int)


def test_an_archived_deal_that_comes_back_with_its_old_stamp_is_live_again(loads: Loads, portal: FakePortal) -> None:
    deal = portal.put("deals", 5, NOW - timedelta(days=60), dealname="back", archived_at=NOW)
    loads.load()
    assert ("5", "back") not in loads.current()
    portal.put("deals", 5, deal.updated_at, dealname="back")
    loads.load()
    assert ("5", "back") in loads.current()
    assert loads.load().resources[0].appended == 0


@pytest.mark.parametrize("faults", PASSING)
def test_faults_that_pass_change_nothing(loads: Loads, portal: FakePortal, faults: FaultPlan) -> None:
    loads.load(faults)
    change(portal, loads.clock)
    loads.load(faults, hours=2)
    loads.load(CALM, hours=10)
    assert loads.current() == shown(portal)
    assert all(wait <= 20 for wait in loads.waits)
    ((repeated,),) = loads.warehouse.query(
        "select count(*) - count(distinct (id, _row_hash, _extracted_at)) from raw_hubspot.deals"
    )
    assert repeated == 0


@pytest.mark.parametrize("faults", FINAL)
def test_faults_that_stay_end_the_load_and_lose_nothing(loads: Loads, portal: FakePortal, faults: FaultPlan) -> None:
    loads.load()
    before = loads.warehouse.query("from raw_hubspot.deals order by all")
    change(portal, loads.clock)
    with pytest.raises(IngestionError) as caught:
        loads.load(faults)
    assert "\n" not in str(caught.value)
    assert loads.warehouse.query("from raw_hubspot.deals order by all") == before
    loads.load()
    assert loads.current() == shown(portal)


@pytest.mark.parametrize("requests", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
def test_a_load_that_dies_at_any_request_is_made_good_by_the_next(
    loads: Loads, portal: FakePortal, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    class Dying(HubspotClient):
        def _send(self, method: str, path: str, body: Any) -> Any:
            if self.requests == requests:
                raise KeyboardInterrupt
            return super()._send(method, path, body)

    with monkeypatch.context() as patch:
        patch.setattr(hubspot, "HubspotClient", Dying)
        with pytest.raises(KeyboardInterrupt):
            loads.load(only={"deals", "deal_property_history", "owners"})
    change(portal, loads.clock)
    loads.load()
    assert loads.current() == shown(portal)
    assert loads.warehouse.query("select count(distinct _load_id) from raw_hubspot.deals") == [(1,)]


def test_a_property_that_becomes_a_number_is_quarantined(loads: Loads, portal: FakePortal) -> None:
    loads.load()
    portal.put("deals", 77, loads.clock, dealname="four", amount="12.5")
    result = loads.load(FaultPlan(retyped="deals.amount"))
    assert result.rejections["raw_hubspot.deals: property amount: expected text, got int 4"] == 11
    assert set(shown(portal)) - set(loads.current()) == {("77", "four")}
    loads.load()
    assert ("77", "four") in loads.current()


def test_a_value_that_does_not_fit_is_kept_with_its_reason(loads: Loads, portal: FakePortal) -> None:
    portal.put("deals", 77, dealname="odd", amount="1.2 Mio", closedate="soon", own_field="kept")
    result = loads.load()
    (reason,) = result.rejections
    assert "column amount: expected decimal, got 1.2 Mio" in reason
    assert "column closedate: expected timestamp, got soon" in reason
    ((payload,),) = loads.warehouse.query("select payload from quality.rejected_row")
    assert '"own_field":"kept"' in payload


def test_own_properties_come_and_go(loads: Loads, portal: FakePortal) -> None:
    loads.load()
    portal.put("deals", 77, loads.clock, dealname="tall", height="1.90 m")
    result = loads.load()
    assert "Table deals of hubspot: column height is not declared, kept as text." in result.warnings
    assert ("77", "1.90 m") in loads.current(columns="id, height")
    del portal.kinds["deals"]["77"]
    loads.load()
    assert len(loads.current()) == 230


def test_half_a_portal_gone_is_not_believed(loads: Loads, portal: FakePortal) -> None:
    loads.load()
    for key in list(portal.kinds["deals"])[:130]:
        del portal.kinds["deals"][key]
    with pytest.raises(IngestionError, match="130 of 230 known rows are gone at the source; nothing was loaded"):
        loads.load()


def test_history_is_read_for_what_changed_and_never_forgotten(loads: Loads, portal: FakePortal) -> None:
    old, new = NOW - timedelta(days=50), NOW + timedelta(minutes=90)
    portal.put("deals", 7, old, dealname="a", history={"dealstage": [(old, "new")], "amount": [(old, None)]})
    portal.put("deals", 8, old, dealname="b", archived_at=old, history={"dealstage": [(old, "lost")]})
    tables = {"deals", "deal_property_history"}
    loads.load(only=tables)
    portal.put("deals", 7, new, dealname="a", history={"dealstage": [(new, "won"), (old, "new")]})
    portal.put("deals", 9, old, dealname="late", history={"dealstage": [(old, "new")]})
    loads.load(only=tables)
    del portal.kinds["deals"]["8"]
    loads.load(only=tables)
    rows = loads.warehouse.query(
        "select object_id, property, value from raw_hubspot.deal_property_history order by 1, 2, timestamp"
    )
    assert rows == [
        ("7", "amount", None),
        ("7", "dealstage", "new"),
        ("7", "dealstage", "won"),
        ("8", "dealstage", "lost"),
        ("9", "dealstage", "new"),
    ]


def test_associations_pipelines_and_owners_are_read_whole(loads: Loads, portal: FakePortal) -> None:
    portal.put("companies", 3, name="Zürn & Söhne ☂")
    for key in (7, 8):
        portal.put("deals", key, dealname="a", links=(("companies", "3"),))
    portal.owner_rows = [{"id": "1", "email": "a@b.example", "userId": 4, "teams": [{"id": "9"}], "archived": False}]
    stage = {"id": "s", "label": "Won", "displayOrder": 1, "metadata": {"isClosed": "true", "probability": "1.0"}}
    portal.pipeline_rows = [{"id": "p", "label": "Sales", "displayOrder": 0, "archived": False, "stages": [stage]}]
    tables = {"associations", "owners", "pipelines", "pipeline_stages"}
    loads.load(only=tables)
    query = loads.warehouse.query
    assert query("select from_object_id, to_object_id, type_id, label from raw_hubspot.associations order by 1, 3") == [
        ("7", "3", 5, "Primary"),
        ("7", "3", 341, None),
        ("8", "3", 5, "Primary"),
        ("8", "3", 341, None),
    ]
    assert query("select id, user_id, teams from raw_hubspot.owners") == [("1", "4", '[{"id": "9"}]')]
    assert query("select pipeline_id, label, probability, is_closed from raw_hubspot.pipeline_stages") == [
        ("p", "Won", 1.0, True)
    ]
    portal.put("deals", 7, dealname="a")
    assert sum(row.deleted for row in loads.load(only=tables).resources) == 2


def test_the_day_s_requests_are_reported(loads: Loads) -> None:
    (note,) = loads.load().notes
    assert note == "HubSpot answered 9 requests of this load; 249991 of 250000 are left today."
