"""Changes of the CRM's schema: kept as JSON, applied to an object's rows.

What does not belong here: when which change happens (`demo.company` decides) and describing fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from demo.company.model import SchemaEvent


def write_schema_events(folder: Path, events: Iterable[SchemaEvent]) -> None:
    """Write the events of the company in `folder`."""
    values = [asdict(event) | {"at": event.at.isoformat()} for event in events]
    _file(folder).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def read_schema_events(folder: Path) -> tuple[SchemaEvent, ...]:
    """The events in order of time."""
    values = json.loads(_file(folder).read_text(encoding="utf-8"))
    events = [_event(value) for value in values]
    return tuple(sorted(events, key=lambda event: event.at))


def apply_event(event: SchemaEvent, rows: pa.Table) -> pa.Table:
    """The object's rows after one change: a column more, one under another name, or one as text."""
    if event.kind == "add":
        values = [event.values[i % len(event.values)] for i in range(rows.num_rows)]
        return rows.append_column(event.field, pa.array(values, type=pa.string()))
    position = rows.column_names.index(event.field)
    if event.kind == "rename":
        return rows.rename_columns([event.new_field if n == event.field else n for n in rows.column_names])
    return rows.set_column(position, event.field, _as_text(rows.column(position)))


def _as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values as somebody types them once a field takes text: no longer castable."""
    return pc.binary_join_element_wise(pa.scalar("approx."), values.cast(pa.string()), " ")


def _event(value: dict[str, object]) -> SchemaEvent:
    at, values = value["at"], value["values"]
    assert isinstance(at, str) and isinstance(values, list)
    return SchemaEvent(**(value | {"at": datetime.fromisoformat(at), "values": tuple(values)}))  # type: ignore[arg-type]


def _file(folder: Path) -> Path:
    return folder / "timeline" / "schema_events.json"
