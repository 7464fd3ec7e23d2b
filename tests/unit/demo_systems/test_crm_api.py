"""The demo CRM speaks Salesforce's REST dialect and fails on schedule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer, RunningServer, start_crm_server
from demo.systems.errors import DemoError
from demo.systems.store import evolve

API = "/services/data/v62.0"


class Client:
    """The least that talks to the CRM."""

    def __init__(self, server: RunningServer) -> None:
        self.url = server.url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.token(server)['access_token']}"

    def token(self, server: RunningServer) -> Any:
        form = {
            "grant_type": "client_credentials",
            "client_id": server.client_id,
            "client_secret": server.client_secret,
        }
        return self.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=10).json()

    def get(self, path: str, **parameters: str) -> requests.Response:
        return self.session.get(self.url + path, params=parameters, timeout=10)

    def rows(self, soql: str, endpoint: str = "query", batch: int = 2000) -> list[dict[str, Any]]:
        self.session.headers["Sforce-Query-Options"] = f"batchSize={batch}"
        page = self.get(f"{API}/{endpoint}", q=soql).json()
        found = list(page["records"])
        while not page["done"]:
            page = self.get(page["nextRecordsUrl"]).json()
            found += page["records"]
        return found


@pytest.fixture
def calm(tiny_folder: Path) -> Iterator[Client]:
    with CrmServer(tiny_folder, faults=CrmFaults()) as server:
        yield Client(server)


def test_wrong_secret_is_an_invalid_client(tiny_folder: Path) -> None:
    with CrmServer(tiny_folder) as server:
        form = {"grant_type": "client_credentials", "client_id": server.client_id, "client_secret": "wrong"}
        answer = requests.post(f"{server.url}/services/oauth2/token", data=form, timeout=10)
        nothing = requests.get(f"{server.url}{API}/limits", timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert (nothing.status_code, nothing.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_records_carry_attributes_salesforce_stamps_and_odd_text(calm: Client) -> None:
    (record,) = calm.rows("SELECT Id, Name, Website, IsDeleted, SystemModstamp FROM Account WHERE Id = '001A'")
    assert record == {
        "attributes": {"type": "Account", "url": f"{API}/sobjects/Account/001A"},
        "Id": "001A",
        "Name": "Zürn & Söhne ☂",
        "Website": None,
        "IsDeleted": False,
        "SystemModstamp": "2024-02-29T23:59:59.000+0000",
    }


def test_stamp_filter_bounds_are_exact(calm: Client) -> None:
    at = "2025-03-05T08:00:00.000+0000"
    later = calm.rows(f"SELECT Id FROM Opportunity WHERE SystemModstamp > {at} ORDER BY SystemModstamp DESC LIMIT 3")
    same = calm.rows(f"SELECT Id FROM Opportunity WHERE SystemModstamp >= {at} AND SystemModstamp <= {at}")
    assert [row["Id"] for row in later] == ["00611", "00610", "00609"]
    assert [row["Id"] for row in same] == ["00604"]


def test_paging_returns_every_row_once_and_dates_and_numbers_in_json_form(calm: Client) -> None:
    rows = calm.rows("SELECT Id, Amount, CloseDate FROM Opportunity ORDER BY Id", batch=5)
    first = calm.get(f"{API}/query", q="SELECT Id FROM Opportunity").json()
    assert [row["Id"] for row in rows] == [f"006{i:02d}" for i in range(12)]
    assert (rows[2]["Amount"], rows[2]["CloseDate"], rows[11]["CloseDate"]) == (2001.0, "2025-04-30", None)
    assert rows[11]["Amount"] == 45653.38
    assert (first["totalSize"], first["done"], len(first["records"])) == (12, False, 5)


def test_count_query_returns_only_the_size(calm: Client) -> None:
    page = calm.get(f"{API}/query", q="SELECT COUNT() FROM Opportunity").json()
    assert page == {"totalSize": 12, "done": True, "records": []}


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id, Nothing__c FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name > 2025-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Planet", "INVALID_TYPE"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
    ],
)
def test_refused_queries_answer_400_with_salesforce_codes(calm: Client, soql: str, code: str) -> None:
    answer = calm.get(f"{API}/query", q=soql)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_empty_object_answers_an_empty_page(calm: Client) -> None:
    assert calm.get(f"{API}/query", q="SELECT Id FROM Lead ORDER BY Id").json()["records"] == []


def test_describe_names_types_and_unknown_objects_are_not_found(calm: Client) -> None:
    fields = {f["name"]: f["type"] for f in calm.get(f"{API}/sobjects/Opportunity/describe").json()["fields"]}
    assert fields["Id"] == "id"
    assert fields["AccountId"] == "reference"
    assert (fields["CloseDate"], fields["SystemModstamp"], fields["IsWon"]) == ("date", "datetime", "boolean")
    assert calm.get(f"{API}/sobjects/Planet/describe").status_code == 404


def test_limits_count_requests_in_body_and_header(calm: Client) -> None:
    before = calm.get(f"{API}/limits")
    after = calm.get(f"{API}/limits")
    assert before.headers["Sforce-Limit-Info"] == "api-usage=1/250000"
    assert after.json()["DailyApiRequests"] == {"Max": 250_000, "Remaining": 249_998}


def test_a_running_server_follows_evolve(calm: Client, tiny_folder: Path) -> None:
    """Rename, soft delete, hard delete and the three schema events become visible while the server runs."""
    before = {row["Id"]: row["Name"] for row in calm.rows("SELECT Id, Name FROM Account")}
    evolve(tiny_folder, 3)
    visible = [row["Id"] for row in calm.rows("SELECT Id FROM Account")]
    kept = {row["Id"]: row for row in calm.rows("SELECT Id, Name, IsDeleted FROM Account", "queryAll")}
    fields = {f["name"]: f["type"] for f in calm.get(f"{API}/sobjects/Opportunity/describe").json()["fields"]}
    deals = calm.rows("SELECT Id, Region_Hint__c, Probability, Next_Action__c FROM Opportunity ORDER BY Id")
    assert before == {"001A": "Zürn & Söhne ☂", "001B": "Second", "001C": "=cmd()"}
    assert visible == ["001A"]
    assert (kept["001B"]["Name"], kept["001B"]["IsDeleted"], "001C" in kept) == ("Second Ltd", True, False)
    assert (fields["Region_Hint__c"], fields["Probability"], "NextStep" in fields) == ("string", "string", False)
    assert [deals[i]["Region_Hint__c"] for i in range(3)] == ["a", "b", "a"]
    assert deals[0]["Probability"] == "approx. 50"
    assert calm.get(f"{API}/query", q="SELECT NextStep FROM Opportunity").status_code == 400


def test_deleted_lists_hard_deletions_inside_the_window(calm: Client, tiny_folder: Path) -> None:
    evolve(tiny_folder, 3)
    path = f"{API}/sobjects/Account/deleted/"
    window = {"start": "2025-03-15T12:00:00+00:00", "end": "2025-03-15T12:00:01+00:00"}
    found = calm.get(path, **window).json()
    earlier = calm.get(path, start="2022-01-01T00:00:00Z", end="2025-03-15T12:00:00Z").json()
    backwards = calm.get(path, start="2025-03-16T00:00:00Z", end="2025-03-15T00:00:00Z")
    assert found["deletedRecords"] == [{"id": "001C", "deletedDate": "2025-03-15T12:00:00.000+0000"}]
    assert earlier["deletedRecords"] == []
    assert backwards.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_territories_and_who_works_in_them_have_no_deletion_log(calm: Client) -> None:
    path = f"{API}/sobjects/UserTerritory2Association"
    refused = calm.get(f"{path}/deleted/", start="2025-03-14T06:00:00Z", end="2025-03-20T06:00:00Z")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_TYPE_FOR_OPERATION")
    assert calm.get(f"{path}/describe").json()["replicateable"] is False
    assert calm.get(f"{API}/sobjects/ForecastingQuota/describe").json()["replicateable"] is True


def test_deleted_can_list_soft_deletions_as_a_full_org_does(tiny_folder: Path) -> None:
    evolve(tiny_folder, 3)
    with CrmServer(tiny_folder, faults=CrmFaults(lists_soft_deletes=True)) as server:
        window = {"start": "2022-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
        found = Client(server).get(f"{API}/sobjects/Account/deleted", **window).json()["deletedRecords"]
    assert [record["id"] for record in found] == ["001C", "001B"]


def test_faults_come_on_schedule_and_pass_on_the_next_request(tiny_folder: Path) -> None:
    with CrmServer(tiny_folder, faults=CrmFaults(every={3: 503, 4: 429})) as server:
        client = Client(server)
        answers = [client.get(f"{API}/limits") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200, 200, 503, 429, 200, 503, 200]
    assert answers[3].headers["Retry-After"] == "1"
    assert answers[3].json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_one_page_is_offered_twice_under_another_address(tiny_folder: Path) -> None:
    with CrmServer(tiny_folder, faults=CrmFaults(repeated_page_at=2)) as server:
        rows = Client(server).rows("SELECT Id FROM Opportunity ORDER BY Id", batch=4)
    numbers = [int(row["Id"][-2:]) for row in rows]
    assert numbers == [0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 8, 9, 10, 11]


def test_a_token_expires_after_its_uses(tiny_folder: Path) -> None:
    with CrmServer(tiny_folder, faults=CrmFaults(token_requests=2)) as server:
        client = Client(server)
        codes = [client.get(f"{API}/limits").status_code for _ in range(3)]
        renewed = Client(server).get(f"{API}/limits").status_code
    assert (codes, renewed) == ([200, 200, 401], 200)


def test_broken_answers_on_request(tiny_folder: Path) -> None:
    soql = "SELECT Id, Name FROM Account"
    with CrmServer(tiny_folder, faults=CrmFaults(truncated_at=1)) as server:
        client = Client(server)
        broken, whole = (client.get(f"{API}/query", q=soql) for _ in range(2))
    with CrmServer(tiny_folder, faults=CrmFaults(every={1: 500})) as server:
        down = Client(server).get(f"{API}/query", q=soql)
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken.text)
    assert whole.json()["totalSize"] == 3
    assert down.status_code == 500


def test_a_server_in_its_own_process_serves_and_stops(tiny_folder: Path) -> None:
    server = start_crm_server(tiny_folder, faults=CrmFaults())
    try:
        assert len(Client(server).rows("SELECT Id FROM Opportunity", batch=7)) == 12
    finally:
        server.stop()
    server.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=2)


def test_a_taken_port_or_a_missing_company_is_one_sentence(tiny_folder: Path, tmp_path: Path) -> None:
    with CrmServer(tiny_folder) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(DemoError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            start_crm_server(tiny_folder, port)
    with pytest.raises(DemoError, match="no demo company in"):
        start_crm_server(tmp_path / "nowhere")
