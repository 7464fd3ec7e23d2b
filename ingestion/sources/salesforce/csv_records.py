"""Turn CSV pages of Salesforce's Bulk API into Arrow, with the values that the REST API gives as JSON.

What belongs here: reading the text, and telling by the field's described type which JSON value a cell stands for, so
that a row has one content however it was read. What does not: casting (`ingestion.casting`).
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingestion.casting import MISFIT
from ingestion.contract import ColumnType, TableContract
from ingestion.http import UnusableAnswerError

_JSON_TYPE_OF = dict.fromkeys(("double", "currency", "percent"), "float") | {
    "int": "int",
    "long": "int",
    "boolean": "bool",
}
"""Name of the JSON value's Python type by described type; all other fields are text."""

_FITTING: dict[ColumnType, tuple[str, ...]] = {
    "text": ("str",),
    "integer": ("int", "float"),
    "decimal": ("int", "float"),
    "double": ("int", "float"),
    "boolean": ("bool",),
    "date": ("str",),
    "timestamp": ("str",),
}


def read_csv(content: bytes, names: Sequence[str]) -> pa.Table:
    """Return a CSV page as text columns `names`, an empty cell as null; UnusableAnswerError if it is broken."""
    if content.count(b'"') % 2 or not content.endswith((b"\n", b'"')):
        # The reader would take what is left of the last cell for all of it.
        raise UnusableAnswerError("the answer is not whole CSV (it ends within a cell)")
    try:
        table = csv.read_csv(
            io.BytesIO(content),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        return table.select(list(names))
    except (pa.ArrowInvalid, KeyError) as error:
        raise UnusableAnswerError(f"the answer is not whole CSV ({str(error)[:120]})") from None


def from_csv(table: pa.Table, described: Mapping[str, str], contract: TableContract) -> pa.Table:
    """Return a table of text as `records.to_arrow` would the same records; `described` are the fields' types."""
    declared = {column.name: column.type for column in contract.columns}
    misfits: dict[int, list[str]] = {}
    columns = []
    for name in table.column_names:
        values, kind = table[name].combine_chunks(), declared.get(name)
        came = _JSON_TYPE_OF.get(described[name], "str")
        if kind is None:
            columns.append(_as_json_text(values, described[name]))
        elif came in _FITTING[kind]:
            columns.append(_as_json_value(values, came))
        else:
            columns.append(values)
            for row, value in enumerate(values.to_pylist()):
                if value is not None:
                    misfits.setdefault(row, []).append(f"column {name}: expected {kind}, got {came} {value[:80]}")
    result = pa.table(columns, names=table.column_names)
    if misfits:
        reasons = ["; ".join(misfits[row]) if row in misfits else None for row in range(table.num_rows)]
        result = result.append_column(MISFIT, pa.array(reasons, pa.string()))
    return result


def _as_json_value(values: pa.Array, came: str) -> pa.Array:
    if came == "str":
        return values
    try:
        return pc.cast(values, pa.bool_() if came == "bool" else pa.float64())
    except pa.ArrowInvalid:
        # Not a value of its type: as text it is rejected, with its payload, by the cast to the contract.
        return values


def _as_json_text(values: pa.Array, described: str) -> pa.Array:
    if _JSON_TYPE_OF.get(described) == "float":
        texts = [None if value is None else json.dumps(float(value)) for value in values.to_pylist()]
        return pa.array(texts, pa.string())
    if described == "datetime":
        return pc.replace_substring_regex(values, r"Z$", "+0000")
    return values
