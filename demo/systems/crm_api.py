"""The demo CRM's HTTP interface: the part of Salesforce's REST dialect that extraction uses.

    POST /services/oauth2/token                                client_credentials
    GET  /services/data                                        the versions on offer
    GET  /services/data/vXX.X/query?q=… , /queryAll?q=…        SOQL (see `soql`), in pages
    GET  /services/data/vXX.X/query/<locator>-<offset>         the next page
    GET  /services/data/vXX.X/sobjects , /sobjects/<X>/describe , /sobjects/<X>/deleted/?start=&end= , /limits

Every answer after a data request carries ``Sforce-Limit-Info``. The batch size follows
``Sforce-Query-Options: batchSize=n`` (1 to 2000; Salesforce itself starts at 200). A page that is offered twice
comes under a second locator, with the same records. What does not belong here: starting and stopping a server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.company.clock import HISTORY_START
from demo.systems.company_clock import read_clock
from demo.systems.crm_auth import TokenDesk
from demo.systems.crm_describe import describe_object, summary
from demo.systems.crm_faults import Faults, FaultSchedule
from demo.systems.crm_query import QueryError, Result, ResultStore, run
from demo.systems.crm_state import CrmState, ObjectState
from demo.systems.soql import MalformedQueryError, parse

DAILY_REQUESTS = 100_000
LARGEST_BATCH = 2000
_FAULT_CODES = {429: "REQUEST_LIMIT_EXCEEDED", 503: "SERVER_UNAVAILABLE"}


class ApiError(Exception):
    """An answer other than 200, in Salesforce's form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class CrmApi:
    """The requests and their answers; one instance is one org with one fault schedule."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._schedule = FaultSchedule(faults)
        self._tokens = TokenDesk(faults.expire_token_after)
        self._state = CrmState(folder)
        self._results = ResultStore()

    def app(self) -> Starlette:
        """The ASGI application."""
        base = "/services/data/v{version}"
        routes = [
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route("/services/data", self._guarded(self._versions)),
            Route(f"{base}/limits", self._guarded(self._limits)),
            Route(f"{base}/query", self._guarded(self._query)),
            Route(f"{base}/queryAll", self._guarded(self._query_all)),
            Route(f"{base}/query/{{locator}}", self._guarded(self._next_page)),
            Route(f"{base}/sobjects", self._guarded(self._objects)),
            Route(f"{base}/sobjects/{{name}}/describe", self._guarded(self._describe)),
            Route(f"{base}/sobjects/{{name}}/deleted", self._guarded(self._deleted)),
            Route(f"{base}/sobjects/{{name}}/deleted/", self._guarded(self._deleted)),
        ]
        return Starlette(routes=routes)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials":
            problem = {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
            return _json(problem, 400)
        token = self._tokens.issue(form.get("client_id"), form.get("client_secret"))
        if token is None:
            problem = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return _json(problem, 400)
        issued = int(self._now().replace(tzinfo=UTC).timestamp() * 1000)
        url = str(request.base_url).rstrip("/")
        return _json({"access_token": token, "instance_url": url, "token_type": "Bearer", "issued_at": str(issued)})

    def _guarded(self, answer: Callable[[Request], Any]) -> Callable[[Request], Response]:
        """Wrap a handler: token, fault schedule, errors in Salesforce's form, usage header."""

        def endpoint(request: Request) -> Response:
            try:
                self._admit(request)
                found = answer(request)
                response = found if isinstance(found, Response) else _json(found)
            except ApiError as problem:
                response = _json([{"message": str(problem), "errorCode": problem.code}], problem.status)
                if problem.status == 429:
                    response.headers["Retry-After"] = "1"
            response.headers["Sforce-Limit-Info"] = f"api-usage={self._schedule.requests}/{DAILY_REQUESTS}"
            return response

        return endpoint

    def _admit(self, request: Request) -> None:
        if not self._tokens.admit(request.headers.get("authorization")):
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        status = self._schedule.next_status()
        if status is not None:
            code = _FAULT_CODES.get(status, "UNKNOWN_EXCEPTION")
            raise ApiError(status, code, "The server cannot answer this request now; send it again.")

    def _now(self) -> datetime:
        return read_clock(self._folder).now

    def _versions(self, _request: Request) -> Any:
        return [{"label": "Winter '25", "url": "/services/data/v62.0", "version": "62.0"}]

    def _limits(self, _request: Request) -> Any:
        left = DAILY_REQUESTS - self._schedule.requests
        return {"DailyApiRequests": {"Max": DAILY_REQUESTS, "Remaining": left}}

    def _objects(self, request: Request) -> Any:
        path = _api_path(request)
        listed = [summary(name, path) for name in self._state.object_names]
        return {"encoding": "UTF-8", "maxBatchSize": LARGEST_BATCH, "sobjects": listed}

    def _describe(self, request: Request) -> Any:
        return describe_object(self._object(request), _api_path(request))

    def _deleted(self, request: Request) -> Any:
        state = self._object(request)
        start, end = _moment(request, "start"), _moment(request, "end")
        if start >= end:
            raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate must be before endDate")
        gone = self._gone(state)
        inside = pc.and_(pc.greater_equal(gone["at"], pa.scalar(start)), pc.less(gone["at"], pa.scalar(end)))
        records = [{"id": r["Id"], "deletedDate": _stamp(r["at"])} for r in gone.filter(inside).to_pylist()]
        return {
            "deletedRecords": records,
            "earliestDateAvailable": _stamp(datetime.combine(HISTORY_START, datetime.min.time())),
            "latestDateCovered": _stamp(min(end, self._now())),
        }

    def _gone(self, state: ObjectState) -> pa.Table:
        """Deletions of the object so far: Id and at."""
        if not self._schedule.faults.lists_soft_deletes or state.field("IsDeleted") is None:
            return state.deleted
        soft = state.raw.filter(state.raw["IsDeleted"]).select(["Id", "SystemModstamp"]).rename_columns(["Id", "at"])
        return pa.concat_tables([state.deleted, soft]).sort_by([("at", "ascending"), ("Id", "ascending")])

    def _query(self, request: Request) -> Response:
        return self._first_page(request, include_deleted=False)

    def _query_all(self, request: Request) -> Response:
        return self._first_page(request, include_deleted=True)

    def _first_page(self, request: Request, *, include_deleted: bool) -> Response:
        try:
            query = parse(request.query_params.get("q", ""))
            state = self._state.object_at(query.object_name, self._now())
            if state is None:
                raise ApiError(400, "INVALID_TYPE", f"sObject type '{query.object_name}' is not supported.")
            result = run(query, state, include_deleted=include_deleted)
        except MalformedQueryError as problem:
            raise ApiError(400, "MALFORMED_QUERY", str(problem)) from problem
        except QueryError as problem:
            raise ApiError(400, problem.code, str(problem)) from problem
        return self._page(request, result, self._results.keep(result), 0)

    def _next_page(self, request: Request) -> Response:
        locator, _, offset = request.path_params["locator"].rpartition("-")
        result = self._results.get(locator)
        if result is None or not offset.isdigit():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(request, result, locator, int(offset))

    def _page(self, request: Request, result: Result, locator: str, offset: int) -> Response:
        path, size = _api_path(request), _batch_size(request)
        records = result.records(offset, size, path) if result.rows.num_columns else []
        following = offset + len(records)
        done = following >= result.size or not records
        page: dict[str, Any] = {"totalSize": result.size, "done": done}
        if not done:
            page["nextRecordsUrl"] = f"{path}/query/{self._next_locator(result, locator, offset, following)}"
        body = orjson.dumps(page | {"records": records})
        return _raw_json(body[: len(body) // 2] if self._schedule.truncates() else body)

    def _next_locator(self, result: Result, locator: str, offset: int, following: int) -> str:
        if self._schedule.faults.repeat_page_for_ever:
            return f"{locator}-{offset}"
        if self._schedule.duplicates():
            return f"{self._results.keep(result)}-{offset}"
        return f"{locator}-{following}"

    def _object(self, request: Request) -> ObjectState:
        state = self._state.object_at(request.path_params["name"], self._now())
        if state is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return state


def _json(value: Any, status: int = 200) -> Response:
    return _raw_json(orjson.dumps(value), status)


def _raw_json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


def _api_path(request: Request) -> str:
    return f"/services/data/v{request.path_params['version']}"


def _batch_size(request: Request) -> int:
    match = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
    return min(max(int(match.group(1)), 1), LARGEST_BATCH) if match else LARGEST_BATCH


def _moment(request: Request, name: str) -> datetime:
    """A date-time parameter as naive UTC; a ``+`` that was not escaped arrives as a blank."""
    text = request.query_params.get(name, "").replace(" ", "+")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"{name} is not a date-time: {text!r}") from problem
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
