"""What the CRM's objects contain at a moment, ready to be queried and sent.

One `ObjectState` is one object at one moment: the raw values that queries compare, and the same rows in the form
in which they are sent. Not here: HTTP, SOQL syntax, faults of requests, and anything that needs the generator.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from demo.company.clock import FROZEN_NOW
from demo.company.model import SchemaEvent
from demo.systems.crm_faults import CrmFaults
from demo.systems.schema_events import apply_event, read_schema_events

STAMP_FORMAT = "%Y-%m-%dT%H:%M:%S+0000"
"""Salesforce's form of a date-time; Arrow's %S of a millisecond stamp includes the milliseconds."""

_TIMELINE_COLUMNS = ("_visible_from", "_visible_to", "_hard_deleted_at")
_KEPT_STATES = 4


@dataclass(frozen=True)
class ObjectState:
    """One object at one moment.

    `raw` holds comparable values, `shown` the same rows as they are sent, `deleted` the hard deletions so far
    (Id, at) in order of time.
    """

    name: str
    raw: pa.Table
    shown: pa.Table
    deleted: pa.Table

    @property
    def fields(self) -> pa.Schema:
        """The object's fields with the types of their values."""
        return self.raw.schema

    @property
    def stamp(self) -> str:
        """The field that says when a record was last changed; a field history is never changed once it is there."""
        return "CreatedDate" if self.field("SystemModstamp") is None else "SystemModstamp"

    def field(self, name: str) -> pa.Field | None:
        """The field of that name, letter case ignored as in SOQL."""
        return next((f for f in self.fields if f.name.lower() == name.lower()), None)


class CrmState:
    """The CRM's objects, computed on demand for the moment asked for and kept for the next request."""

    def __init__(self, folder: Path, faults: CrmFaults | None = None) -> None:
        self._events = read_schema_events(folder)
        self._faults = faults or CrmFaults()
        self._files = {path.stem: path for path in sorted((folder / "timeline" / "crm").glob("*.parquet"))}
        self._lock = threading.Lock()
        self._timelines: dict[str, pa.Table] = {}
        self._states: OrderedDict[tuple[str, datetime], ObjectState] = OrderedDict()

    @property
    def object_names(self) -> tuple[str, ...]:
        """Names of all objects, in their proper letter case."""
        return tuple(self._files)

    def object_at(self, name: str, now: datetime) -> ObjectState | None:
        """The object of that name at a moment, or None if the org has no such object."""
        proper = next((n for n in self._files if n.lower() == name.lower()), None)
        if proper is None:
            return None
        with self._lock:
            if (proper, now) not in self._states:
                self._states[proper, now] = self._compute(proper, now)
            self._forget()
            return self._states[proper, now]

    def _forget(self) -> None:
        while len(self._states) > _KEPT_STATES * len(self._files):
            self._states.popitem(last=False)

    def _compute(self, name: str, now: datetime) -> ObjectState:
        if name not in self._timelines:
            self._timelines[name] = pq.read_table(self._files[name])
        timeline = self._timelines[name]
        rows = _with_wrong_clock(self._rows(timeline, now), self._faults.clock_offset_minutes)
        for event in [*self._events, *self._retyping(name)]:
            if event.object_name == name and event.at <= now:
                rows = apply_event(event, rows)
        shown = pa.table([_as_sent(column) for column in rows.columns], names=rows.column_names)
        return ObjectState(name, rows, shown, _deletions(timeline, now))

    def _rows(self, timeline: pa.Table, now: datetime) -> pa.Table:
        """What shows now; of every second record, by its number, only what showed `late_minutes` ago."""
        rows = timeline.filter(_shows(timeline, now)).drop_columns(_TIMELINE_COLUMNS)
        if not self._faults.late_minutes:
            return rows
        before = now - timedelta(minutes=self._faults.late_minutes)
        late = timeline.filter(_shows(timeline, before)).drop_columns(_TIMELINE_COLUMNS)
        return pa.concat_tables([rows.filter(pc.invert(_is_odd(rows))), late.filter(_is_odd(late))])

    def _retyping(self, name: str) -> list[SchemaEvent]:
        object_name, _, field = (self._faults.retyped or "").partition(".")
        return [SchemaEvent(datetime.min, name, "retype", field, new_type="text")] if object_name == name else []


def _shows(timeline: pa.Table, now: datetime) -> pa.ChunkedArray:
    moment = pa.scalar(now, pa.timestamp("us"))
    started = pc.less_equal(timeline["_visible_from"], moment)
    ended = pc.fill_null(pc.less_equal(timeline["_visible_to"], moment), False)
    return pc.and_not(started, ended)


def _is_odd(rows: pa.Table) -> pa.ChunkedArray:
    return pc.match_substring_regex(rows["Id"], r"[13579]\D*$")


def _with_wrong_clock(rows: pa.Table, minutes: int) -> pa.Table:
    """Stamps of changes after the frozen now as an org writes them whose clock is so many minutes off."""
    names = [name for name in ("SystemModstamp", "LastModifiedDate") if name in rows.column_names]
    for name in names if minutes else ():
        stamps = rows[name]
        wrong = pc.add(stamps, pa.scalar(timedelta(minutes=minutes)))
        recent = pc.greater(stamps, pa.scalar(FROZEN_NOW, pa.timestamp("us")))
        rows = rows.set_column(rows.column_names.index(name), name, pc.if_else(recent, wrong, stamps))
    return rows


def _as_sent(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("ms"), safe=False), format=STAMP_FORMAT)
    if pa.types.is_date(column.type):
        return pc.strftime(column, format="%Y-%m-%d")
    if pa.types.is_decimal(column.type):  # by way of text: the direct cast is off in the last digit
        return column.cast(pa.string()).cast(pa.float64())
    return column


def _deletions(timeline: pa.Table, now: datetime) -> pa.Table:
    gone = timeline.filter(pc.fill_null(pc.less_equal(timeline["_hard_deleted_at"], pa.scalar(now)), False))
    latest = pa.table({"Id": gone["Id"], "at": gone["_hard_deleted_at"]}).group_by("Id").aggregate([("at", "max")])
    return latest.rename_columns({"at_max": "at"}).sort_by([("at", "ascending"), ("Id", "ascending")])
