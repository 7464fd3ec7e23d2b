"""Turn pages of Salesforce records into Arrow, column by column, strict about JSON types.

A value whose JSON type is not that of its declared column makes the row a misfit: a field that changed its type in
the org is quarantined rather than guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ingestion.casting import MISFIT
from ingestion.contract import ColumnType, TableContract

_JSON_TYPES: dict[ColumnType, tuple[type[Any], ...]] = {
    "text": (str,),
    "integer": (int, float),
    "decimal": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "date": (str,),
    "timestamp": (str,),
}
_ARROW: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.float64(),
    "decimal": pa.float64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.string(),
    "timestamp": pa.string(),
}


def to_arrow(records: Sequence[dict[str, Any]], names: Sequence[str], contract: TableContract) -> pa.Table:
    """Return `records` as a table of the fields `names`; undeclared fields become text."""
    declared = {column.name: column.type for column in contract.columns}
    misfits: dict[int, str] = {}
    arrays: list[pa.Array] = []
    for name in names:
        values = [record.get(name) for record in records]
        kind = declared.get(name)
        arrays.append(_text(values) if kind is None else _declared(name, kind, values, misfits))
    table = pa.table(arrays, names=list(names))
    if misfits:
        reasons = pa.array([misfits.get(row) for row in range(len(records))], pa.string())
        table = table.append_column(MISFIT, reasons)
    return table


def _declared(name: str, kind: ColumnType, values: list[Any], misfits: dict[int, str]) -> pa.Array:
    wanted = _JSON_TYPES[kind]
    if {type(value) for value in values} <= {*wanted, type(None)}:
        return pa.array(values, _ARROW[kind])
    for row, value in enumerate(values):
        if value is not None and type(value) not in wanted:
            reason = f"column {name}: expected {kind}, got {type(value).__name__} {str(value)[:80]}"
            misfits[row] = f"{misfits[row]}; {reason}" if row in misfits else reason
    return _text(values)


def _text(values: list[Any]) -> pa.Array:
    texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
    return pa.array(texts, pa.string())
