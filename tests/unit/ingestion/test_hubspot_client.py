"""The HubSpot client against a portal that misbehaves: everything once, or one sentence."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from demo.systems import hubspot_api
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_api import TOKEN
from ingestion.check import check_source
from ingestion.errors import IngestionError
from ingestion.sources.hubspot.client import HubspotClient
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.hubspot.records import history_table
from tests.unit.ingestion.fake_portal import NOW, FakePortal, client_of

SINCE = datetime(2024, 2, 1)


@pytest.fixture
def portal() -> FakePortal:
    made = FakePortal()
    made.deals(450)
    return made


def searched(client: HubspotClient) -> list[str]:
    return [row["id"] for page in client.search("deals", "hs_lastmodifieddate", SINCE, ["dealname"]) for row in page]


def expected(portal: FakePortal) -> list[str]:
    return list(portal.records("deals", NOW))


def test_a_list_and_a_search_bring_every_object_once(portal: FakePortal) -> None:
    portal.put("deals", 8_999_999, datetime(2024, 1, 31, 23, 59, 59, 999_000))
    with client_of(portal) as (client, waits):
        assert client.ids("deals", archived=False) == expected(portal)
        assert searched(client) == expected(portal)[1:]
    assert waits == []


def test_a_search_goes_past_its_limit_even_if_all_changed_at_one_moment(
    portal: FakePortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HubSpot's limit is 10,000; a smaller one shows the same."""
    monkeypatch.setattr(hubspot_api, "SEARCH_LIMIT", 200)
    with client_of(portal) as (client, _):
        assert searched(client) == expected(portal)
        body = {"limit": 100, "after": "101"}
        refused = client._session.post(f"{client._base}/crm/v3/objects/deals/search", json=body)
        assert (refused.status_code, client.requests) == (400, 3)


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        (FaultPlan(at={2: 429}, retry_after="3"), [3.0]),
        (FaultPlan(at={2: 429}, retry_after=None), [10.0]),
        (FaultPlan(at={2: 503}, retry_after="Thu, 01 Jan 1970 00:00:00 GMT"), [0.0]),
        (FaultPlan(at={2: 500, 3: 502, 4: 503}, retry_after=None), [0.5, 1.0, 2.0]),
        (FaultPlan(truncated_at=2), [0.5]),
        (FaultPlan(web_page_at=2), [0.5]),
        (FaultPlan(error_body_at=2), [0.5]),
        (FaultPlan(drop_at=2), [0.5]),
        (FaultPlan(at={2: 401}), []),
    ],
)
def test_what_passes_is_waited_out(portal: FakePortal, faults: FaultPlan, waits: list[float]) -> None:
    with client_of(portal, faults) as (client, slept):
        assert searched(client) == expected(portal)
        assert client.ids("deals", archived=False) == expected(portal)
    assert slept == waits


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (FaultPlan(every={1: 500}), "did not answer .*: status 500, INTERNAL_ERROR"),
        (FaultPlan(every={1: 429}, retry_after="86400"), "asks to wait 86400 s"),
        (FaultPlan(token_dies_at=2), "status 401, the token is wrong, expired or revoked"),
        (FaultPlan(at={1: 403}), "status 403, MISSING_SCOPES"),
        (FaultPlan(page_loop=True), "lead in a circle|a page came again"),
    ],
)
@pytest.mark.parametrize("way", ["list", "search"])
def test_what_does_not_pass_is_one_sentence(portal: FakePortal, faults: FaultPlan, words: str, way: str) -> None:
    with client_of(portal, faults) as (client, slept):
        with pytest.raises(IngestionError, match=words) as caught:
            searched(client) if way == "search" else client.ids("deals", archived=False)
        assert client.requests <= 7
    assert "pat-demo" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert all(wait <= 60 for wait in slept)


def test_a_page_that_comes_twice_counts_once(portal: FakePortal) -> None:
    with client_of(portal, FaultPlan(repeated_page_at=2)) as (client, _):
        assert client.ids("deals", archived=False) == expected(portal)
    with client_of(portal, FaultPlan(repeated_page_at=2)) as (client, _):
        assert searched(client) == expected(portal)


def test_a_page_left_out_of_a_list_is_noticed_by_the_portal_s_own_count(portal: FakePortal) -> None:
    words = "list of deals showed 350 objects where the portal counts 450"
    with client_of(portal, FaultPlan(skipped_page_at=2)) as (client, waits), pytest.raises(IngestionError, match=words):
        client.ids("deals", archived=False)
    assert waits == [5.0, 20.0]


def test_a_page_left_out_of_a_search_is_noticed_by_its_total(portal: FakePortal) -> None:
    words = "announced 450 objects but delivered 250"
    with client_of(portal, FaultPlan(skipped_page_at=1)) as (client, _), pytest.raises(IngestionError, match=words):
        searched(client)


