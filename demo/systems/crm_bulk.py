"""The demo CRM's Bulk API 2.0 query jobs: a result kept under a job's id, handed out as CSV.

What does not belong here: HTTP, running the query, the order in which faults happen.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from demo.systems.crm_query import Result
from demo.systems.crm_state import ObjectState


@dataclass
class Job:
    """A query job: its rows as sent, and how often its state is still asked for before it is complete."""

    id: str
    operation: str
    object_name: str
    rows: pa.Table
    polls_left: int

    def info(self) -> dict[str, Any]:
        """What the org tells about the job; asking brings it nearer to its end."""
        done = self.polls_left <= 0
        self.polls_left -= 1
        if not done:
            return self.created() | {"state": "InProgress"}
        return self.created() | {"state": "JobComplete", "numberRecordsProcessed": self.rows.num_rows}

    def created(self) -> dict[str, Any]:
        """What the org answers to a new job."""
        named = {"id": self.id, "operation": self.operation, "object": self.object_name}
        return named | {"state": "UploadComplete", "contentType": "CSV", "lineEnding": "LF"}


class JobStore:
    """The org's jobs by id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """Jobs created so far, deleted ones included."""
        return self._count

    def create(self, operation: str, result: Result, state: ObjectState, polls: int) -> Job:
        """Keep a query's result as a job."""
        with self._lock:
            self._count += 1
            job = Job(f"750{self._count:012d}AAA", operation, state.name, _as_csv_values(result.rows, state), polls)
            self._jobs[job.id] = job
            return job

    def get(self, job_id: str) -> Job | None:
        """The job of that id, or None."""
        return self._jobs.get(job_id)

    def delete(self, job_id: str) -> bool:
        """Forget a job; whether there was one."""
        with self._lock:
            return self._jobs.pop(job_id, None) is not None


def csv_page(job: Job, offset: int, count: int) -> tuple[bytes, int]:
    """`count` rows from `offset` on as CSV with a header, and how many they are."""
    rows = job.rows.slice(offset, count)
    sink = io.BytesIO()
    csv.write_csv(rows, sink, csv.WriteOptions(quoting_style="needed"))
    return sink.getvalue(), rows.num_rows


def _as_csv_values(rows: pa.Table, state: ObjectState) -> pa.Table:
    """Date-times end in Z here, where the REST API says +0000."""
    for position, name in enumerate(rows.column_names):
        field = state.field(name)
        if field is not None and pa.types.is_timestamp(field.type):
            stamps = pc.replace_substring(rows.column(position), "+0000", "Z")
            rows = rows.set_column(position, name, stamps)
    return rows
