"""Talk to Salesforce's REST API: token, describe, query pages, deleted records.

What belongs here: requests and the proof that all pages came once. What does not: how often a request is repeated
(`ingestion.http`), Arrow, raw tables.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import requests

from ingestion.errors import IngestionError, without_secrets
from ingestion.http import TIMEOUT_SECONDS, Requester
from ingestion.sources.salesforce.config import SalesforceConfig

Record = dict[str, Any]


class SalesforceClient:
    """One session with one org; close it, or use it as a context manager.

    `sleep` is called with the seconds to wait before a request is repeated. `api_usage` is the org's own count of
    requests as last reported ("17/100000").
    """

    def __init__(self, config: SalesforceConfig, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._config = config
        self._requester = Requester(
            f"Salesforce at {config.base_url.rstrip('/')}",
            max_wait_seconds=config.max_wait_seconds,
            sleep=sleep,
            problem=_problem,
        )
        self._session = requests.Session()
        self._instance = config.base_url.rstrip("/")
        self._token: str | None = None
        self.api_usage: str | None = None

    def __enter__(self) -> SalesforceClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.close()

    def fields(self, object_name: str) -> dict[str, str] | None:
        """Return the object's fields and their Salesforce types; None if the org has no such object."""
        answer = self._get(self._path(f"sobjects/{object_name}/describe"), missing_ok=True)
        return None if answer is None else {field["name"]: field["type"] for field in answer["fields"]}

    def query(self, soql: str, *, include_deleted: bool) -> Iterator[list[Record]]:
        """Yield the pages of a query; IngestionError if a page loops or the total does not add up."""
        path: str | None = self._path("queryAll" if include_deleted else "query")
        parameters: dict[str, str] | None = {"q": soql}
        visited: set[str] = set()
        pages: set[tuple[str, ...]] = set()
        received, total = 0, 0
        while path is not None:
            answer = self._get(path, parameters)
            records, total = _page(answer, soql)
            signature = tuple(str(record.get("Id")) for record in records)
            if signature not in pages:
                pages.add(signature)
                received += len(records)
                yield records
            path, parameters = _next_path(answer, soql), None
            if path in visited:
                raise IngestionError(f"Salesforce: the pages of “{soql}” lead in a circle; load again later.")
            visited.add(path or "")
        if received != total:
            raise IngestionError(
                f"Salesforce: “{soql}” announced {total} records but delivered {received}; load again later."
            )

    def deleted(self, object_name: str, start: datetime, end: datetime) -> list[tuple[str, str]]:
        """Return (id, deletion time) of the records deleted from `start` to before `end` (UTC)."""
        if start >= end:
            return []
        parameters = {"start": _literal(start), "end": _literal(end)}
        answer = self._get(self._path(f"sobjects/{object_name}/deleted/"), parameters)
        return [(record["id"], record["deletedDate"]) for record in answer["deletedRecords"]]

    def _path(self, resource: str) -> str:
        return f"/services/data/v{self._config.api_version}/{resource}"

    def _get(self, path: str, parameters: dict[str, str] | None = None, *, missing_ok: bool = False) -> Any:
        return self._requester.ask(
            lambda: self._send(path, parameters), path, renew=self._forget_token, missing_ok=missing_ok
        )

    def _forget_token(self) -> None:
        self._token = None

    def _send(self, path: str, parameters: dict[str, str] | None) -> requests.Response:
        if self._token is None:
            self._token = self._authenticate()
        response = self._session.get(
            self._instance + path,
            params=parameters,
            headers={
                "Authorization": f"Bearer {self._token}",
                "Sforce-Query-Options": f"batchSize={self._config.page_rows}",
            },
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        usage = response.headers.get("Sforce-Limit-Info")
        if usage:
            self.api_usage = usage.partition("api-usage=")[2] or usage
        return response

    def _authenticate(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret.get_secret_value(),
        }
        address = self._config.base_url.rstrip("/") + "/services/oauth2/token"
        answer = self._requester.ask(lambda: self._post(address, form), "/services/oauth2/token")
        self._instance = str(answer.get("instance_url") or self._instance).rstrip("/")
        return str(answer["access_token"])

    def _post(self, address: str, form: dict[str, str]) -> requests.Response:
        response = self._session.post(address, data=form, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        if response.status_code in (400, 401, 403):
            raise IngestionError(
                f"Salesforce at {without_secrets(self._config.base_url)} refused client id {self._config.client_id}:"
                " the client id or its secret is wrong; correct the credentials."
            )
        return response


def _page(answer: Any, soql: str) -> tuple[list[Record], int]:
    if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
        raise IngestionError(f"Salesforce: the answer to “{soql}” holds no records; check the API's address.")
    return answer["records"], int(answer["totalSize"])


def _next_path(answer: dict[str, Any], soql: str) -> str | None:
    if answer.get("done", True):
        return None
    path = str(answer.get("nextRecordsUrl") or "")
    if not path.startswith("/"):
        raise IngestionError(f"Salesforce: “{soql}” is not done but names no next page; load again later.")
    return path


def _literal(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _problem(response: requests.Response) -> str:
    try:
        first = response.json()[0]
        return f"status {response.status_code}, {first['errorCode']}: {first['message']}"
    except (requests.JSONDecodeError, LookupError, TypeError):
        return f"status {response.status_code}"
