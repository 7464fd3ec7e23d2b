"""What HubSpot's answers mean: whether one is whole, which limit it met, what is wrong with it.

What belongs here: functions of one answer. What does not: sending requests (`client.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import requests

from ingestion.errors import IngestionError
from ingestion.http import UnusableAnswerError, read_json, retry_after, status_of

Record = dict[str, Any]


def results_of(response: requests.Response) -> Any:
    """Accept an answer that holds `results`."""
    answer = read_json(response)
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
        raise UnusableAnswerError(f"an answer without results came ({_words(answer)})")
    return answer


def whole_batch(wanted: Sequence[str], response: requests.Response) -> Any:
    """Accept a batch that shows each wanted object once, or says that it is not there (any more)."""
    answer = results_of(response)
    found = [str(row["id"]) for row in answer["results"]]
    missing = {
        str(key)
        for error in answer.get("errors") or []
        if error.get("category") == "OBJECT_NOT_FOUND"
        for key in (error.get("context") or {}).get("ids") or []
    }
    # An object that was merged away since shows as the one it was merged into.
    merged = {key for row in answer["results"] for key in _merged_ids(row)}
    lost = set(wanted) - set(found) - missing - merged
    if lost:
        raise UnusableAnswerError(f"{len(lost)} of {len(wanted)} objects asked for did not come")
    answer["results"] = list({str(row["id"]): row for row in answer["results"]}.values())
    return answer


def _merged_ids(row: Record) -> list[str]:
    return [key for key in str(row["properties"].get("hs_merged_object_ids") or "").split(";") if key]


def ordered_page(last: int, size: int, response: requests.Response) -> Any:
    """Accept a page of a search that goes on after the id `last` and is as full as it can be."""
    answer = results_of(response)
    ids = [last, *(int(row["id"]) for row in answer["results"])]
    if any(left >= right for left, right in pairwise(ids)):
        raise UnusableAnswerError("a page came again, or out of order")
    if len(answer["results"]) < min(int(answer["total"]), size):
        raise UnusableAnswerError(f"a page came with {len(answer['results'])} of {answer['total']} objects")
    return answer


def following_inputs(results: list[Record], inputs: list[Record]) -> list[Record]:
    """Return the inputs that ask for the rest of associations that did not fit in; IngestionError for a circle."""
    following = [
        {"id": str(row["from"]["id"]), "after": str(row["paging"]["next"]["after"])}
        for row in results
        if (row.get("paging") or {}).get("next")
    ]
    if following and following == inputs:
        raise IngestionError("HubSpot: the pages of associations lead in a circle; load again later.")
    return following


def limit_met(response: requests.Response) -> str:
    """Return the name of the limit that a 429 is about; empty where it tells none."""
    try:
        return str(read_json(response).get("policyName") or "")
    except (UnusableAnswerError, AttributeError):
        return ""


def seconds_to_wait(response: requests.Response) -> float | None:
    """Return the seconds to wait: as asked, or the interval of the limit that was met."""
    asked = retry_after(response)
    if asked is not None or response.status_code != 429:
        return asked
    interval = response.headers.get("X-HubSpot-RateLimit-Interval-Milliseconds", "")
    return int(interval) / 1000.0 if interval.isdigit() and "ROLLING" in limit_met(response) else None


def problem_of(response: requests.Response) -> str:
    """Return what is wrong with an answer, as words of a sentence."""
    try:
        words = _words(read_json(response))
    except UnusableAnswerError:
        words = ""
    if response.status_code == 401:
        words = "the token is wrong, expired or revoked; give a new one"
    return status_of(response) + (f", {words}" if words else "")


def _words(answer: Any) -> str:
    if not isinstance(answer, dict):
        return type(answer).__name__
    return ": ".join(str(answer[name]) for name in ("category", "message") if answer.get(name))
