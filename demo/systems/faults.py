"""What goes wrong at a demo web API, and when: counted in requests, so that it repeats exactly.

What belongs here: the plan and the counters. What does not: HTTP, and how a dialect words an error.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class FaultPlan:
    """Faults of one server, counted over its data requests, or over the pages that it sends, from 1.

    `every`: every nth request answers this status. `at`: the nth request answers this status.
    `retry_after`: what a 429 or 503 asks to wait, as the header's text; None sends no header.
    `truncated_at`, `web_page_at`, `error_body_at`: the nth request answers 200 with half of its JSON, with a page to
    log in, or with an error in the body. `drop_at`: the nth request's connection breaks off within the answer.
    `token_dies_at`: from the nth request on the token is refused. `daily_limit`: requests before the day's limit.
    `repeated_page_at`: the nth page with a successor is sent once more in its place. `skipped_page_at`: the nth page is
    left out. `page_loop`: every page names itself as the next one.
    `clock_offset_minutes`: how far the system's stamps of whatever changes after the frozen now are off.
    `late_minutes`: what changed within so many minutes before now is not found by searching yet.
    `retyped`: a property of an object whose values are numbers in JSON instead of text, as "deals.dealname".
    """

    every: dict[int, int] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)
    retry_after: str | None = "1"
    truncated_at: int | None = None
    web_page_at: int | None = None
    error_body_at: int | None = None
    drop_at: int | None = None
    token_dies_at: int | None = None
    daily_limit: int = 250_000
    repeated_page_at: int | None = None
    skipped_page_at: int | None = None
    page_loop: bool = False
    clock_offset_minutes: int = 0
    late_minutes: int = 0
    retyped: str | None = None

    @classmethod
    def usual(cls) -> Self:
        """An ordinary day: the rate limit now and then, a request that fails once, a page that comes twice."""
        return cls(every={37: 503, 53: 429}, repeated_page_at=2)

    def to_json(self) -> str:
        """The plan as text, for a server in a process of its own."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote, or that names only what differs; JSON knows no numbers as keys."""
        values: dict[str, Any] = json.loads(text)
        for name in ("every", "at"):
            values[name] = {int(number): status for number, status in values.get(name, {}).items()}
        return cls(**values)


class FaultCounter:
    """Counts requests and pages of one server; safe to ask from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = {"request": 0, "page": 0}

    def next(self, what: str) -> int:
        """Count one "request" or "page" and return its number."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what]

    @property
    def requests(self) -> int:
        """Requests counted so far."""
        return self._counts["request"]


def status_for(plan: FaultPlan, number: int) -> int | None:
    """Return the status with which request `number` fails by plan; None if it does not."""
    if plan.token_dies_at is not None and number >= plan.token_dies_at:
        return 401
    if number in plan.at:
        return plan.at[number]
    return next((status for every, status in plan.every.items() if number % every == 0), None)