class Links(BaseAdapter):
    """Answers requests for associations: two of each object, or its third where the first answer's mark is given."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark, self.asked = mark, list[list[dict[str, str]]]()

    def send(self, request: requests.PreparedRequest, **_more: Any) -> requests.Response:  # type: ignore[override]
        inputs = json.loads(request.body or b"")["inputs"]
        self.asked.append(inputs)
        response = requests.Response()
        response.status_code = 200
        response._content = json.dumps({"results": [self._of(entry) for entry in inputs]}).encode()
        return response

    def close(self) -> None:
        """Nothing to close."""

    def _of(self, entry: dict[str, str]) -> dict[str, Any]:
        types = [{"category": "HUBSPOT_DEFINED", "typeId": 5, "label": None}]
        ends = [{"toObjectId": number, "associationTypes": types} for number in ((3,) if "after" in entry else (1, 2))]
        more = entry["id"] == "7" and ("after" not in entry or self.mark == "again")
        return {"from": {"id": entry["id"]}, "to": ends} | ({"paging": {"next": {"after": "2"}}} if more else {})


def test_associations_that_do_not_fit_in_an_answer_are_asked_for(portal: FakePortal) -> None:
    links = Links("once")
    with client_of(portal) as (client, _):
        client._session.mount("http://", links)
        pages = list(client.associations("deals", "companies", ["7", "8"]))
    found = [(row["from"]["id"], end["toObjectId"]) for page in pages for row in page for end in row["to"]]
    assert found == [("7", 1), ("7", 2), ("8", 1), ("8", 2), ("7", 3)]
    assert links.asked == [[{"id": "7"}, {"id": "8"}], [{"id": "7", "after": "2"}]]


def test_associations_whose_pages_lead_in_a_circle_are_one_sentence(portal: FakePortal) -> None:
    with client_of(portal) as (client, _):
        client._session.mount("http://", Links("again"))
        with pytest.raises(IngestionError, match="pages of associations lead in a circle"):
            list(client.associations("deals", "companies", ["7"]))


def test_the_daily_limit_is_left_to_others(portal: FakePortal) -> None:
    with client_of(portal, FaultPlan(daily_limit=1003), daily_reserve=1000) as (client, _):
        with pytest.raises(IngestionError, match="1000 of the day's 1003 requests are left and 1000 are reserved"):
            client.ids("deals", archived=False)
        assert (client.requests, client.daily_limit, client.daily_left) == (3, 1003, 1000)
    with client_of(portal, FaultPlan(daily_limit=0), daily_reserve=0) as (client, slept):
        with pytest.raises(IngestionError, match="0 of the day's unknown number of requests are left"):
            client.ids("deals", archived=False)
        assert (client.requests, slept) == (1, [])


def test_objects_that_went_away_meanwhile_are_no_error(portal: FakePortal) -> None:
    ids = expected(portal)
    del portal.kinds["deals"][ids[3]]
    with client_of(portal) as (client, _):
        pages = list(client.read("deals", ids[:120], ["dealname"], archived=False))
    assert [len(page) for page in pages] == [99, 20]


def test_history_comes_with_its_objects_and_in_order(portal: FakePortal) -> None:
    at = datetime(2024, 2, 29, 22, 15, 0, 250_000)
    later = datetime(2024, 2, 29, 22, 20)
    portal.put("deals", 7, history={"dealstage": [(later, "c"), (at, "b"), (at, "a")], "closedate": [(at, None)]})
    with client_of(portal) as (client, _):
        (page,) = client.read("deals", ["7"], [], archived=False, history=["dealstage", "closedate", "amount"])
    rows = history_table(page, kept=3).select(["property", "value", "place", "is_cut_off"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("dealstage", "a", "0", True),
        ("dealstage", "b", "1", True),
        ("dealstage", "c", "0", True),
        ("closedate", None, "0", False),
    ]


def test_a_kind_that_the_app_may_not_see_is_none() -> None:
    with client_of(FakePortal()) as (client, _):
        assert client.properties("tickets") is None
        assert client.properties("deals") is not None


def test_without_a_token_nothing_is_asked() -> None:
    with pytest.raises(IngestionError, match=r"SALESWH_HUBSPOT_TOKEN, or sources\.hubspot\.token"):
        HubspotClient(HubspotConfig())


def test_the_token_may_come_from_dlt_s_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__HUBSPOT__TOKEN", "pat-from-dlt")
    with HubspotClient(HubspotConfig()) as client:
        headers: Any = client._session.headers
        assert headers["Authorization"] == "Bearer pat-from-dlt"


def test_a_check_counts_what_the_app_sees_and_names_what_it_cannot_know(portal: FakePortal) -> None:
    portal.put("deals", 5, height="tall")
    with portal.served() as url:
        findings = check_source("hubspot", HubspotConfig(base_url=url, token=TOKEN))
        refused = check_source("hubspot", HubspotConfig(base_url=url, token="pat-canary"))
    deals = {table.table: table for table in findings.tables}["deals"]
    assert (findings.is_usable, deals.rows, deals.undeclared) == (True, 451, ("height",))
    assert "NULL, not 0" in findings.cannot_know[0]
    assert (refused.reached, refused.authenticated) == (True, False)
    assert "the token is wrong, expired or revoked" in refused.problem
    assert "canary" not in refused.problem
