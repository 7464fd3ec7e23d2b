"""The demo CRM's Bulk API 2.0 jobs, its JWT bearer flow, and what it can be told to do wrong."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from demo.systems.crm_auth import AUDIENCE, CERTIFICATE_FILE, CLIENT_ID, CLIENT_SECRET, JWT_BEARER, USERNAME
from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer
from demo.systems.store import evolve

API = "/services/data/v62.0"
Connect = Callable[..., "Client"]
SOQL = "SELECT Id, Amount, IsDeleted, CloseDate, SystemModstamp FROM Opportunity ORDER BY Id"


class Client(requests.Session):
    """A client of one server; `log_in` takes its token."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def request(self, method: Any, url: Any, **more: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, self.url + url, timeout=10, **more)

    def log_in(self) -> Client:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = self.post("/services/oauth2/token", data=form).json()["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"
        return self


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Start a CRM on a company and give a client that is logged in."""
    with ExitStack() as servers:

        def start(folder: Path, faults: CrmFaults | None = None) -> Client:
            server = servers.enter_context(CrmServer(folder, faults=faults or CrmFaults()))
            return Client(server.url).log_in()

        yield start


def start_job(client: Client, soql: str = SOQL) -> str:
    return str(client.post(f"{API}/jobs/query", json={"operation": "queryAll", "query": soql}).json()["id"])


def read_job(client: Client, job: str, size: int) -> tuple[list[dict[str, str]], list[str]]:
    """Rows and locators of all pages, at most ten."""
    rows, locators, parameters = [], [], {"maxRecords": str(size)}
    while len(locators) < 10:
        answer = client.get(f"{API}/jobs/query/{job}/results", params=parameters)
        page = list(csv.DictReader(io.StringIO(answer.text)))
        assert answer.headers["Sforce-NumberOfRecords"] == str(len(page))
        rows += page
        locators.append(answer.headers["Sforce-Locator"])
        if locators[-1] == "null":
            break
        parameters["locator"] = locators[-1]
    return rows, locators


def test_a_job_gives_the_query_s_rows_as_csv(connect: Connect, tiny_folder: Path) -> None:
    client = connect(tiny_folder, CrmFaults(bulk_polls=2))
    job = start_job(client)
    infos = [client.get(f"{API}/jobs/query/{job}").json() for _ in range(3)]
    rows, locators = read_job(client, job, 5)
    assert [info["state"] for info in infos] == ["InProgress", "InProgress", "JobComplete"]
    assert infos[-1]["numberRecordsProcessed"] == 12
    assert [row["Id"] for row in rows] == [f"006{i:02d}" for i in range(12)]
    assert locators == ["5", "10", "null"]
    assert rows[11] == {
        "Id": "00611",
        "Amount": "45653.38",
        "IsDeleted": "false",
        "CloseDate": "",
        "SystemModstamp": "2025-03-12T08:00:00.000Z",
    }


def test_a_deleted_or_unknown_job_is_not_found_and_a_bad_one_is_refused(connect: Connect, tiny_folder: Path) -> None:
    client = connect(tiny_folder)
    job = start_job(client)
    codes = [client.delete(f"{API}/jobs/query/{job}").status_code for _ in range(2)]
    assert codes == [204, 404]
    assert client.get(f"{API}/jobs/query/{job}/results").status_code == 404
    bad = client.post(f"{API}/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Planet"})
    assert (bad.status_code, bad.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
    refusing = connect(tiny_folder, CrmFaults(bulk_refused=True))
    refused = refusing.post(f"{API}/jobs/query", json={"operation": "query", "query": SOQL})
    assert refused.json()[0]["errorCode"] == "INVALIDENTITY"


def test_limits_count_jobs(connect: Connect, tiny_folder: Path) -> None:
    client = connect(tiny_folder)
    start_job(client)
    assert client.get(f"{API}/limits").json()["DailyBulkV2QueryJobs"]["Remaining"] == 9_999


@pytest.mark.parametrize(
    ("faults", "numbers"),
    [
        (CrmFaults(repeated_page_at=1), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (CrmFaults(skipped_page_at=1), [0, 1, 2, 3, 4, 10, 11]),
        (CrmFaults(page_loop=True), [0, 1, 2, 3, 4] * 10),
    ],
)
def test_pages_of_a_job_repeat_vanish_and_loop_as_planned(
    connect: Connect, tiny_folder: Path, faults: CrmFaults, numbers: list[int]
) -> None:
    client = connect(tiny_folder, faults)
    rows, _ = read_job(client, start_job(client), 5)
    assert [int(row["Id"][-2:]) for row in rows] == numbers


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def log_in(client: Client, key: rsa.RSAPrivateKey, **changes: Any) -> tuple[int, dict[str, str]]:
    """Status and answer of a login with an assertion signed by `key`; `changes` replace claims."""
    claims = {"iss": CLIENT_ID, "sub": USERNAME, "aud": AUDIENCE, "exp": int(time.time()) + 60} | changes
    form = {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm="RS256")}
    answer = client.post("/services/oauth2/token", data=form)
    return answer.status_code, answer.json()


def test_an_assertion_of_the_app_s_key_logs_in_and_no_other_does(
    connect: Connect, tiny_folder: Path, key: rsa.RSAPrivateKey
) -> None:
    client = connect(tiny_folder)
    assert log_in(client, key)[0] == 400
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tiny_folder / CERTIFICATE_FILE).write_bytes(public)
    status, answer = log_in(client, key)
    assert (status, answer["token_type"]) == (200, "Bearer")
    for change in ({"sub": "somebody@else"}, {"aud": "https://x"}, {"iss": "other"}, {"exp": 1}):
        assert log_in(client, key, **change)[1]["error"] == "invalid_grant", change
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert log_in(client, stranger)[1]["error"] == "invalid_grant"


def test_answers_are_spoiled_by_number(connect: Connect, tiny_folder: Path) -> None:
    client = connect(
        tiny_folder, CrmFaults(web_page_at=1, error_body_at=2, daily_limit=3, retry_after=None, at={3: 503})
    )
    page, error, down, over = (client.get(f"{API}/limits") for _ in range(4))
    assert (page.status_code, page.text[:9]) == (200, "<!DOCTYPE")
    assert (error.status_code, error.json()[0]["errorCode"]) == (200, "UNKNOWN_EXCEPTION")
    assert (down.status_code, "Retry-After" in down.headers) == (503, False)
    assert (over.status_code, over.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert over.headers["Sforce-Limit-Info"] == "api-usage=4/3"


def stamps(client: Client) -> dict[str, str]:
    soql = "SELECT Id, SystemModstamp FROM Account"
    records = client.get(f"{API}/queryAll", params={"q": soql}).json()["records"]
    return {record["Id"]: record["SystemModstamp"] for record in records}


def test_a_wrong_clock_moves_later_stamps_only(connect: Connect, tiny_folder: Path) -> None:
    evolve(tiny_folder, 1)
    right, wrong = (stamps(connect(tiny_folder, CrmFaults(clock_offset_minutes=minutes))) for minutes in (0, -10))
    assert right["001B"] == "2025-03-15T00:00:00.000+0000"
    assert wrong == right | {"001B": "2025-03-14T23:50:00.000+0000"}


def test_late_records_show_their_older_version(connect: Connect, tiny_folder: Path) -> None:
    evolve(tiny_folder, 1)
    client = connect(tiny_folder, CrmFaults(late_minutes=60 * 24 * 5))
    records = client.get(f"{API}/query", params={"q": "SELECT Id FROM Opportunity ORDER BY Id"}).json()["records"]
    assert {record["Id"] for record in records} == {f"006{i:02d}" for i in range(12) if i % 2 == 0 or i < 9}


def test_a_field_can_change_its_type(connect: Connect, tiny_folder: Path) -> None:
    client = connect(tiny_folder, CrmFaults(retyped="Opportunity.Amount"))
    fields = {f["name"]: f["type"] for f in client.get(f"{API}/sobjects/Opportunity/describe").json()["fields"]}
    record = client.get(f"{API}/query", params={"q": "SELECT Amount FROM Opportunity LIMIT 1"}).json()["records"][0]
    assert (fields["Amount"], record["Amount"][:8]) == ("string", "approx. ")


def test_a_plan_survives_its_way_to_another_process() -> None:
    plan = CrmFaults(every={37: 503}, at={2: 429}, bulk_polls=3, retyped="Lead.Status")
    assert CrmFaults.from_json(plan.to_json()) == plan
    assert CrmFaults.from_json("{}") == CrmFaults()
    assert CrmFaults.usual().every == {37: 503, 53: 429}
