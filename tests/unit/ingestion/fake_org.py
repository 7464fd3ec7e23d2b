"""A Salesforce org in memory, answering through a requests transport adapter, with faults on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter

from ingestion.sources.salesforce.client import SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig

SECRET = "s3cret-canary"
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class FakeOrg(BaseAdapter):
    """Pages of records per object; `faults` are answers given before the real one, in order."""

    def __init__(self, pages: list[list[dict[str, Any]]] | None = None) -> None:
        super().__init__()
        self.pages = pages or [[]]
        self.faults: list[Answer] = []
        self.requests: list[str] = []
        self.tokens = 0
        self.next_path: Callable[[int], str] = lambda page: f"/services/data/v62.0/query/loc-{page + 1}"
        self.total: int | None = None

    def send(self, request: requests.PreparedRequest, **_more: Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        if url.path.endswith("/token"):
            return self._token(request)
        self.requests.append(url.path)
        if self.faults:
            return respond(request, *self.faults.pop(0))
        if url.path.endswith("/describe"):
            return respond(request, 200, {"fields": [{"name": "Id", "type": "id"}]})
        if "/deleted" in url.path:
            return respond(
                request, 200, {"deletedRecords": [{"id": "006x", "deletedDate": "2024-02-29T23:30:00.000+0000"}]}
            )
        page = int(url.path.rpartition("loc-")[2]) if "loc-" in url.path else 0
        return respond(request, 200, self._page(page), {"Sforce-Limit-Info": "api-usage=17/100000"})

    def close(self) -> None:
        """Nothing to close."""

    def _page(self, page: int) -> dict[str, Any]:
        total = sum(len(records) for records in self.pages) if self.total is None else self.total
        answer: dict[str, Any] = {"totalSize": total, "done": page + 1 == len(self.pages), "records": self.pages[page]}
        if not answer["done"]:
            answer["nextRecordsUrl"] = self.next_path(page)
        return answer

    def _token(self, request: requests.PreparedRequest) -> requests.Response:
        self.tokens += 1
        if parse_qs(str(request.body)).get("client_secret") != [SECRET]:
            return respond(request, 400, {"error": "invalid_client"})
        return respond(request, 200, {"access_token": f"token-{self.tokens}", "instance_url": "https://org.example"})


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


def connect(org: FakeOrg, waits: list[float] | None = None, secret: str = SECRET) -> SalesforceClient:
    """Return a client of the org; waits are noted instead of slept."""
    config = SalesforceConfig(base_url="https://org.example", client_id="app", client_secret=secret)
    client = SalesforceClient(config, sleep=(waits if waits is not None else []).append)
    client._session.mount("https://", org)
    return client
