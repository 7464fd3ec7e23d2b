"""Bulk API 2.0: run a large query as a job and read its result page by page.

What belongs here: the life of a job (create, wait, read, delete) and the proof that its result came whole. What does
not: when a job is worth it (`objects.py`) and what the text of a cell means (`csv_records.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import requests

from ingestion.errors import IngestionError
from ingestion.http import UnusableAnswerError
from ingestion.sources.salesforce.client import RefusedError, SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.csv_records import read_csv

_FIRST_POLL_SECONDS, _LONGEST_POLL_SECONDS = 0.25, 30.0


class BulkUnavailableError(IngestionError):
    """The org does not run this query as a job; the REST API may still answer it."""


@dataclass(frozen=True)
class _Page:
    rows: pa.Table
    digest: str
    next_locator: str | None


def bulk_pages(
    client: SalesforceClient, config: SalesforceConfig, soql: str, names: Sequence[str], *, include_deleted: bool
) -> Iterator[pa.Table]:
    """Yield the result of `soql` as tables of text with the columns `names`, the Id among them.

    BulkUnavailableError, before the first row, if the org refuses the job; IngestionError if the job fails, takes too
    long, or its pages loop or do not add up.
    """
    job = _create(client, soql, include_deleted=include_deleted)
    total = _wait(client, config, job, soql)
    yield from _results(client, config, job, names, soql, total)
    _delete(client, job)


def _create(client: SalesforceClient, soql: str, *, include_deleted: bool) -> str:
    body = {"operation": "queryAll" if include_deleted else "query", "query": soql}
    try:
        return str(client.ask("POST", "jobs/query", body=body, needs=["id"])["id"])
    except RefusedError as refusal:
        raise BulkUnavailableError(str(refusal)) from refusal


def _wait(client: SalesforceClient, config: SalesforceConfig, job: str, soql: str) -> int:
    """Wait until the job is done and return how many records it found."""
    waited, pause = 0.0, _FIRST_POLL_SECONDS
    while True:
        info = client.ask("GET", f"jobs/query/{job}", needs=["state"])
        if info["state"] == "JobComplete":
            return int(info["numberRecordsProcessed"])
        if info["state"] in ("Failed", "Aborted"):
            reason = info.get("errorMessage") or "no reason given"
            raise IngestionError(
                f"Salesforce: the bulk job {job} of “{soql}” ended as {info['state']}: {reason}; load again later."
            )
        if waited >= config.bulk_wait_seconds:
            raise IngestionError(
                f"Salesforce: the bulk job {job} of “{soql}” is still {info['state']} after {waited:.0f} s, longer than"
                f" the {config.bulk_wait_seconds:.0f} s allowed (bulk_wait_seconds); load again later."
            )
        client.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, _LONGEST_POLL_SECONDS)


def _results(
    client: SalesforceClient, config: SalesforceConfig, job: str, names: Sequence[str], soql: str, total: int
) -> Iterator[pa.Table]:
    def read(response: requests.Response) -> _Page:
        return _read_page(response, names)

    locator: str | None = None
    visited: set[str] = set()
    digests: set[str] = set()
    ids: list[pa.ChunkedArray] = []
    while True:
        parameters = {"maxRecords": str(config.bulk_page_rows)} | ({"locator": locator} if locator else {})
        page: _Page = client.ask("GET", f"jobs/query/{job}/results", parameters=parameters, read=read)
        if page.digest not in digests:
            digests.add(page.digest)
            ids.append(page.rows["Id"])
            yield page.rows
        locator = page.next_locator
        if locator is None:
            break
        if locator in visited:
            raise IngestionError(f"Salesforce: the result pages of “{soql}” lead in a circle; load again later.")
        visited.add(locator)
    received = _count_records(ids)
    if received != total:
        raise IngestionError(
            f"Salesforce: the bulk job of “{soql}” processed {total} records but delivered {received};"
            " load again later."
        )


def _count_records(ids: list[pa.ChunkedArray]) -> int:
    """Return how many records have come; one that came on two pages counts once, one without an id for itself."""
    known = pa.chunked_array([chunk for column in ids for chunk in column.chunks], pa.string())
    return int(pc.count_distinct(known).as_py() + known.null_count)


def _read_page(response: requests.Response, names: Sequence[str]) -> _Page:
    rows = read_csv(response.content, names)
    announced = response.headers.get("Sforce-NumberOfRecords", "")
    if announced.isdigit() and int(announced) != rows.num_rows:
        raise UnusableAnswerError(f"{announced} records were announced, {rows.num_rows} came")
    locator = response.headers.get("Sforce-Locator", "null")
    digest = hashlib.sha256(response.content).hexdigest()
    return _Page(rows, digest, None if locator in ("null", "") else locator)


def _delete(client: SalesforceClient, job: str) -> None:
    try:
        client.ask("DELETE", f"jobs/query/{job}", read=lambda _response: None, missing_ok=True)
    except IngestionError:
        # All rows are here; Salesforce itself removes a job that is left behind after a week.
        return
