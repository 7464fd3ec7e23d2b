"""Talk to Salesforce's REST API: token, describe, limits, query pages, deleted records.

What belongs here: requests and the proof that all pages came once. What does not: how often a request is repeated
(`ingestion.http`), who the app is (`auth.py`), jobs (`bulk.py`), Arrow, raw tables.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

import requests

from ingestion.errors import CredentialsError, IngestionError, without_secrets
from ingestion.http import TIMEOUT_SECONDS, Requester, UnusableAnswerError, read_json
from ingestion.sources.salesforce.auth import refused_sentence, token_form
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.limits import ApiUsage

Record = dict[str, Any]
Method = Literal["GET", "POST", "DELETE"]
LIMIT_REACHED = "REQUEST_LIMIT_EXCEEDED"
_TOKEN_PATH = "/services/oauth2/token"
_PAGE = ("records", "totalSize")
_LOG_DOES_NOT_REACH = {"INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"}


class RefusedError(IngestionError):
    """Salesforce understood the request and refuses it; `code` is its error code, such as INVALID_TYPE.

    The load's own error repeats the sentence without the code, which only the client acts on.
    """

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class ObjectDescription:
    """An object as the org describes it: its fields with their Salesforce types, and whether it logs deletions."""

    fields: dict[str, str]
    logs_deletions: bool


@dataclass(frozen=True)
class Found:
    """A query's answer: how many records it finds, and all of them page by page."""

    total: int
    pages: Iterator[list[Record]]


