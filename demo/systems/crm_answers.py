"""Answers in Salesforce's form: JSON, errors, and whole answers spoiled by the plan of faults.

What does not belong here: which request gets which answer (`crm_api`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

from demo.systems.crm_faults import CrmFaults

_ERROR_BODY = b'[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error occurred"}]'
_LOGIN_PAGE = b"<!DOCTYPE html><html><title>Login</title></html>"


class ApiError(Exception):
    """An answer other than 200, in Salesforce's form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def as_json(value: Any, status: int = 200) -> Response:
    """A value as a JSON answer."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def as_error(problem: ApiError, retry_after: str | None) -> Response:
    """A refused request's answer; one that may be repeated says when, if `retry_after` does."""
    response = as_json([{"message": str(problem), "errorCode": problem.code}], problem.status)
    if problem.status in (429, 503) and retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return response


def spoiled(response: Response, number: int, faults: CrmFaults) -> Response:
    """The answer to request `number`, or what the plan makes of it."""
    body = bytes(response.body)
    if number == faults.truncated_at:
        return Response(body[: len(body) // 2], media_type=response.media_type)
    if number == faults.web_page_at:
        return Response(_LOGIN_PAGE, media_type="text/html")
    if number == faults.error_body_at:
        return Response(_ERROR_BODY, media_type="application/json")
    if number == faults.drop_at:
        # A body shorter than its announced length makes the server close the connection.
        half = Response(body[: len(body) // 2], media_type=response.media_type)
        half.headers["Content-Length"] = str(len(body))
        return half
    return response


def as_stamp(moment: datetime) -> str:
    """A UTC moment as Salesforce writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
