"""The demo CRM's HTTP interface: the part of Salesforce's REST dialect that extraction uses.

    POST /services/oauth2/token                                client_credentials, JWT bearer
    GET  /services/data                                        the versions on offer
    GET  /services/data/vXX.X/query?q=… , /queryAll?q=…        SOQL (see `soql`), in pages
    GET  /services/data/vXX.X/query/<locator>-<offset>         the next page
    POST /services/data/vXX.X/jobs/query                       a Bulk API 2.0 job (see `crm_bulk`)
    GET  /services/data/vXX.X/jobs/query/<id> , /jobs/query/<id>/results?maxRecords=&locator= , DELETE …/<id>
    GET  /services/data/vXX.X/sobjects , /sobjects/<X>/describe , /sobjects/<X>/deleted/?start=&end= , /limits

Every answer after a data request carries ``Sforce-Limit-Info``. The batch size follows
``Sforce-Query-Options: batchSize=n`` (1 to 2000; Salesforce itself starts at 200). A page that is offered twice
comes under a second locator, with the same records. What does not belong here: starting and stopping a server, and
which faults there are (`crm_faults`).
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
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.company.clock import HISTORY_START
from demo.systems.company_clock import read_clock
from demo.systems.crm_answers import ApiError, as_error, as_json, as_stamp, spoiled
from demo.systems.crm_auth import CERTIFICATE_FILE, TokenDesk
from demo.systems.crm_bulk import Job, JobStore, csv_page
from demo.systems.crm_describe import WITHOUT_DELETION_LOG, describe_object, summary
from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_query import QueryError, Result, ResultStore, run
from demo.systems.crm_state import CrmState, ObjectState
from demo.systems.faults import FaultCounter, status_for
from demo.systems.soql import MalformedQueryError, parse

DAILY_BULK_JOBS = 10_000
LARGEST_BATCH = 2000
_FAULT_CODES = {429: "REQUEST_LIMIT_EXCEEDED", 401: "INVALID_SESSION_ID", 503: "SERVER_UNAVAILABLE"}


class CrmApi:
    """The requests and their answers; one instance is one org with one fault schedule."""

    def __init__(self, folder: Path, faults: CrmFaults) -> None:
        self._folder = folder
        self._faults = faults
        self._counter = FaultCounter()
        self._tokens = TokenDesk(faults.token_requests, folder / CERTIFICATE_FILE)
        self._state = CrmState(folder, faults)
        self._results = ResultStore()
        self._jobs = JobStore()

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
            Route(f"{base}/jobs/query", self._create_job, methods=["POST"]),
            Route(f"{base}/jobs/query/{{job}}", self._guarded(self._job), methods=["GET", "DELETE"]),
            Route(f"{base}/jobs/query/{{job}}/results", self._guarded(self._job_results)),
            Route(f"{base}/sobjects", self._guarded(self._objects)),
            Route(f"{base}/sobjects/{{name}}/describe", self._guarded(self._describe)),
            Route(f"{base}/sobjects/{{name}}/deleted", self._guarded(self._deleted)),
            Route(f"{base}/sobjects/{{name}}/deleted/", self._guarded(self._deleted)),
        ]
        return Starlette(routes=routes)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        token, problem = self._tokens.answer(form)
        if token is None:
            return as_json(problem, 400)
        issued = int(self._now().replace(tzinfo=UTC).timestamp() * 1000)
        url = str(request.base_url).rstrip("/")
        return as_json({"access_token": token, "instance_url": url, "token_type": "Bearer", "issued_at": str(issued)})

    def _guarded(self, answer: Callable[[Request], Any]) -> Callable[[Request], Response]:
        """Wrap a handler: token, the plan's faults, errors in Salesforce's form, usage header."""

        def endpoint(request: Request) -> Response:
            try:
                number = self._admit(request)
                found = answer(request)
                response = spoiled(found if isinstance(found, Response) else as_json(found), number, self._faults)
            except ApiError as problem:
                response = as_error(problem, self._faults.retry_after)
            response.headers["Sforce-Limit-Info"] = f"api-usage={self._counter.requests}/{self._faults.daily_limit}"
            return response

        return endpoint

    def _admit(self, request: Request) -> int:
        """Refuse a request without a live token, or as the plan says; return its number."""
        if not self._tokens.admit(request.headers.get("authorization")):
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        number = self._counter.next("request")
        status = status_for(self._faults, number)
        if status is not None:
            code = _FAULT_CODES.get(status, "UNKNOWN_EXCEPTION")
            raise ApiError(status, code, "The server cannot answer this request now; send it again.")
        if number > self._faults.daily_limit:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return number

    def _now(self) -> datetime:
        return read_clock(self._folder).now

    def _versions(self, _request: Request) -> Any:
        return [{"label": "Winter '25", "url": "/services/data/v62.0", "version": "62.0"}]

    def _limits(self, _request: Request) -> Any:
        limit = self._faults.daily_limit
        return {
            "DailyApiRequests": {"Max": limit, "Remaining": max(0, limit - self._counter.requests)},
            "DailyBulkV2QueryJobs": {"Max": DAILY_BULK_JOBS, "Remaining": DAILY_BULK_JOBS - self._jobs.count},
        }

    def _objects(self, request: Request) -> Any:
        path = _api_path(request)
        listed = [summary(name, path) for name in self._state.object_names]
        return {"encoding": "UTF-8", "maxBatchSize": LARGEST_BATCH, "sobjects": listed}

    def _describe(self, request: Request) -> Any:
        return describe_object(self._object(request), _api_path(request))

    def _deleted(self, request: Request) -> Any:
        state = self._object(request)
        if state.name in WITHOUT_DELETION_LOG:
            raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", f"entity type {state.name} does not support replicate")
        start, end = _moment(request, "start"), _moment(request, "end")
        if start >= end:
            raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate must be before endDate")
        gone = self._gone(state)
        inside = pc.and_(pc.greater_equal(gone["at"], pa.scalar(start)), pc.less(gone["at"], pa.scalar(end)))
        records = [{"id": r["Id"], "deletedDate": as_stamp(r["at"])} for r in gone.filter(inside).to_pylist()]
        return {
            "deletedRecords": records,
            "earliestDateAvailable": as_stamp(datetime.combine(HISTORY_START, datetime.min.time())),
            "latestDateCovered": as_stamp(min(end, self._now())),
        }

    def _gone(self, state: ObjectState) -> pa.Table:
        """Deletions of the object so far: Id and at."""
        if not self._faults.lists_soft_deletes or state.field("IsDeleted") is None:
            return state.deleted
        soft = state.raw.filter(state.raw["IsDeleted"]).select(["Id", state.stamp]).rename_columns(["Id", "at"])
        return pa.concat_tables([state.deleted, soft]).sort_by([("at", "ascending"), ("Id", "ascending")])

    def _query(self, request: Request) -> Response:
        return self._first_page(request, include_deleted=False)

    def _query_all(self, request: Request) -> Response:
        return self._first_page(request, include_deleted=True)

    def _first_page(self, request: Request, *, include_deleted: bool) -> Response:
        _, result = self._run(request.query_params.get("q", ""), include_deleted=include_deleted)
        return self._page(request, result, self._results.keep(result), 0)

    def _run(self, soql: str, *, include_deleted: bool) -> tuple[ObjectState, Result]:
        try:
            query = parse(soql)
            state = self._state.object_at(query.object_name, self._now())
            if state is None:
                raise ApiError(400, "INVALID_TYPE", f"sObject type '{query.object_name}' is not supported.")
            return state, run(query, state, include_deleted=include_deleted)
        except MalformedQueryError as problem:
            raise ApiError(400, "MALFORMED_QUERY", str(problem)) from problem
        except QueryError as problem:
            raise ApiError(400, problem.code, str(problem)) from problem

    async def _create_job(self, request: Request) -> Response:
        body = await request.body()

        def create(_request: Request) -> Any:
            return self._new_job(orjson.loads(body)).created()

        return await run_in_threadpool(self._guarded(create), request)

    def _new_job(self, wanted: dict[str, str]) -> Job:
        if self._faults.bulk_refused:
            raise ApiError(400, "INVALIDENTITY", "Entity is not supported by the Bulk API.")
        operation = wanted.get("operation", "")
        if operation not in ("query", "queryAll"):
            raise ApiError(400, "INVALIDOPERATION", f"operation {operation!r} is not supported")
        state, result = self._run(wanted.get("query", ""), include_deleted=operation == "queryAll")
        return self._jobs.create(operation, result, state, self._faults.bulk_polls)

    def _job(self, request: Request) -> Any:
        if request.method == "DELETE":
            if not self._jobs.delete(request.path_params["job"]):
                raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
            return Response(status_code=204)
        return self._known_job(request).info()

    def _job_results(self, request: Request) -> Response:
        job = self._known_job(request)
        locator = request.query_params.get("locator", "0")
        offset, size = locator.partition("-")[0], request.query_params.get("maxRecords", "")
        if not offset.isdigit() or not (size or "1").isdigit():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        body, count = csv_page(job, int(offset), int(size or job.rows.num_rows or 1))
        following = int(offset) + count
        done = following >= job.rows.num_rows
        response = Response(body, media_type="text/csv")
        response.headers["Sforce-NumberOfRecords"] = str(count)
        response.headers["Sforce-Locator"] = "null" if done else self._bulk_locator(locator, int(offset), following)
        return response

    def _bulk_locator(self, locator: str, offset: int, following: int) -> str:
        """Where the next page lies; the same page under another locator carries a suffix."""
        start = self._next_offset(offset, following)
        if start == offset and not self._faults.page_loop:
            return f"{offset}-again"
        return locator if start == offset else str(start)

    def _known_job(self, request: Request) -> Job:
        job = self._jobs.get(request.path_params["job"])
        if job is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return job

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
        return as_json(page | {"records": records})

    def _next_locator(self, result: Result, locator: str, offset: int, following: int) -> str:
        start = self._next_offset(offset, following)
        if start == offset and not self._faults.page_loop:
            return f"{self._results.keep(result)}-{offset}"
        return f"{locator}-{start}"

    def _next_offset(self, offset: int, following: int) -> int:
        """Where the page after one from `offset` to before `following` starts, or where the plan lets it start."""
        number = self._counter.next("page")
        if self._faults.page_loop or number == self._faults.repeated_page_at:
            return offset
        return 2 * following - offset if number == self._faults.skipped_page_at else following

    def _object(self, request: Request) -> ObjectState:
        state = self._state.object_at(request.path_params["name"], self._now())
        if state is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return state


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
