"""Every API fault on a load of a HubSpot portal: raw tells the truth, or the load stops and the next makes it good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.systems.faults import FaultPlan
from ingestion.errors import IngestionError
from ingestion.sources import hubspot
from ingestion.sources.hubspot.client import HubspotClient
from tests.unit.ingestion.fake_portal import CALM, NOW, FakePortal, Loads, change, shown
from tests.unit.ingestion.small_source import Warehouse, append_without_dlt

BACK_OFF = [0.5, 1.0, 2.0, 4.0, 8.0]
"""All waits of a request that never succeeds."""
PASSING: list[tuple[FaultPlan, list[float]]] = [
    (FaultPlan(every={4: 503, 7: 429}, retry_after="2"), [2.0] * 4),
    (FaultPlan(at={3: 429, 4: 429}, retry_after=None), [10.0, 10.0]),
    (FaultPlan(every={5: 500}, retry_after=None), [0.5, 0.5]),
    (FaultPlan(at={3: 500, 4: 502, 5: 503}, retry_after=None), [0.5, 1.0, 2.0]),
    (FaultPlan(at=dict.fromkeys(range(2, 7), 502), retry_after=None), BACK_OFF),
    (FaultPlan(truncated_at=4), [0.5]),
    (FaultPlan(web_page_at=4), [0.5]),
    (FaultPlan(error_body_at=5), [0.5]),
    (FaultPlan(drop_at=5), [0.5]),
    (FaultPlan(repeated_page_at=1), []),
    (FaultPlan(repeated_page_at=2), []),
    (FaultPlan(at={3: 401}), []),
    (FaultPlan(clock_offset_minutes=10), []),
    (FaultPlan(clock_offset_minutes=-10), []),
    (FaultPlan(late_minutes=300), []),
]
"""Faults, and the waits that they cost the first load."""
FINAL = [
    (FaultPlan(every={1: 500}), "did not answer .*: status 500"),
    (FaultPlan(token_dies_at=4), "the token is wrong, expired or revoked"),
    (FaultPlan(page_loop=True), "lead in a circle"),
    (FaultPlan(skipped_page_at=1), "showed 128 objects where the portal counts 228"),
    (FaultPlan(every={4: 429}, retry_after="86400"), "asks to wait 86400 s"),
    (FaultPlan(daily_limit=1005), "1000 of the day's 1005 requests are left"),
    (FaultPlan(at=dict.fromkeys(range(3, 9), 504)), "did not answer .*: status 504"),
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


def before_requests(patch: pytest.MonkeyPatch, strike: Callable[[HubspotClient], None]) -> None:
    """Let `strike` act before each request of the loads to come."""
    send = HubspotClient._send

    def struck(client: HubspotClient, method: str, path: str, body: Any) -> Any:
        strike(client)
        return send(client, method, path, body)

    patch.setattr(HubspotClient, "_send", struck)


@pytest.mark.parametrize(("faults", "waits"), PASSING)
def test_faults_that_pass_change_nothing(
    loads: Loads, portal: FakePortal, faults: FaultPlan, waits: list[float]
) -> None:
    loads.load(faults)
    assert loads.waits == waits
    assert loads.current() == shown(portal)
    change(portal, loads.clock)
    loads.load(faults, hours=2)
    loads.load(CALM, hours=10)
    assert loads.current() == shown(portal)
    assert max(loads.waits, default=0) <= 20
    ((repeated,),) = loads.warehouse.query(
        "select count(*) - count(distinct (id, _row_hash, _extracted_at)) from raw_hubspot.deals"
    )
    assert repeated == 0


def test_a_wait_that_is_given_as_a_date_is_kept(loads: Loads, portal: FakePortal) -> None:
    until = datetime.now(UTC) + timedelta(seconds=40)
    loads.load(FaultPlan(at={3: 429}, retry_after=format_datetime(until, usegmt=True)))
    (wait,) = loads.waits
    assert (until - datetime.now(UTC)).total_seconds() - 1 <= wait <= 41
    assert loads.current() == shown(portal)


@pytest.mark.parametrize(("faults", "sentence"), FINAL)
def test_faults_that_stay_end_the_load_and_lose_nothing(
    loads: Loads, portal: FakePortal, faults: FaultPlan, sentence: str
) -> None:
    loads.load()
    before = loads.warehouse.query("from raw_hubspot.deals order by all")
    change(portal, loads.clock)
    loads.waits.clear()
    with pytest.raises(IngestionError, match=sentence) as caught:
        loads.load(faults)
    assert "\n" not in str(caught.value)
    assert len(loads.waits) <= len(BACK_OFF)
    assert loads.warehouse.query("from raw_hubspot.deals order by all") == before
    loads.load()
    assert loads.current() == shown(portal)


@pytest.mark.parametrize(("before", "after"), [(10, 0), (0, -10)])
def test_a_clock_that_is_put_back_loses_and_doubles_nothing(
    loads: Loads, portal: FakePortal, before: int, after: int
) -> None:
    """A known object changes five minutes after another, but its stamp lies before that of the other."""
    loads.load()
    portal.put("deals", 77, loads.clock, dealname="newest")
    loads.load(FaultPlan(clock_offset_minutes=before), hours=0.1)
    (known,) = [int(key) for key, name in shown(portal) if name == "Deal 3"]
    portal.put("deals", known, loads.clock, dealname="put back")
    plan = FaultPlan(clock_offset_minutes=after)
    loads.load(plan, hours=0.1)
    assert loads.current() == shown(portal)
    assert loads.load(plan, hours=0.1).appended == 0


def test_archived_objects_that_a_list_leaves_out_arrive_with_the_next_load(loads: Loads, portal: FakePortal) -> None:
    """No count tells how many are archived: those left out count neither as gone nor as live meanwhile."""
    archived = range(1000, 1130)
    for key in archived:
        portal.put("deals", key, NOW - timedelta(days=9), dealname="old", archived_at=NOW)
    # The third page that has a successor is the portal's count of live objects, the fourth is of archived ones.
    assert loads.load(FaultPlan(skipped_page_at=4)).appended == 230 + 100
    assert loads.current() == shown(portal)
    result = loads.load()
    assert (result.appended, result.deleted) == (30, 0)
    assert loads.warehouse.query("select count(*), count(distinct id) from raw_hubspot.deals where archived") == [
        (len(archived), len(archived))
    ]


def test_owners_that_a_list_leaves_out_do_not_count_as_gone(loads: Loads, portal: FakePortal) -> None:
    """Nothing counts owners; who is known and not listed is looked for in the list a second time."""
    portal.owner_rows = [{"id": f"{key}", "email": f"{key}@b.example", "archived": False} for key in range(250, 0, -1)]
    only = {"owners"}
    assert loads.load(only=only).appended == 250
    left_out = loads.load(FaultPlan(skipped_page_at=1), only=only)
    assert (left_out.appended, left_out.deleted) == (0, 0)
    del portal.owner_rows[7]
    assert loads.load(only=only).deleted == 1
    assert len(loads.current("owners", "id")) == 249


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
def test_a_load_that_dies_at_any_request_is_made_good_by_the_next(
    loads: Loads, portal: FakePortal, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def die(client: HubspotClient) -> None:
        if client.requests == number:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        before_requests(patch, die)
        with pytest.raises(KeyboardInterrupt):
            loads.load(only={"deals", "deal_property_history", "owners"})
    change(portal, loads.clock)
    loads.load()
    assert loads.current() == shown(portal)
    assert loads.warehouse.query("select count(distinct _load_id) from raw_hubspot.deals") == [(1,)]


@pytest.mark.parametrize("times", [1, 5, 6])
def test_a_portal_that_does_not_answer_in_time_is_asked_six_times(
    loads: Loads, portal: FakePortal, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    left = [requests.Timeout("slow")] * times

    def hang(client: HubspotClient) -> None:
        if client.requests == 3 and left:
            raise left.pop()

    with monkeypatch.context() as patch:
        before_requests(patch, hang)
        if times < 6:
            loads.load()
        else:
            with pytest.raises(IngestionError, match=r"did not answer .*: no whole answer \(Timeout\)"):
                loads.load()
    assert loads.waits == [0.5, 1.0, 2.0, 4.0, 8.0][:times]
    loads.load()
    assert loads.current() == shown(portal)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_portal_that_changes_while_it_is_read_is_told_right_in_the_end(
    loads: Loads, portal: FakePortal, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Objects come and go between two pages: pages overlap or leave objects out, totals change."""
    loads.load()

    def meanwhile(client: HubspotClient) -> None:
        if client.requests == number and "77" not in portal.kinds["deals"]:
            change(portal, loads.clock)

    with monkeypatch.context() as patch:
        before_requests(patch, meanwhile)
        try:
            loads.load()
        except IngestionError as stopped:
            assert "load again later" in str(stopped)
    unchanged = {deal for deal in shown(portal) if deal[1].startswith("Deal ")}
    assert unchanged <= set(loads.current()), "an object that was there all the time must not count as gone"
    loads.load(hours=10)
    assert loads.current() == shown(portal)


def test_a_declared_property_that_the_portal_lost_is_empty_and_told(
    loads: Loads, portal: FakePortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Poorer(HubspotClient):
        def properties(self, kind: str) -> dict[str, bool] | None:
            return {name: own for name, own in (super().properties(kind) or {}).items() if name != "amount"}

    loads.load()
    portal.put("deals", 77, loads.clock, dealname="poor", amount="12.5")
    with monkeypatch.context() as patch:
        patch.setattr(hubspot, "HubspotClient", Poorer)
        result = loads.load()
    assert "Table deals of hubspot: declared column amount is missing, NULL instead." in result.warnings
    assert loads.warehouse.query("select amount from raw_hubspot.deals where id = '77'") == [(None,)]
    assert loads.current() == shown(portal)


def test_an_object_without_an_id_is_kept_as_rejected(loads: Loads, portal: FakePortal) -> None:
    portal.owner_rows = [{"id": key, "email": f"{key}@b.example", "archived": False} for key in (None, "4")]
    result = loads.load(only={"owners"})
    assert (result.appended, result.rejected) == (1, 1)
    ((reason, payload),) = loads.warehouse.query("select reason, payload from quality.rejected_row")
    assert "column id: required, but empty" in reason
    assert "None@b.example" in payload
