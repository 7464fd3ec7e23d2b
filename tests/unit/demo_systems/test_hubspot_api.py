"""The demo CRM speaks HubSpot's dialect: the same company, in a portal's shapes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.systems.errors import DemoError
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_server import HubspotServer, RunningPortal, main, portal_app, start_hubspot_server
from demo.systems.store import evolve


class Client:
    """The least that talks to a portal."""

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal

    def get(self, path: str, **parameters: str) -> Any:
        return self._sent("GET", path, params=parameters).json()

    def post(self, path: str, **body: Any) -> Any:
        return self._sent("POST", path, json=body).json()

    def _sent(self, method: str, path: str, **how: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.portal.token}"}
        return requests.request(method, self.portal.url + path, headers=headers, timeout=10, **how)


@pytest.fixture
def calm(tiny_folder: Path) -> Iterator[Client]:
    with HubspotServer(portal_app(tiny_folder, FaultPlan())) as portal:
        yield Client(portal)


def test_properties_are_text_and_ids_are_digits(calm: Client) -> None:
    page = calm.get(
        "/crm/v3/objects/deals", limit="3", properties="amount,closedate,hs_deal_stage_probability,pipeline"
    )
    assert [row["id"].isdigit() for row in page["results"]] == [True] * 3
    assert page["results"][2]["properties"]["amount"] == "2001"
    assert page["results"][2]["properties"]["closedate"] == "2025-04-30T00:00:00Z"
    assert page["results"][0]["archived"] is False
    assert page["paging"]["next"]["after"] == "3"


def test_archived_objects_have_a_list_of_their_own_and_gone_ones_none(calm: Client, tiny_folder: Path) -> None:
    before = calm.get("/crm/v3/objects/companies", properties="name")["results"]
    evolve(tiny_folder, 3)
    live = calm.get("/crm/v3/objects/companies", properties="name")["results"]
    archived = calm.get("/crm/v3/objects/companies", properties="name", archived="true")["results"]
    assert [row["properties"]["name"] for row in before] == ["Zürn & Söhne ☂", "Second", "=cmd()"]
    assert [row["properties"]["name"] for row in live] == ["Zürn & Söhne ☂"]
    assert [row["properties"]["name"] for row in archived] == ["Second Ltd"]
    assert archived[0]["archivedAt"] == archived[0]["updatedAt"]


def test_a_changed_schema_shows_among_the_properties(calm: Client, tiny_folder: Path) -> None:
    evolve(tiny_folder, 3)
    names = {row["name"]: row["hubspotDefined"] for row in calm.get("/crm/v3/properties/deals")["results"]}
    (deal,) = calm.get("/crm/v3/objects/deals", limit="1", properties="hs_deal_stage_probability,region_hint")[
        "results"
    ]
    assert (names["amount"], names["region_hint"], names["next_action"]) == (True, False, False)
    assert deal["properties"]["hs_deal_stage_probability"] == "approx. 50"


def test_a_search_filters_sorts_and_is_limited(calm: Client) -> None:
    everything = calm.post("/crm/v3/objects/deals/search", limit=200)
    ids = [int(row["id"]) for row in everything["results"]]
    conditions = [{"propertyName": "hs_object_id", "operator": "GT", "value": str(ids[8])}]
    order = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    found = calm.post("/crm/v3/objects/deals/search", filterGroups=[{"filters": conditions}], sorts=order, limit=2)
    refused = calm.post("/crm/v3/objects/deals/search", limit=200, after="9900")
    assert everything["total"] == len(ids) == 12
    assert (found["total"], [int(row["id"]) for row in found["results"]]) == (3, ids[:9:-1])
    assert refused["category"] == "VALIDATION_ERROR"


def test_a_batch_names_what_is_not_there(calm: Client) -> None:
    (deal,) = calm.get("/crm/v3/objects/deals", limit="1")["results"]
    answer = calm.post("/crm/v3/objects/deals/batch/read", inputs=[{"id": deal["id"]}, {"id": "1"}], properties=[])
    too_many = calm.post(
        "/crm/v3/objects/deals/batch/read", inputs=[{"id": "1"}] * 51, propertiesWithHistory=["dealstage"]
    )
    assert [row["id"] for row in answer["results"]] == [deal["id"]]
    assert answer["errors"][0]["context"]["ids"] == ["1"]
    assert too_many["message"] == "limit must be between 1 and 50, got 51."


def test_a_wrong_token_and_an_unknown_kind_are_refused(calm: Client) -> None:
    nobody = requests.get(f"{calm.portal.url}/crm/v3/owners", timeout=10)
    assert (nobody.status_code, nobody.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert calm.get("/crm/v3/objects/planets")["category"] == "OBJECT_NOT_FOUND"


def test_faults_come_on_schedule(tiny_folder: Path) -> None:
    plan = FaultPlan(every={3: 503}, at={2: 429}, retry_after="2", web_page_at=4, daily_limit=5)
    with HubspotServer(portal_app(tiny_folder, plan)) as portal:
        answers = [Client(portal)._sent("GET", "/crm/v3/owners") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 429, 503, 200, 200, 429]
    assert answers[1].headers["Retry-After"] == "2"
    assert answers[1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[3].text.startswith("<!doctype html>")
    assert answers[5].json()["policyName"] == "DAILY"
    assert answers[4].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"


def test_a_portal_in_its_own_process_serves_and_stops(tiny_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portal = start_hubspot_server(tiny_folder, faults=FaultPlan(at={2: 500}))
    try:
        answers = [Client(portal)._sent("GET", "/crm/v3/pipelines/deals") for _ in range(2)]
        taken = main(["--folder", str(tiny_folder), "--port", portal.url.rpartition(":")[2]])
    finally:
        portal.stop()
    assert [answer.status_code for answer in answers] == [200, 500]
    assert (taken, "cannot be used for the demo portal" in capsys.readouterr().out) == (1, True)


def test_without_a_company_there_is_no_portal(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="no demo company in"):
        start_hubspot_server(tmp_path)
