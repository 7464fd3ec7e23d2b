"""Rows of a query as text, every value as DuckDB holds it: no digit lost, nothing taken for markup.

What belongs here: values as cells of a table, as CSV and as JSON. What does not: asking (`serving.py`) and drawing
tables (`console.py`).
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb


@dataclass(frozen=True)
class Rows:
    """The answer to a query: names of the columns, each of them once, and one tuple per row."""

    columns: tuple[str, ...]
    records: tuple[tuple[Any, ...], ...]

    @classmethod
    def of(cls, answered: duckdb.DuckDBPyConnection) -> Rows:
        """All rows of the statement that the connection has just executed."""
        names = [str(column[0]) for column in answered.description or []]
        return cls(_distinct(names), tuple(answered.fetchall()))


def as_cell(value: Any) -> str:
    """A value as text: nothing for NULL, all digits of a number, JSON for lists and structures."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    return as_json(value) if isinstance(value, list | tuple | dict) else str(value)


def as_json(value: Any) -> str:
    """A value as JSON; numbers keep all their digits, which `json` alone would cut from a decimal."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(as_cell(key))}: {as_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_json(item) for item in value) + "]"
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, datetime):
        return _quoted(value.isoformat())
    return as_cell(value) if isinstance(value, bool | int | float | Decimal) else _quoted(as_cell(value))


def csv_text(rows: Rows) -> str:
    """The rows as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows([as_cell(value) for value in record] for record in rows.records)
    return text.getvalue()


def json_text(rows: Rows) -> str:
    """The rows as a JSON array of objects, one object per line."""
    lines = [as_json(dict(zip(rows.columns, record, strict=True))) for record in rows.records]
    return "[" + ",".join(f"\n  {line}" for line in lines) + "\n]\n"


def is_number(value: Any) -> bool:
    """Whether a value is a number, which stands on the right of its column."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, with a number where one comes again: an object of JSON would keep only its last value."""
    distinct: list[str] = []
    for name in names:
        number, unique = 1, name
        while unique in distinct:
            unique, number = f"{name}_{number}", number + 1
        distinct.append(unique)
    return tuple(distinct)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
