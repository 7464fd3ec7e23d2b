"""The raw contract: which columns a source table must deliver, of which type, under which key.

What belongs here: the vocabulary (`Column`, `TableContract`) and nothing about any one source; each source
declares its tables in its own `tables.py`. A row that does not fit its contract is rejected with its payload
and a reason before dlt sees the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ColumnType = Literal["text", "integer", "decimal", "double", "boolean", "date", "timestamp"]

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
"""Arrow type of each contract type. Timestamps are UTC without a zone, as everywhere in the warehouse."""

META_COLUMNS: dict[str, pa.DataType] = {
    "_row_hash": pa.string(),
    "_extracted_at": pa.timestamp("us"),
    "_deleted_at": pa.timestamp("us"),
    "_load_id": pa.string(),
}
"""Columns that ingestion adds to every raw row.

`_row_hash` identifies the content of the row; `_extracted_at` is the run's clock; `_deleted_at` is set only on
a tombstone, the version that records a hard deletion; `_load_id` names the load in `ops.load`.
"""


@dataclass(frozen=True)
class Column:
    """One column of a source table, under the name the source gives it; nobody misses an `optional` one."""

    name: str
    type: ColumnType = "text"
    required: bool = False
    optional: bool = False


@dataclass(frozen=True)
class TableContract:
    """One source table.

    `name` is the source's own name (dlt turns it into snake_case for the raw table); `key` are the columns that
    identify a row; `cursor` is the modification stamp used for increments, or None for a table that is read
    whole each time; `soft_delete` names the flag by which the source marks a deleted row; `hard_deletes` says
    how rows that vanish are found: told by the source (its deletion log), by comparing keys, or never. `provenance` are
    columns that say where a row was read; a change in them alone makes no new version. `amounts` are decimal columns
    whose sums the source is asked for, where it can be asked.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    cursor: str | None = None
    soft_delete: str | None = None
    hard_deletes: Literal["log", "key_comparison", "never"] = "never"
    provenance: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = {column.name for column in self.columns}
        named = [*self.key, *(c for c in (self.cursor, self.soft_delete) if c), *self.provenance, *self.amounts]
        missing = [name for name in named if name not in names]
        if missing:
            raise ValueError(f"Table {self.name}: {', '.join(missing)} named but not among its columns.")

    @property
    def expected(self) -> tuple[str, ...]:
        """The names of the columns that a source without them is told of."""
        return tuple(column.name for column in self.columns if not column.optional)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The declared columns as an Arrow schema, without the meta columns."""
        return pa.schema([pa.field(c.name, ARROW_TYPES[c.type]) for c in self.columns])


def columns(spec: str) -> tuple[Column, ...]:
    """Read a compact column list: ``"Id! Name Amount:decimal CloseDate:date"``.

    A name alone is text, ``:type`` gives another type, ``!`` marks a required (never null) column, ``?`` one that most
    sources do not have.
    """
    return tuple(_column(word) for word in spec.split())


def by_name(tables: Iterable[TableContract]) -> dict[str, TableContract]:
    """Index contracts by the source's table name, refusing duplicates."""
    index: dict[str, TableContract] = {}
    for table in tables:
        if table.name in index:
            raise ValueError(f"Table {table.name} is declared twice.")
        index[table.name] = table
    return index


def _column(word: str) -> Column:
    name, _, type_name = word.rstrip("!?").partition(":")
    if type_name and type_name not in ARROW_TYPES:
        raise ValueError(f"Column {name}: type {type_name} is not one of {', '.join(ARROW_TYPES)}.")
    return Column(name, type_name or "text", required=word.endswith("!"), optional=word.endswith("?"))
