"""The demo CRM's other HTTP interface: the part of HubSpot's dialect that extraction uses.

    GET  /crm/v3/objects/<kind>?limit=&after=&properties=&archived=      objects in order of id, at most 100 a page
    POST /crm/v3/objects/<kind>/batch/read?archived=                     by id, at most 100, 50 with history
    POST /crm/v3/objects/<kind>/search                                   at most 200 a page and 10,000 in all
    POST /crm/v4/associations/<from>/<to>/batch/read                     at most 1,000 ids
    GET  /crm/v3/properties/<kind> , /crm/v3/pipelines/<kind> , /crm/v3/owners

Every answer tells the day's limit and what is left of it. What does not belong here: starting and stopping a server,
and what the portal holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.company.clock import FROZEN_NOW
from demo.systems.faults import FaultCounter, FaultPlan, status_for
from demo.systems.hubspot_portal import PortalData, Record
from demo.systems.hubspot_query import comparable, holds
from demo.systems.hubspot_shapes import KINDS, LINK_TYPES, PRIMARY_TYPES, STANDARD, Kind, stamp

TOKEN = "pat-demo-00000000-portal"
"""The private app's token: part of the demo, not a secret."""
SEARCH_LIMIT = 10_000
_PAGE_LIMITS = {"list": 100, "history": 50, "search": 200, "associations": 1000}
_CATEGORIES = {401: "EXPIRED_AUTHENTICATION", 403: "MISSING_SCOPES", 404: "OBJECT_NOT_FOUND", 429: "RATE_LIMITS"}


class ApiError(Exception):
    """An answer other than 2xx, in HubSpot's form."""

    def __init__(self, status: int, message: str, policy: str | None = None) -> None:
        super().__init__(message)
        self.status, self.policy = status, policy


