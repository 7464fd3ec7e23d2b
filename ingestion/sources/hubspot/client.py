"""Talk to HubSpot's CRM API: lists of ids, objects by id, searches, associations, pipelines, owners.

What belongs here: requests, limits and the proof that all pages came once. What does not: how often a request is
repeated (`ingestion.http`), what an answer means (`answers.py`), Arrow, raw tables.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dlt
import requests

from ingestion.errors import CredentialsError, IngestionError
from ingestion.http import TIMEOUT_SECONDS, Requester
from ingestion.sources.hubspot.answers import (
    Record,
    following_inputs,
    limit_met,
    ordered_page,
    problem_of,
    results_of,
    seconds_to_wait,
    whole_batch,
)
from ingestion.sources.hubspot.config import HubspotConfig

_LIST_ROWS = 100
_BATCH_ROWS = 100
_HISTORY_ROWS = 50
_SEARCH_ROWS = 200
_ASSOCIATION_ROWS = 1000
_COUNT_PAUSES = (0.0, 5.0, 20.0)
"""Waits before each count of a kind's objects: HubSpot's search index lags behind by seconds."""


class HubspotClient:
    """One session with one portal; close it, or use it as a context manager.

    `sleep` is called with the seconds to wait before a request is repeated. `requests` counts those sent, repetitions
    included; `daily_limit` and `daily_left` are the portal's own numbers as last reported.
    """

    def __init__(self, config: HubspotConfig, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._config, self._sleep = config, sleep
        self._base = config.base_url.rstrip("/")
        self._requester = Requester(
            f"HubSpot at {self._base}",
            max_wait_seconds=config.max_wait_seconds,
            sleep=sleep,
            problem=problem_of,
            wait=seconds_to_wait,
        )
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {_token(config)}"
        self._was_refused = False
        self.requests = 0
        self.daily_limit: int | None = None
        self.daily_left: int | None = None

    def __enter__(self) -> HubspotClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.close()

    def properties(self, kind: str) -> dict[str, bool] | None:
        """Return the kind's properties and whether each is the portal's own; None if the app may not see the kind."""
        answer = self._ask("GET", f"/crm/v3/properties/{kind}", missing_ok=True)
        if answer is None:
            return None
        return {row["name"]: not row.get("hubspotDefined", False) for row in answer["results"]}

    def ids(self, kind: str, *, archived: bool) -> list[str]:
        """Return the ids of all objects of a kind, each once; IngestionError if a page loops or is missing."""
        found = dict.fromkeys(row["id"] for row in self._pages(f"/crm/v3/objects/{kind}", archived=archived))
        if not archived:
            self._refuse_missing(kind, len(found))
        return list(found)

    def count(self, kind: str) -> int:
        """Return how many live objects of a kind the portal counts."""
        answer = self._ask("POST", f"/crm/v3/objects/{kind}/search", {"limit": 1}, read=results_of)
        return int(answer["total"])

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], *, archived: bool, history: Sequence[str] = ()
    ) -> Iterator[list[Record]]:
        """Yield the objects with `ids`, with the past values of the `history` properties; some may be gone by now."""
        size = _HISTORY_ROWS if history else _BATCH_ROWS
        path = f"/crm/v3/objects/{kind}/batch/read?archived={str(archived).lower()}"
        for start in range(0, len(ids), size):
            wanted = ids[start : start + size]
            body: Record = {"inputs": [{"id": key} for key in wanted], "properties": list(properties)}
            if history:
                body["propertiesWithHistory"] = list(history)
            answer = self._ask("POST", path, body, read=partial(whole_batch, wanted))
            yield answer["results"]

    def search(self, kind: str, stamp: str, since: datetime, properties: Sequence[str]) -> Iterator[list[Record]]:
        """Yield the live objects whose property `stamp` is not before `since` (UTC), in order of id.

        Each page is a search of its own, from the last id on, so HubSpot's limit of 10,000 results is never met.
        IngestionError if fewer objects come than the first page announced.
        """
        moment = int(since.replace(tzinfo=UTC).timestamp() * 1000)
        last, received, announced, left = 0, 0, None, 1
        while left:
            body = _search_body(stamp, moment, last, properties)
            answer = self._ask(
                "POST",
                f"/crm/v3/objects/{kind}/search",
                body,
                read=partial(ordered_page, last, _SEARCH_ROWS),
            )
            rows = answer["results"]
            announced = answer["total"] if announced is None else announced
            received += len(rows)
            left = answer["total"] - len(rows)
            if rows:
                last = int(rows[-1]["id"])
                yield rows
        if announced is not None and received < announced:
            raise IngestionError(
                f"HubSpot: the search of {kind} announced {announced} objects but delivered {received};"
                " load again later."
            )

    def associations(self, kind: str, to: str, ids: Sequence[str]) -> Iterator[list[Record]]:
        """Yield the associations from the objects with `ids` to objects of another kind, as HubSpot's `results`."""
        path = f"/crm/v4/associations/{kind}/{to}/batch/read"
        for start in range(0, len(ids), _ASSOCIATION_ROWS):
            inputs: list[Record] = [{"id": key} for key in ids[start : start + _ASSOCIATION_ROWS]]
            while inputs:
                answer = self._ask("POST", path, {"inputs": inputs}, read=results_of)
                yield answer["results"]
                inputs = following_inputs(answer["results"], inputs)

    def pipelines(self, kind: str) -> list[Record]:
        """Return the kind's pipelines with their stages; none where the app may not see them."""
        answer = self._ask("GET", f"/crm/v3/pipelines/{kind}", read=results_of, missing_ok=True)
        return [] if answer is None else list(answer["results"])

    def owners(self) -> list[Record]:
        """Return all owners, archived ones included."""
        pages = (self._pages("/crm/v3/owners", archived=archived) for archived in (False, True))
        return [owner for page in pages for owner in page]

    def _pages(self, path: str, *, archived: bool) -> Iterator[Record]:
        """Yield the rows of all pages of a list; a page that comes twice counts once."""
        after, visited, pages = "", set[str](), set[tuple[str, ...]]()
        while True:
            where = f"{path}?limit={_LIST_ROWS}&archived={str(archived).lower()}" + (f"&after={after}" if after else "")
            answer = self._ask("GET", where, read=results_of)
            signature = tuple(str(row["id"]) for row in answer["results"])
            if signature not in pages:
                pages.add(signature)
                yield from answer["results"]
            after = str(((answer.get("paging") or {}).get("next") or {}).get("after") or "")
            if not after:
                return
            if after in visited:
                raise IngestionError(f"HubSpot: the pages of {path} lead in a circle; load again later.")
            visited.add(after)

    def _refuse_missing(self, kind: str, listed: int) -> None:
        """Raise when the portal counts more objects of the kind than its list has shown."""
        counted = 0
        for pause in _COUNT_PAUSES:
            if pause:
                self._sleep(pause)
            counted = self.count(kind)
            if counted <= listed:
                return
        raise IngestionError(
            f"HubSpot: the list of {kind} showed {listed} objects where the portal counts {counted}; load again later."
        )

    def _ask(
        self,
        method: str,
        path: str,
        body: Record | None = None,
        *,
        read: Callable[[requests.Response], Any] | None = None,
        missing_ok: bool = False,
    ) -> Any:
        return self._requester.ask(
            lambda: self._send(method, path, body),
            path,
            read=read or results_of,
            renew=_same_token,
            missing_ok=missing_ok,
        )

    def _send(self, method: str, path: str, body: Record | None) -> requests.Response:
        self._refuse_spent_day()
        self.requests += 1
        response = self._session.request(
            method, self._base + path, json=body, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        self._note_limits(response)
        if response.status_code == 429 and limit_met(response) == "DAILY":
            self.daily_left = 0
            self._refuse_spent_day()
        self._refuse_token(response, path)
        return response

    def _refuse_token(self, response: requests.Response, path: str) -> None:
        """Raise when the token is refused a second time: a private app's token does not expire by itself."""
        if response.status_code == 401 and self._was_refused:
            raise CredentialsError(f"HubSpot at {self._base} refused {path}: {problem_of(response)}.")
        self._was_refused = response.status_code == 401

    def _note_limits(self, response: requests.Response) -> None:
        limit = response.headers.get("X-HubSpot-RateLimit-Daily", "")
        left = response.headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")
        self.daily_limit = int(limit) if limit.isdigit() else self.daily_limit
        self.daily_left = int(left) if left.isdigit() else self.daily_left

    def _refuse_spent_day(self) -> None:
        if self.daily_left is not None and self.daily_left <= self._config.daily_reserve:
            raise IngestionError(
                f"HubSpot at {self._base}: {self.daily_left} of the day's {self.daily_limit or 'unknown number of'}"
                f" requests are left and {self._config.daily_reserve} are reserved for others; load again after"
                " midnight in the portal's time zone, or lower daily_reserve."
            )


def _token(config: HubspotConfig) -> str:
    if config.token is not None and config.token.get_secret_value():
        return config.token.get_secret_value()
    token: str | None = dlt.secrets.get("sources.hubspot.token")
    if not token:
        raise IngestionError(
            "HubSpot needs the access token of a private app: set SALESWH_HUBSPOT_TOKEN, or sources.hubspot.token"
            " among dlt's secrets."
        )
    return token


def _same_token() -> None:
    """Nothing to renew: a refusal is asked about once more, then it is final."""


def _search_body(stamp: str, moment: int, last: int, properties: Sequence[str]) -> Record:
    filters = [
        {"propertyName": stamp, "operator": "GTE", "value": str(moment)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(last)},
    ]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": _SEARCH_ROWS,
    }
