"""Loads of a HubSpot portal: whole, then what changed, what is archived, merged and gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.systems.faults import FaultPlan
from ingestion.errors import IngestionError
from ingestion.sources.hubspot.client import HubspotClient
from ingestion.sources.hubspot.tables import OBJECTS
from tests.unit.ingestion.fake_portal import NOW, FakePortal, Loads, change, shown
from tests.unit.ingestion.small_source import Warehouse, append_without_dlt

pytestmark = pytest.mark.integration


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


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_kind_lands_whole_then_what_changed_and_what_is_gone(loads: Loads, portal: FakePortal, kind: str) -> None:
    portal.kinds[kind].clear()
    old = NOW - timedelta(days=40)
    for key in (31, 7, 12, 5, 9):
        portal.put(kind, key, old, own="first")
    assert loads.load(only={kind}).resources[0].appended == 5
    at = loads.clock
    portal.put(kind, 7, at, own="changed")
    portal.put(kind, 40, at, own="new")
    portal.put(kind, 12, old, own="first", archived_at=at)
    portal.put(kind, 31, at, own="survivor", hs_merged_object_ids="9")
    del portal.kinds[kind]["5"], portal.kinds[kind]["9"]
    result = loads.load(only={kind}).resources[0]
    assert (result.appended, result.deleted) == (4, 2)
    assert loads.current(kind, "id, own") == [("7", "changed"), ("31", "survivor"), ("40", "new")]
    assert loads.warehouse.query(f"select id from raw_hubspot.{kind} where archived") == [("12",)]
    again = loads.load(only={kind}).resources[0]
    assert (again.appended, again.deleted) == (0, 0)


def test_an_archived_deal_that_comes_back_with_its_old_stamp_is_live_again(loads: Loads, portal: FakePortal) -> None:
    deal = portal.put("deals", 5, NOW - timedelta(days=60), dealname="back", archived_at=NOW)
    loads.load()
    assert ("5", "back") not in loads.current()
    portal.put("deals", 5, deal.updated_at, dealname="back")
    loads.load()
    assert ("5", "back") in loads.current()
    assert loads.load().resources[0].appended == 0


def test_a_restored_deal_that_the_list_leaves_out_is_asked_for(
    loads: Loads, portal: FakePortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was gone for good once; that must not keep the load from asking for it before it counts as gone again."""
    deal = portal.put("deals", 5, NOW - timedelta(days=60), dealname="back")
    loads.load()
    del portal.kinds["deals"]["5"]
    assert loads.load().resources[0].deleted == 1
    portal.kinds["deals"]["5"] = deal
    loads.load()
    listed = HubspotClient.ids
    monkeypatch.setattr(
        HubspotClient,
        "ids",
        lambda client, kind, *, archived: [k for k in listed(client, kind, archived=archived) if k != "5"],
    )
    assert loads.load().resources[0].deleted == 0
    assert ("5", "back") in loads.current()
    del portal.kinds["deals"]["5"]
    assert loads.load().resources[0].deleted == 1


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


def test_owners_pipelines_and_stages_that_change_and_go(loads: Loads, portal: FakePortal) -> None:
    def stage(key: str, label: str) -> dict[str, Any]:
        return {"id": key, "label": label, "metadata": {"isClosed": "false", "probability": "0.5"}}

    def pipeline(key: str, *stages: dict[str, Any]) -> dict[str, Any]:
        return {"id": key, "label": key.title(), "archived": False, "stages": list(stages)}

    portal.owner_rows = [{"id": key, "email": f"{key}@b.example", "archived": False} for key in ("8", "3", "5")]
    portal.pipeline_rows = [
        pipeline("sales", stage("s2", "Offer"), stage("s1", "New")),
        pipeline("old", stage("s1", "-")),
    ]
    tables = {"owners", "pipelines", "pipeline_stages"}
    assert sum(row.appended for row in loads.load(only=tables).resources) == 8
    portal.owner_rows = [portal.owner_rows[1], portal.owner_rows[0] | {"archived": True}]
    portal.pipeline_rows = [pipeline("sales", stage("s2", "Proposal"), stage("s1", "New"))]
    result = {row.resource: (row.appended, row.deleted) for row in loads.load(only=tables).resources}
    assert result == {"owners": (1, 1), "pipelines": (0, 1), "pipeline_stages": (1, 1)}
    assert loads.current("owners", "id, email") == [("3", "3@b.example")]
    assert sum(row.appended + row.deleted for row in loads.load(only=tables).resources) == 0


def test_the_day_s_requests_are_reported(loads: Loads) -> None:
    (note,) = loads.load().notes
    assert note == "HubSpot answered 9 requests of this load; 249991 of 250000 are left today."