class SalesforceClient:
    """One session with one org; close it, or use it as a context manager.

    `sleep` is called with the seconds to wait before a request is repeated. `usage` is the org's own count of requests.
    """

    def __init__(self, config: SalesforceConfig, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._config, self.sleep = config, sleep
        self._requester = Requester(
            f"Salesforce at {config.base_url.rstrip('/')}",
            max_wait_seconds=config.max_wait_seconds,
            sleep=sleep,
            problem=_problem,
        )
        self._session = requests.Session()
        self._instance = config.base_url.rstrip("/")
        self._token: str | None = None
        self.usage = ApiUsage(config.api_limit_share)

    def __enter__(self) -> SalesforceClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.close()

    def describe(self, object_name: str) -> ObjectDescription | None:
        """Return the object's description; None if the org has no such object, or the app may not see it."""
        answer = self.ask("GET", f"sobjects/{object_name}/describe", needs=["fields"], missing_ok=True)
        if answer is None:
            return None
        fields = {field["name"]: field["type"] for field in answer["fields"]}
        return ObjectDescription(fields, bool(answer.get("replicateable", True)))

    def check_limits(self) -> int | None:
        """Note the day's count of requests and return how many Bulk API 2.0 jobs are left; None if it does not say.

        IngestionError if the count is used up so far that no load should begin.
        """
        try:
            limits = self.ask("GET", "limits", missing_ok=True) or {}
        except RefusedError as refusal:
            if refusal.code == LIMIT_REACHED:
                raise
            # The app may read data, but not the org's settings; then each answer's header tells the count.
            return None
        daily = limits.get("DailyApiRequests")
        if daily:
            self.usage.note(daily["Max"] - daily["Remaining"], daily["Max"])
        jobs = limits.get("DailyBulkV2QueryJobs")
        return None if jobs is None else int(jobs["Remaining"])

    def query(self, soql: str, *, include_deleted: bool) -> Found:
        """Run a query; its pages raise IngestionError if they loop or the total does not add up."""
        path = self._path("queryAll" if include_deleted else "query")
        first = self._ask("GET", path, parameters={"q": soql}, needs=_PAGE)
        return Found(_page(first, soql)[1], self._pages(first, soql))

    def _pages(self, answer: Any, soql: str) -> Iterator[list[Record]]:
        visited: set[str] = set()
        pages: set[tuple[str, ...]] = set()
        ids: set[str] = set()
        without_id = 0
        while True:
            records, total = _page(answer, soql)
            signature = tuple(str(record.get("Id")) for record in records)
            if signature not in pages:
                pages.add(signature)
                ids.update(record["Id"] for record in records if record.get("Id"))
                without_id += sum(not record.get("Id") for record in records)
                yield records
            path = _next_path(answer, soql)
            if path is None:
                break
            if path in visited:
                raise IngestionError(f"Salesforce: the pages of “{soql}” lead in a circle; load again later.")
            visited.add(path)
            answer = self._ask("GET", path, needs=_PAGE)
        received = len(ids) + without_id
        if received != total:
            raise IngestionError(
                f"Salesforce: “{soql}” announced {total} records but delivered {received}; load again later."
            )

    def count(self, object_name: str) -> int:
        """Return how many records the object has now, deleted ones not counted."""
        parameters = {"q": f"SELECT COUNT() FROM {object_name}"}
        return int(self.ask("GET", "query", parameters=parameters, needs=["totalSize"])["totalSize"])

    def deleted(self, object_name: str, start: datetime, end: datetime) -> list[tuple[str, str]] | None:
        """Return (id, deletion time) of the records deleted from `start` to before `end` (UTC).

        None if the deletion log does not reach back to `start`, or holds more than it may tell.
        """
        if start >= end:
            return []
        parameters = {"start": _literal(start), "end": _literal(end)}
        try:
            where = f"sobjects/{object_name}/deleted/"
            answer = self.ask("GET", where, parameters=parameters, needs=["deletedRecords"])
        except RefusedError as refusal:
            if refusal.code in _LOG_DOES_NOT_REACH:
                return None
            raise
        return [(record["id"], record["deletedDate"]) for record in answer["deletedRecords"]]

    def ask(self, method: Method, resource: str, **more: Any) -> Any:
        """Return the answer to a request for a `resource` of the API's version; `more` as for `_ask`."""
        return self._ask(method, self._path(resource), **more)

    def _path(self, resource: str) -> str:
        return f"/services/data/v{self._config.api_version}/{resource}"

    def _ask(
        self,
        method: Method,
        path: str,
        *,
        parameters: dict[str, str] | None = None,
        body: Any = None,
        read: Callable[[requests.Response], Any] | None = None,
        needs: Sequence[str] = (),
        missing_ok: bool = False,
    ) -> Any:
        """Return what `read` (by default: a JSON object that `needs` these names) makes of the answer.

        RefusedError if Salesforce refuses the request.
        """
        return self._requester.ask(
            lambda: self._send(method, path, parameters, body),
            path,
            read=read or partial(_read_object, needs),
            renew=self._forget_token,
            missing_ok=missing_ok,
        )

    def _forget_token(self) -> None:
        self._token = None

    def _send(self, method: Method, path: str, parameters: dict[str, str] | None, body: Any) -> requests.Response:
        if self._token is None:
            self._token = self._authenticate()
        response = self._session.request(
            method,
            self._instance + path,
            params=parameters,
            json=body,
            headers={
                "Authorization": f"Bearer {self._token}",
                "Sforce-Query-Options": f"batchSize={self._config.page_rows}",
            },
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        if response.status_code in (400, 403):
            raise self._refusal(response, path)
        self.usage.note_header(response.headers.get("Sforce-Limit-Info"))
        return response

    def _refusal(self, response: requests.Response, path: str) -> RefusedError:
        code, where = error_code(response), without_secrets(self._instance)
        if code == LIMIT_REACHED:
            return RefusedError(
                f"Salesforce at {where} refuses {path}: the org's API requests of the last 24 hours are used up;"
                " nothing was loaded, load again when the count has gone down.",
                code,
            )
        return RefusedError(
            f"Salesforce at {where} refuses {path}: {_problem(response)}; check that the app's user may read it,"
            " then load again.",
            code,
        )

    def _authenticate(self) -> str:
        address = self._config.base_url.rstrip("/") + _TOKEN_PATH
        answer = self._requester.ask(lambda: self._post_form(address), _TOKEN_PATH)
        if not isinstance(answer, dict) or "access_token" not in answer:
            raise IngestionError(
                f"Salesforce at {without_secrets(self._config.base_url)} answered {_TOKEN_PATH} without an access"
                " token; check that base_url is the org's own address."
            )
        self._instance = str(answer.get("instance_url") or self._instance).rstrip("/")
        return str(answer["access_token"])

    def _post_form(self, address: str) -> requests.Response:
        form = token_form(self._config)
        response = self._session.post(address, data=form, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        if response.status_code in (400, 401, 403):
            raise CredentialsError(without_secrets(refused_sentence(self._config, _problem(response))))
        return response


def error_code(response: requests.Response) -> str:
    """Return Salesforce's error code of an answer; empty if it has none."""
    try:
        return str(response.json()[0]["errorCode"])
    except (requests.JSONDecodeError, LookupError, TypeError):
        return ""


def _read_object(needs: Sequence[str], response: requests.Response) -> Any:
    """Return the answer's JSON object; an error that comes with a good status is asked about again."""
    answer = read_json(response)
    if not isinstance(answer, dict):
        raise UnusableAnswerError(f"an error came in place of an answer ({_problem(response)})")
    if lacking := [name for name in needs if name not in answer]:
        raise UnusableAnswerError(f"an answer without {', '.join(lacking)} came ({_problem(response)})")
    return answer


def _page(answer: Any, soql: str) -> tuple[list[Record], int]:
    if not isinstance(answer.get("records"), list):
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
    """Return the status with Salesforce's own words: a list of errors from the API, one error from the login."""
    status = f"status {response.status_code}"
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        return status
    error = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(error, dict):
        return status
    words = [error.get("errorCode") or error.get("error"), error.get("message") or error.get("error_description")]
    return ", ".join([status, ": ".join(str(word) for word in words if word)]) if any(words) else status
