"""What goes wrong at the demo CRM, and when: a schedule in numbers of requests, so that it repeats exactly.

The default is the company's normal day (rate limits, a page that fails once, one page that arrives twice).
Tests switch on more. What does not belong here: HTTP.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """Faults of one server, counted over its data requests from 1 (token requests do not count).

    `unavailable_every`: every nth data request answers 503; the same request sent again succeeds.
    `rate_limited_every`: every nth data request answers 429 with ``Retry-After: 1``.
    `duplicate_page_at`: the nth page that has a successor is offered again, under another address.
    `expire_token_after`: a token is good for this many data requests, then 401.
    `truncate_json_at`: the nth query response breaks off in the middle, with a fitting Content-Length.
    `repeat_page_for_ever`: every page names itself as the next one.
    `fail_with`: every data request answers this status.
    `lists_soft_deletes`: the deletion log names soft-deleted records as well, as a full Salesforce org does.
    None or False switches a fault off.
    """

    unavailable_every: int | None = 37
    rate_limited_every: int | None = 53
    duplicate_page_at: int | None = 2
    expire_token_after: int | None = None
    truncate_json_at: int | None = None
    repeat_page_for_ever: bool = False
    fail_with: int | None = None
    lists_soft_deletes: bool = False

    @classmethod
    def none(cls) -> Faults:
        """A CRM on which nothing ever fails."""
        return cls(unavailable_every=None, rate_limited_every=None, duplicate_page_at=None)


class FaultSchedule:
    """Counts requests and says which of them fail; safe to ask from several threads."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._lock = threading.Lock()
        self._requests = 0
        self._queries = 0
        self._pages = 0

    @property
    def requests(self) -> int:
        """Data requests counted so far."""
        return self._requests

    def next_status(self) -> int | None:
        """Count one data request; the status with which it must fail, or None."""
        with self._lock:
            self._requests += 1
            count = self._requests
        if self.faults.fail_with is not None:
            return self.faults.fail_with
        if _hits(self.faults.unavailable_every, count):
            return 503
        if _hits(self.faults.rate_limited_every, count):
            return 429
        return None

    def truncates(self) -> bool:
        """Count one query response; whether it must break off."""
        with self._lock:
            self._queries += 1
            return self._queries == self.faults.truncate_json_at

    def duplicates(self) -> bool:
        """Count one page that has a successor; whether it must be offered a second time."""
        with self._lock:
            self._pages += 1
            return self._pages == self.faults.duplicate_page_at


def _hits(every: int | None, count: int) -> bool:
    return every is not None and count % every == 0
