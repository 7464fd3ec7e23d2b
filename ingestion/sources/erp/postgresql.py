"""PostgreSQL through ADBC: binary COPY into Arrow, in one repeatable-read transaction.

What belongs here: the session and PostgreSQL's types. What does not: which tables are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ingestion.contract import ColumnType
from ingestion.sources.erp.session import Fault, Selection, Session, SourceColumn, typed

_TYPES: dict[str, ColumnType] = {
    "bool": "boolean", "int2": "integer", "int4": "integer", "int8": "integer", "oid": "integer",
    "float4": "double", "float8": "double", "date": "date", "timestamp": "timestamp", "timestamptz": "timestamp",
}  # fmt: skip
_AS_THEY_ARE = {*_TYPES, "numeric", "text", "varchar", "bpchar", "name", "bytea"}

_INTERRUPTIONS = {"40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03", "57P05"}
"""Serialisation, deadlock, too many connections, lock and statement timeout, shutdown, crash, starting, idle."""
_BATCH_OPTION, _BATCH_BYTES = "adbc.postgresql.batch_size_hint_bytes", 8_000_000
_BEFORE, _AFTER = re.compile(r"^.*?\bERROR:\s+", re.DOTALL), re.compile(r"\s+Query was: .*", re.DOTALL)
_POSITION = re.compile(r"\nLINE (\d+): (.*)\n( *)\^")
_LOST = ("connection", "server closed", "SSL SYSCALL", "terminating", "EOF detected")


class PostgresqlSession(Session):
    """A read-only, repeatable-read transaction: all tables are seen as they were at one moment."""

    errors = (adbc.Error, pa.ArrowException, OSError)

    def __init__(self, address: sa.URL) -> None:
        super().__init__(address, postgresql.dialect(paramstyle="named"))  # type: ignore[no-untyped-call]
        base, *options = address.set(drivername="postgresql").render_as_string(hide_password=False).split("?", 1)
        # libpq knows %20, but not + for a space.
        uri = "?".join([base, *(option.replace("+", "%20") for option in options)])
        try:
            self._connection = adbc.connect(uri, autocommit=True)
        except adbc.Error as error:
            raise self.sentence(error) from None
        with self.reading("the session"), self._connection.cursor() as cursor:
            cursor.execute("set client_encoding to 'UTF8'")
            cursor.execute("begin transaction isolation level repeatable read, read only")

    def columns(self, name: str, relation: str) -> tuple[SourceColumn, ...]:
        """Return the relation's columns in order; IngestionError if there is no such table."""
        with self.reading(name, relation), self._connection.cursor() as cursor:
            schema = cursor.adbc_execute_schema(f"select * from {relation} limit 0")
        return tuple(self._column(field) for field in schema)

    def batches(self, selection: Selection, batch_rows: int) -> Iterator[pa.Table]:
        """Yield the selected rows as Arrow tables."""
        # The driver sizes its batches by bytes, which keeps wide tables small too.
        with self.reading(selection.name, selection.relation), self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{_BATCH_OPTION: str(_BATCH_BYTES)})
            cursor.execute(self.select(selection))
            for batch in cursor.fetch_record_batch():
                read = pa.table([_storage(column) for column in batch.columns], names=batch.schema.names)
                yield typed(read, selection.columns)

    def row(self, sql: str) -> Sequence[Any]:
        """Return the first row of a query that has one."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return tuple(cursor.fetchone() or ())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def literal(self, column: SourceColumn, value: Any) -> str:
        """Return the value of a cursor as SQL that compares with `column`."""
        if isinstance(value, datetime) and column.source_type == "timestamptz":
            return f"timestamptz '{value}+00'"
        return super().literal(column, value)

    def fault(self, error: Exception) -> Fault:
        """Return what an error of the driver means."""
        state = str(getattr(error, "sqlstate", "") or "")
        if state in _INTERRUPTIONS or state.startswith("08"):
            return "interrupted"
        if state in ("42P01", "42703", "3F000"):
            return "missing"
        lost = not state and any(word in str(error) for word in _LOST)
        return "interrupted" if lost and not _is_refusal(str(error)) else "other"

    def said(self, error: Exception) -> str:
        """Return the database's own words in an error of the driver, and the line and the place that it points to."""
        return _POSITION.sub(_place, _AFTER.sub("", _BEFORE.sub("", super().said(error))))

    def _column(self, field: pa.Field) -> SourceColumn:
        kind = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
        sql = self.quoted(field.name)
        if kind == "numeric":
            digits = _decimal(field)
            return SourceColumn(field.name, "decimal" if digits else "text", sql, kind, digits)
        if kind not in _AS_THEY_ARE:
            sql = f"cast({sql} as text)"
        return SourceColumn(field.name, _TYPES.get(kind, "text"), sql, kind)


def _decimal(field: pa.Field) -> pa.DataType | None:
    """The type of NUMERIC(p, s) where the contract's decimal holds each value of it; None keeps it as text."""
    modifier = int((field.metadata or {}).get(b"POSTGRESQL:typmod", b"-1")) - 4
    precision, scale = modifier >> 16, modifier & 0xFFFF
    return pa.decimal128(precision, scale) if modifier >= 0 and scale <= 4 and precision - scale <= 14 else None


def _place(found: re.Match[str]) -> str:
    """Return the line from the position on that PostgreSQL draws below it: what is before may be words of ours."""
    number, line, indent = found.groups()
    rest = line[len(indent) - len(f"LINE {number}: ") :]
    return " (at its end)" if rest.startswith(') as "asked"') else f" (line {number}: {rest})"


def _storage(column: pa.Array) -> pa.Array:
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def _is_refusal(text: str) -> bool:
    passing = ("starting up", "shutting down", "too many", "terminating", "recovery")
    return "FATAL" in text and not any(word in text for word in passing)
