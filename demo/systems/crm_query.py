"""Running a parsed query on an object's state, and cutting the result into pages.

What does not belong here: HTTP and the order in which faults happen.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from demo.systems.crm_state import ObjectState
from demo.systems.soql import Condition, Query

_COMPARE = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_KEPT_RESULTS = 200


class QueryError(ValueError):
    """A query that the org refuses: `code` is Salesforce's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Result:
    """The rows of one query, in their order, as they are sent."""

    object_name: str
    rows: pa.Table
    size: int

    def records(self, offset: int, count: int, api_path: str) -> list[dict[str, Any]]:
        """`count` records from `offset` on, each with its `attributes`."""
        rows = self.rows.slice(offset, count).to_pylist()
        base = f"{api_path}/sobjects/{self.object_name}/"
        return [{"attributes": {"type": self.object_name, "url": base + row.get("Id", "")}, **row} for row in rows]


class ResultStore:
    """Results that clients page through, each under a locator; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._count = 0

    def keep(self, result: Result) -> str:
        """Remember a result and return its locator."""
        with self._lock:
            self._count += 1
            locator = f"01g{self._count:012d}AAA"
            self._results[locator] = result
            while len(self._results) > _KEPT_RESULTS:
                self._results.popitem(last=False)
            return locator

    def get(self, locator: str) -> Result | None:
        """The result under a locator, or None if it is unknown or forgotten."""
        return self._results.get(locator)


def run(query: Query, state: ObjectState, *, include_deleted: bool) -> Result:
    """Rows of `state` that `query` selects; soft-deleted ones only with `include_deleted`.

    Raises QueryError INVALID_FIELD for a field that the object lacks.
    """
    names = [_named(state, name).name for name in query.fields]
    rows = pc.indices_nonzero(_mask(query, state, include_deleted))
    keys = [(_named(state, o.field).name, "descending" if o.descending else "ascending") for o in query.order]
    if keys:
        chosen = state.raw.select(sorted({name for name, _ in keys})).take(rows)
        rows = rows.take(pc.sort_indices(chosen, sort_keys=keys))
    if query.limit is not None:
        rows = rows.slice(0, query.limit)
    if not query.fields:
        return Result(state.name, pa.table({}), len(rows))
    unique = list(dict.fromkeys(names))
    return Result(state.name, state.shown.select(unique).take(rows), len(rows))


def _mask(query: Query, state: ObjectState, include_deleted: bool) -> pa.ChunkedArray | pa.Array:
    mask = pa.array([True]).take(pa.array([0] * state.raw.num_rows, pa.int64()))
    if not include_deleted and state.field("IsDeleted") is not None:
        mask = pc.and_(mask, pc.fill_null(pc.invert(state.raw["IsDeleted"]), True))
    for condition in query.conditions:
        mask = pc.and_(mask, _holds(condition, state))
    return mask


def _holds(condition: Condition, state: ObjectState) -> pa.ChunkedArray:
    field = _named(state, condition.field)
    column = state.raw[field.name]
    if condition.value is None:
        absent = pc.is_null(column)
        return absent if condition.operator == "=" else pc.invert(absent)
    value = pa.scalar(_literal(condition, field), type=column.type)
    return pc.fill_null(_COMPARE[condition.operator](column, value), condition.operator == "!=")


def _literal(condition: Condition, field: pa.Field) -> Any:
    """The condition's literal, refused where its kind does not fit the field, as Salesforce does."""
    value, kind = condition.value, field.type
    if type(value) is not _literal_type(kind):
        raise QueryError(
            "INVALID_FIELD", f"value of filter criterion for field '{field.name}' must be of type {kind}: got {value!r}"
        )
    if isinstance(value, float) and pa.types.is_integer(kind):
        return int(value)
    return Decimal(str(value)) if pa.types.is_decimal(kind) else value


def _literal_type(kind: pa.DataType) -> type:
    if pa.types.is_timestamp(kind):
        return datetime
    if pa.types.is_date(kind):
        return date
    if pa.types.is_boolean(kind):
        return bool
    return str if pa.types.is_string(kind) else float


def _named(state: ObjectState, name: str) -> pa.Field:
    field = state.field(name)
    if field is None:
        raise QueryError("INVALID_FIELD", f"No such column '{name}' on entity '{state.name}'.")
    return field
