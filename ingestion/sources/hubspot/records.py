"""Turn HubSpot's objects into Arrow, column by column, strict about JSON types.

Every property is text in HubSpot's JSON, and the contract casts it; a property that comes as anything else makes the
row a misfit: a field that changed its type in the portal is quarantined rather than guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from ingestion.casting import MISFIT

Record = dict[str, Any]
_TOP = ("id", "createdAt", "updatedAt", "archivedAt")


def objects_table(records: Sequence[Record], properties: Sequence[str]) -> pa.Table:
    """Return CRM objects with the `properties`, their id, stamps and whether they are archived."""
    misfits: dict[int, str] = {}
    columns: dict[str, pa.Array] = {name: pa.array([_text(r.get(name)) for r in records], pa.string()) for name in _TOP}
    columns["archived"] = pa.array([bool(record.get("archived")) for record in records], pa.bool_())
    for name in properties:
        values = [record["properties"].get(name) for record in records]
        for row, value in enumerate(values):
            if value is not None and not isinstance(value, str):
                reason = f"property {name}: expected text, got {type(value).__name__} {str(value)[:80]}"
                misfits[row] = f"{misfits[row]}; {reason}" if row in misfits else reason
        columns[name] = pa.array([_text(value) for value in values], pa.string())
    if misfits:
        columns[MISFIT] = pa.array([misfits.get(row) for row in range(len(records))], pa.string())
    return pa.table(columns)


def history_table(records: Sequence[Record], kept: int) -> pa.Table:
    """Return the past values of the records' properties; `place` tells values of the same moment apart, oldest first.

    `is_cut_off` says that the portal shows as many values as it keeps, so that older ones may be lost.
    """
    rows = [
        {"objectId": record["id"], "property": name, "is_cut_off": len(entries) >= kept, **entry}
        for record in records
        for name, entries in (record.get("propertiesWithHistory") or {}).items()
        for entry in _placed(entries)
    ]
    names = ("objectId", "property", "timestamp", "place", "value", "sourceType", "sourceId", "updatedByUserId")
    columns = {name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in names}
    return pa.table(columns | {"is_cut_off": pa.array([row["is_cut_off"] for row in rows], pa.bool_())})


def plain_table(rows: Sequence[Record], names: Sequence[str]) -> pa.Table:
    """Return rows with the keys `names` as text; lists and objects as JSON."""
    return pa.table({name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in names})


def _placed(entries: Sequence[Record]) -> Iterator[Record]:
    """Yield the entries (newest first in HubSpot's answers) oldest first, numbered within each moment."""
    moment, place = None, 0
    for entry in reversed(entries):
        place = place + 1 if entry["timestamp"] == moment else 0
        moment = entry["timestamp"]
        yield {**entry, "place": place}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
