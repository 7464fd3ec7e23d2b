"""A Salesforce org inside the test process: answers the client's requests without a network."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter

from ingestion.sources.salesforce.client import SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig

SECRET = "s3cret-canary"
EXPIRED = (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Record = dict[str, Any]
_SOQL = re.compile(r"SELECT (?P<names>.+) FROM (?P<object>\w+)(?: WHERE (?P<field>\w+) >= (?P<since>\S+))?$")


@dataclass
class FakeObject:
    """An object of the org: its fields with their types, its records and its deletion log (id, moment)."""

    fields: dict[str, str]
    records: list[Record] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    logs_deletions: bool = True


class FakeOrg(BaseAdapter):
    """Answers from `objects`, or with the same fixed `pages` to every query.

    `faults` are answers given before the real ones, in order; `faults_at` the same for addresses that end so, with or
    without their parameters, the method before them: an exception in place of an answer is raised, a token that was
    refused with 401 stays refused. `page_rows` records make a page; `bulk` is False where the org runs no jobs. `alter`
    may change a real JSON answer to a path, `locators` the pages of a job: from which record on they show, and which
    page they name as the next.
    """

    def __init__(self, pages: list[list[Record]] | None = None, objects: dict[str, FakeObject] | None = None) -> None:
        super().__init__()
        self.pages, self.objects = pages or [[]], objects
        self.faults: list[Answer] = []
        self.faults_at: dict[str, list[Answer | Exception]] = {}
        self.requests: list[str] = []
        self.waits: list[float] = []
        self.tokens, self.token_faults = 0, list[Answer]()
        self.forms: list[dict[str, list[str]]] = []
        self.page_rows, self.bulk, self.polls = 2000, True, 0
        self.usage, self.limits = "api-usage=17/100000", (17, 100_000)
        self.next_path: Callable[[int], str] = lambda page: f"/services/data/v62.0/query/loc-{page + 1}"
        self.alter: Callable[[str, Any], Any] = lambda _path, answer: answer
        self.locators: dict[str, tuple[int, str]] = {}
        self.total: int | None = None
        self._expired: set[str] = set()
        self._found: list[Record] = []
        self._names: list[str] = []

    def send(self, request: requests.PreparedRequest, **_more: Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        if url.path.endswith("/token"):
            return self._token(request)
        self.requests.append(url.path)
        if self.faults:
            return respond(request, *self.faults.pop(0))
        if request.headers["Authorization"] in self._expired:
            return respond(request, *EXPIRED)
        for fault in self._faults_at(f"{request.method} {url.path}", url.query):
            if isinstance(fault, Exception):
                raise fault
            if fault[0] == 401:
                self._expired.add(request.headers["Authorization"])
            return respond(request, *fault)
        parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
        status, answer, headers = self._answer(url.path, parameters, request.body)
        if not isinstance(answer, str):
            answer = self.alter(url.path, answer)
        return respond(request, status, answer, {"Sforce-Limit-Info": self.usage} | headers)

    def close(self) -> None:
        """Nothing to close."""

    def _faults_at(self, path: str, parameters: str) -> list[Answer | Exception]:
        """The next fault planned for an address, if there is one."""
        planned = [faults for end, faults in self.faults_at.items() if path.endswith(end) or parameters.endswith(end)]
        return [faults.pop(0) for faults in planned if faults][:1]

    def _answer(self, path: str, parameters: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        if path.endswith("/limits"):
            used, allowed = self.limits
            return 200, {"DailyApiRequests": {"Max": allowed, "Remaining": allowed - used}}, {}
        if "/sobjects/" in path:
            return *self._object(path, parameters), {}
        if "/jobs/query" in path:
            return self._job(path, parameters, body)
        if path.endswith(("/query", "/queryAll")) and self.objects is not None:
            problem = self._run(parameters["q"])
            if problem:
                return 400, problem, {}
        return 200, self._page(int(path.rpartition("loc-")[2]) if "loc-" in path else 0), {}

    def _object(self, path: str, parameters: dict[str, str]) -> tuple[int, Any]:
        name = path.split("/sobjects/")[1].split("/", maxsplit=1)[0]
        known = (self.objects or {}).get(name) if self.objects is not None else FakeObject({"Id": "id"})
        if known is None:
            return 404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
        if path.endswith("/describe"):
            fields = [{"name": field, "type": kind} for field, kind in known.fields.items()]
            return 200, {"name": name, "fields": fields, "replicateable": known.logs_deletions}
        if self.objects is None:
            return 200, {"deletedRecords": [{"id": "006x", "deletedDate": "2024-02-29T23:30:00.000+0000"}]}
        start, end = (datetime.fromisoformat(parameters[name].replace(" ", "+")) for name in ("start", "end"))
        inside = [(key, at) for key, at in known.deleted if start <= datetime.fromisoformat(at) < end]
        return 200, {"deletedRecords": [{"id": key, "deletedDate": at} for key, at in inside]}

    def _run(self, soql: str) -> list[Record] | None:
        match = _SOQL.fullmatch(soql)
        assert match, soql
        known = (self.objects or {}).get(match["object"])
        if known is None:
            return [{"errorCode": "INVALID_TYPE", "message": f"sObject type '{match['object']}' is not supported."}]
        self._names = match["names"].split(", ")
        unknown = [name for name in self._names if name not in known.fields]
        if unknown:
            return [{"errorCode": "INVALID_FIELD", "message": f"No such column '{unknown[0]}'"}]
        since = match["since"]
        rows = [row for row in known.records if since is None or _at(row[match["field"]]) >= _at(since)]
        self._found = [{name: row.get(name) for name in self._names} for row in rows]
        size = self.page_rows
        self.pages = [self._found[at : at + size] for at in range(0, len(rows), size)] or [[]]
        return None

    def _job(self, path: str, parameters: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        if path.endswith("/jobs/query"):
            if not self.bulk:
                return 400, [{"errorCode": "INVALIDENTITY", "message": "not supported by the Bulk API"}], {}
            self._run(json.loads(body)["query"])
            return 200, {"id": "750A", "state": "UploadComplete"}, {}
        if path.endswith("/results"):
            asked, size = parameters.get("locator", "0"), int(parameters["maxRecords"])
            start, following = self.locators.get(asked, (int(asked), ""))
            rows = self._found[start : start + size]
            locator = following or ("null" if start + len(rows) >= len(self._found) else str(start + len(rows)))
            return (
                200,
                csv_page(self._names, rows),
                {"Sforce-NumberOfRecords": str(len(rows)), "Sforce-Locator": locator},
            )
        self.polls -= 1
        if self.polls >= 0:
            return 200, {"id": "750A", "state": "InProgress"}, {}
        return 200, {"id": "750A", "state": "JobComplete", "numberRecordsProcessed": len(self._found)}, {}

    def _page(self, page: int) -> dict[str, Any]:
        total = sum(len(records) for records in self.pages) if self.total is None else self.total
        answer: dict[str, Any] = {"totalSize": total, "done": page + 1 == len(self.pages), "records": self.pages[page]}
        if not answer["done"]:
            answer["nextRecordsUrl"] = self.next_path(page)
        return answer

    def _token(self, request: requests.PreparedRequest) -> requests.Response:
        self.tokens += 1
        self.forms.append(parse_qs(str(request.body)))
        if self.token_faults:
            return respond(request, *self.token_faults.pop(0))
        if "assertion" not in self.forms[-1] and self.forms[-1].get("client_secret") != [SECRET]:
            return respond(request, 400, {"error": "invalid_client"})
        return respond(request, 200, {"access_token": f"token-{self.tokens}", "instance_url": "https://org.example"})


def _at(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def csv_page(names: list[str], rows: list[Record]) -> str:
    """Rows as the Bulk API writes them: all quoted, null empty, true and false, date-times in Z."""
    sink = io.StringIO()
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return sink.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"(T\d\d:\d\d:\d\d(?:\.\d+)?)\+0000$", r"\1Z", str(value))


def respond(
    request: requests.PreparedRequest, status: int, body: Any, headers: dict[str, str] | None = None
) -> requests.Response:
    """Build a response; a `str` body is sent as it is, anything else as JSON."""
    response = requests.Response()
    response.status_code = status
    response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    response.headers.update(headers or {})
    response.request, response.url = request, str(request.url)
    return response


def configure(**settings: Any) -> SalesforceConfig:
    """Return settings for the fake org."""
    way_in = {} if "private_key" in settings else {"client_secret": SECRET}
    return SalesforceConfig(**{"base_url": "https://org.example", "client_id": "app"} | way_in | settings)


def connect(org: FakeOrg, waits: list[float] | None = None, **settings: Any) -> SalesforceClient:
    """Return a client of the org; waits are noted instead of slept."""
    return attached(org, configure(**settings), waits if waits is not None else [])


def attached(org: FakeOrg, config: SalesforceConfig, waits: list[float]) -> SalesforceClient:
    """Return a client with these settings whose requests the org answers."""
    client = SalesforceClient(config, sleep=waits.append)
    client._session.mount("https://", org)
    return client