class HubspotApi:
    """The requests and their answers; one instance is one portal with one plan of faults. `now` tells its time.

    A clock that is off by plan writes wrong stamps on what changes after `wrong_after`.
    """

    def __init__(
        self, portal: PortalData, now: Callable[[], datetime], faults: FaultPlan, wrong_after: datetime = FROZEN_NOW
    ) -> None:
        self._portal, self._now, self._faults, self._wrong_after = portal, now, faults, wrong_after
        self._counter = FaultCounter()
        self._last_search: dict[str, Any] | None = None

    def app(self) -> Starlette:
        """The ASGI application."""
        objects = "/crm/v3/objects/{kind}"
        return Starlette(
            routes=[
                Route(objects, self._guarded(self._list)),
                Route(f"{objects}/batch/read", self._guarded(self._batch), methods=["POST"]),
                Route(f"{objects}/search", self._guarded(self._search), methods=["POST"]),
                Route(
                    "/crm/v4/associations/{kind}/{to}/batch/read", self._guarded(self._associations), methods=["POST"]
                ),
                Route("/crm/v3/properties/{kind}", self._guarded(self._properties)),
                Route("/crm/v3/pipelines/{kind}", self._guarded(self._pipelines)),
                Route("/crm/v3/owners", self._guarded(self._owners)),
            ]
        )

    def _guarded(self, answer: Callable[[Request, Any], Any]) -> Callable[[Request], Any]:
        """Wrap a handler: token, limits, faults, errors in HubSpot's form, headers."""

        async def endpoint(request: Request) -> Response:
            number = self._counter.next("request")
            try:
                self._admit(request, number)
                body = orjson.loads(await request.body() or b"{}")
                response = self._spoilt(answer(request, body), number)
            except ApiError as problem:
                response = self._refusal(problem)
            left = max(0, self._faults.daily_limit - number)
            response.headers["X-HubSpot-RateLimit-Daily"] = str(self._faults.daily_limit)
            response.headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(left)
            response.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000"
            return response

        return endpoint

    def _admit(self, request: Request, number: int) -> None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise ApiError(401, "Authentication credentials not found.")
        if number > self._faults.daily_limit:
            raise ApiError(429, "You have reached your daily limit.", "DAILY")
        status = status_for(self._faults, number)
        if status is not None:
            policy = "TEN_SECONDLY_ROLLING" if status == 429 else None
            raise ApiError(status, "The portal cannot answer this request now.", policy)

    def _refusal(self, problem: ApiError) -> Response:
        category = _CATEGORIES.get(problem.status, "VALIDATION_ERROR" if problem.status == 400 else "INTERNAL_ERROR")
        body = {"status": "error", "message": str(problem), "category": category, "correlationId": "0000"}
        if problem.policy:
            body |= {"errorType": "RATE_LIMIT", "policyName": problem.policy}
        response = _json(body, problem.status)
        if problem.status in (429, 503) and problem.policy != "DAILY" and self._faults.retry_after is not None:
            response.headers["Retry-After"] = self._faults.retry_after
        return response

    def _spoilt(self, answer: Any, number: int) -> Response:
        body = orjson.dumps(answer)
        if number == self._faults.error_body_at:
            return _json({"status": "error", "message": "internal error", "category": "INTERNAL_ERROR"})
        if number == self._faults.web_page_at:
            return Response("<!doctype html><title>Log in</title>", media_type="text/html")
        if number == self._faults.truncated_at:
            body = body[: len(body) // 2]
        response = Response(body, 207 if "errors" in answer else 200, media_type="application/json")
        if number == self._faults.drop_at:
            response.headers["Content-Length"] = str(len(body) + 100)
        return response

    def _list(self, request: Request, _body: Any) -> Any:
        query = request.query_params
        archived = query.get("archived") == "true"
        size = self._size(int(query.get("limit", "10")), "list")
        records = [r for r in self._records(request).values() if (r.archived_at is not None) == archived]
        names = [name for name in query.get("properties", "").split(",") if name]
        return self._page(records, query.get("after", "0"), size, lambda r: self._shown(request, r, names))

    def _page(self, rows: list[Any], after: str, size: int, show: Callable[[Any], Any]) -> dict[str, Any]:
        """One page. `after` is opaque to clients: the place of its first row, and for a page that comes a second time
        the place where the one after it goes on, as "100" or "100>200".
        """
        start, _, goes_on = after.partition(">")
        following = int(goes_on) if goes_on else int(start) + size
        shown = [show(row) for row in rows[int(start) : int(start) + size]]
        if following >= len(rows):
            return {"results": shown}
        number = self._counter.next("page")
        next_after = str(following)
        if self._faults.page_loop:
            next_after = after
        elif number == self._faults.repeated_page_at:
            next_after = f"{start}>{following}"
        elif number == self._faults.skipped_page_at:
            next_after = str(following + size)
        return {"results": shown, "paging": {"next": {"after": next_after}}}

    def _batch(self, request: Request, body: Any) -> Any:
        tracked = body.get("propertiesWithHistory") or []
        keys = [str(entry["id"]) for entry in body["inputs"]]
        self._size(len(keys), "history" if tracked else "list")
        archived = request.query_params.get("archived") == "true"
        found, missing = [], []
        for key in keys:
            record = self._portal.survivor(request.path_params["kind"], key, self._now())
            if record is None or (record.archived_at is not None) != archived:
                missing.append(key)
            else:
                record = self._as_stamped(record, KINDS[request.path_params["kind"]])
                found.append(self._shown(request, record, body.get("properties") or [], tracked))
        answer: dict[str, Any] = {"status": "COMPLETE", "results": found}
        if missing:
            answer["numErrors"] = len(missing)
            answer["errors"] = [{"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": missing}}]
        return answer

    def _search(self, request: Request, body: Any) -> Any:
        size, after = self._size(int(body.get("limit", 10)), "search"), int(body.get("after") or 0)
        if after + size > SEARCH_LIMIT:
            raise ApiError(400, f"The search result window is limited to {SEARCH_LIMIT} objects.")
        rows = [r for r in self._records(request).values() if r.archived_at is None and not self._is_late(r)]
        for group in body.get("filterGroups") or []:
            rows = [r for r in rows if all(holds(r, condition) for condition in group["filters"])]
        for order in body.get("sorts") or []:
            rows.sort(
                key=lambda r: comparable(order["propertyName"], r.properties.get(order["propertyName"])),
                reverse=order.get("direction") == "DESCENDING",
            )
        total = len(rows)
        if total > size:
            number = self._counter.next("page")
            if self._last_search and (self._faults.page_loop or number == self._faults.repeated_page_at):
                return self._last_search
            if number == self._faults.skipped_page_at:
                rows = rows[size:]
        shown = [self._shown(request, record, body.get("properties") or []) for record in rows[after : after + size]]
        answer: dict[str, Any] = {"total": total, "results": shown}
        if after + size < total:
            answer["paging"] = {"next": {"after": str(after + size)}}
        self._last_search = answer
        return answer

    def _is_late(self, record: Record) -> bool:
        return record.updated_at > self._now() - timedelta(minutes=self._faults.late_minutes)

    def _associations(self, request: Request, body: Any) -> Any:
        kind, to = request.path_params["kind"], request.path_params["to"]
        self._size(len(body["inputs"]), "associations")
        records = self._records(request)
        targets = self._portal.records(to, self._now()) if to in KINDS else {}
        types = [
            {"category": "HUBSPOT_DEFINED", "typeId": number, "label": "Primary" if number in PRIMARY_TYPES else None}
            for number in LINK_TYPES.get((kind, to), ())
        ]
        results, without = [], []
        for key in (str(entry["id"]) for entry in body["inputs"]):
            linked = records[key].links if key in records and records[key].archived_at is None else ()
            ends = [end for end_kind, end in linked if end_kind == to and end in targets]
            live = [{"toObjectId": int(end), "associationTypes": types} for end in ends if not targets[end].archived_at]
            results.append({"from": {"id": key}, "to": live}) if live else without.append(key)
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if without:
            answer["numErrors"] = len(without)
            answer["errors"] = [{"status": "error", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}]
        return answer

    def _properties(self, request: Request, _body: Any) -> Any:
        if request.path_params["kind"] not in KINDS:
            raise ApiError(404, f"Unable to infer object type from: {request.path_params['kind']}")
        kind = KINDS[request.path_params["kind"]]
        names = {name for record in self._records(request).values() for name in record.properties}
        own = {*kind.properties, *kind.references, *STANDARD[kind.name], kind.created, kind.modified}
        own |= {"hs_object_id", "hs_merged_object_ids", "hs_createdate"}
        return {
            "results": [
                {"name": name, "type": "string", "fieldType": "text", "hubspotDefined": name in own, "archived": False}
                for name in sorted(names | own)
            ]
        }

    def _pipelines(self, request: Request, _body: Any) -> Any:
        return {"results": self._portal.pipelines(self._now()) if request.path_params["kind"] == "deals" else []}

    def _owners(self, request: Request, _body: Any) -> Any:
        query = request.query_params
        archived = query.get("archived") == "true"
        rows = [owner for owner in self._portal.owners(self._now()) if owner["archived"] == archived]
        size = self._size(int(query.get("limit", "100")), "list")
        return self._page(rows, query.get("after", "0"), size, dict)

    def _records(self, request: Request) -> dict[str, Record]:
        if request.path_params["kind"] not in KINDS:
            raise ApiError(404, f"Unable to infer object type from: {request.path_params['kind']}")
        kind = KINDS[request.path_params["kind"]]
        records = self._portal.records(kind.name, self._now())
        if not self._faults.clock_offset_minutes:
            return records
        return {key: self._as_stamped(record, kind) for key, record in records.items()}

    def _as_stamped(self, record: Record, kind: Kind) -> Record:
        """The record with the stamp that the portal's clock gave it."""
        if record.updated_at <= self._wrong_after:
            return record
        at = record.updated_at + timedelta(minutes=self._faults.clock_offset_minutes)
        return replace(record, updated_at=at, properties=record.properties | {kind.modified: stamp(at)})

    def _size(self, size: int, what: str) -> int:
        if not 1 <= size <= _PAGE_LIMITS[what]:
            raise ApiError(400, f"limit must be between 1 and {_PAGE_LIMITS[what]}, got {size}.")
        return size

    def _shown(
        self, request: Request, record: Record, names: Iterable[str], tracked: Iterable[str] = ()
    ) -> dict[str, Any]:
        kind = KINDS[request.path_params["kind"]]
        wanted = ["hs_object_id", kind.created, kind.modified, *names]
        properties: dict[str, Any] = {name: record.properties.get(name) for name in wanted}
        of, _, retyped = (self._faults.retyped or "").partition(".")
        if of == kind.name and properties.get(retyped) is not None:
            properties[retyped] = len(str(properties[retyped]))
        shown: dict[str, Any] = {
            "id": record.id,
            "properties": properties,
            "createdAt": stamp(record.created_at),
            "updatedAt": stamp(record.updated_at),
            "archived": record.archived_at is not None,
        }
        if record.archived_at is not None:
            shown["archivedAt"] = stamp(record.archived_at)
        if tracked:
            shown["propertiesWithHistory"] = {
                name: [
                    {"value": value, "timestamp": stamp(at), "sourceType": "CRM_UI", "sourceId": f"userId:{record.id}"}
                    for at, value in record.history.get(name, [])
                ]
                for name in tracked
            }
        return shown


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
