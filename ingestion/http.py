"""Ask a web API, and ask again while what went wrong may pass.

What belongs here: attempts, waits, Retry-After, the sentence after the last attempt. What does not: addresses, tokens,
pages and the meaning of an answer; those are each source's client.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from ingestion.errors import IngestionError, without_secrets

MAX_ATTEMPTS = 6
TIMEOUT_SECONDS = (10.0, 120.0)
"""Longest wait for a connection, and for the next bytes of an answer."""

_RETRIED_STATUS = {408, 429, 500, 502, 503, 504}
_FIRST_WAIT_SECONDS = 0.5


class UnusableAnswerError(ValueError):
    """An answer with a good status that is not what was asked for, so it is asked for again; the message says why."""


class Requester:
    """Repeats the requests to one system, at most `MAX_ATTEMPTS` each.

    `system` names it in sentences, as "Salesforce at https://…". `problem` describes an answer that is not good;
    `wait` reads from it how many seconds to wait (None: the requester's own choice). `sleep` is called with the seconds
    before a request is repeated; a longer wait than `max_wait_seconds` is refused.
    """

    def __init__(
        self,
        system: str,
        *,
        max_wait_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        problem: Callable[[requests.Response], str] | None = None,
        wait: Callable[[requests.Response], float | None] | None = None,
    ) -> None:
        self._system, self._longest, self._sleep = without_secrets(system), max_wait_seconds, sleep
        self._problem, self._wait = problem or status_of, wait or retry_after

    def ask(
        self,
        send: Callable[[], requests.Response],
        what: str,
        *,
        read: Callable[[requests.Response], Any] | None = None,
        renew: Callable[[], None] | None = None,
        missing_ok: bool = False,
    ) -> Any:
        """Return what `read` (by default: the JSON) makes of the answer to `send`; None for 404 if `missing_ok`.

        `renew` is called before the one repetition after a 401. `read` may raise `UnusableAnswerError`. Raises
        IngestionError when the last attempt, or a status that no repetition mends, has failed.
        """
        problem = ""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            wait: float | None = None
            try:
                response = send()
                if 200 <= response.status_code < 300:
                    return (read or read_json)(response)
                if response.status_code == 404 and missing_ok:
                    return None
                problem = self._problem(response)
                if response.status_code == 401 and renew is not None:
                    renew()
                    renew = None
                    continue
                if response.status_code not in _RETRIED_STATUS:
                    break
                wait = self._wait(response)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                problem = f"no whole answer ({type(error).__name__})"
            except UnusableAnswerError as error:
                problem = str(error)
            if attempt < MAX_ATTEMPTS:
                self._pause(wait, attempt, what)
        raise IngestionError(
            f"{self._system} did not answer {what}: {problem};"
            " check that it is up and that the app may read this, then load again."
        )

    def _pause(self, wait: float | None, attempt: int, what: str) -> None:
        own_choice = _FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1)
        seconds = min(own_choice, self._longest) if wait is None else wait
        if seconds > self._longest:
            raise IngestionError(
                f"{self._system} asks to wait {seconds:.0f} s before {what} may be repeated, longer than the"
                f" {self._longest:.0f} s allowed; its request limit is used up, load again later."
            )
        self._sleep(seconds)


def read_json(response: requests.Response) -> Any:
    """Return the answer's JSON; UnusableAnswerError if it is cut off or no JSON at all."""
    try:
        return response.json()
    except requests.JSONDecodeError:
        page = response.text.lstrip()[:1] == "<"
        raise UnusableAnswerError(
            "a web page came where JSON was expected" if page else "the answer is not whole JSON"
        ) from None


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds the server asks to wait, given as seconds or as a date; None if it names none."""
    value = response.headers.get("Retry-After", "").strip()
    if value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    sent = response.headers.get("Date")
    now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def status_of(response: requests.Response) -> str:
    """Return the answer's status as words of a sentence."""
    return f"status {response.status_code}"
