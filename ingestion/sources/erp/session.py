"""One read-only session on an ERP database: what every kind of database does alike.

What belongs here: the columns and rows that a load asks for, their SQL, and the sentences for what goes wrong. What
does not: drivers (one module per kind of database) and which tables are read.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
import sqlalchemy as sa

from ingestion.contract import ColumnType
from ingestion.errors import IngestionError, SourceInterruptedError, without_secrets
from ingestion.load_log import ROWS
from ingestion.naming import nearest

Fault = Literal["interrupted", "missing", "other"]

_WRAPPED = re.compile(r"\s*\)\s*as\s+\W?asked\W?(\s+limit 0)?")
"""What stands behind a query of the settings wherever it is asked."""

CELLS_AT_A_TIME = 1_000_000
"""Cells held at a time where a driver hands out Python values: a wide table is fetched in fewer rows."""


@dataclass(frozen=True)
class SourceColumn:
    """One column as the database has it.

    `type` is the contract type that holds every value of it, `sql` the expression that reads it without loss, and
    `source_type` the database's own name of the type. `arrow` is what the text of the driver stands for, where the
    database always writes values of that type in the same way.
    """

    name: str
    type: ColumnType
    sql: str
    source_type: str = ""
    arrow: pa.DataType | None = None


@dataclass(frozen=True)
class Selection:
    """Rows of one table or query: `relation` is SQL; `at_least` = (column, value) keeps those where column ≥ value."""

    name: str
    relation: str
    columns: tuple[SourceColumn, ...]
    at_least: tuple[SourceColumn, Any] | None = None

    def of(self, names: Sequence[str]) -> Selection:
        """Return the same rows with only these columns, in this order; IngestionError for one that is not there."""
        known = {column.name: column for column in self.columns}
        if missing := [name for name in names if name not in known]:
            meant = [near for near in (nearest(name, known) for name in missing) if near]
            hint = f": do you mean {' and '.join(meant)}?" if meant else "."
            raise IngestionError(
                f"Table {self.name}: column {', '.join(missing)} is missing at the source, which has"
                f" {', '.join(known)}; restore it or correct the settings{hint}"
            )
        return Selection(self.name, self.relation, tuple(known[name] for name in names), self.at_least)


class Session(ABC):
    """A connection that reads one state of the database, and nothing but reads.

    A subclass says how to connect, which exceptions its driver raises and what they mean.
    """

    errors: tuple[type[Exception], ...] = ()

    def __init__(self, address: sa.URL, dialect: sa.Dialect) -> None:
        self.address, self.dialect = address, dialect

    @abstractmethod
    def columns(self, name: str, relation: str) -> tuple[SourceColumn, ...]:
        """Return the relation's columns in order; IngestionError if there is no such table."""

    @abstractmethod
    def batches(self, selection: Selection, batch_rows: int) -> Iterator[pa.Table]:
        """Yield the selected rows as Arrow tables of at most about `batch_rows` rows, all with the same types."""

    @abstractmethod
    def row(self, sql: str) -> Sequence[Any]:
        """Return the first row of a query that has one."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back."""

    @abstractmethod
    def fault(self, error: Exception) -> Fault:
        """Return whether an error of the driver may pass, tells of something that is not there, or neither."""

    def said(self, error: Exception) -> str:
        """Return the database's own words in an error of the driver, without the statement that it failed on."""
        return str(getattr(error, "orig", None) or error)

    def relation(self, table: str, schema: str | None, query: str | None) -> str:
        """Return the SQL after FROM: the quoted table, or the query in parentheses."""
        if query:
            # On a line of its own: the query may end in a comment.
            return f"({query.strip().rstrip(';')}\n) as {self.quoted('asked')}"
        return ".".join(self.quoted(part) for part in (schema, table) if part)

    def quoted(self, name: str) -> str:
        """Return a name as this database quotes it."""
        return str(self.dialect.identifier_preparer.quote_identifier(name))

    def select(self, selection: Selection, columns: Sequence[str] | None = None) -> str:
        """Return the SQL of the selected rows; `columns` are expressions instead of the selection's own."""
        expressions = columns or [f"{column.sql} as {self.quoted(column.name)}" for column in selection.columns]
        return f"select {', '.join(expressions)} from {selection.relation}{self._where(selection)}"

    def totals(self, selection: Selection, amounts: Sequence[str]) -> dict[str, Decimal]:
        """Ask the database itself for the number of selected rows, and the sums of some of their columns."""
        sums = [f"sum({self.quoted(name)})" for name in amounts]
        with self.reading(selection.name, selection.relation):
            answer = self.row(self.select(selection, ["count(*)", *sums]))
        values = [Decimal(str(value)) if value is not None else Decimal(0) for value in answer]
        return dict(zip((ROWS, *amounts), values, strict=True))

    def literal(self, column: SourceColumn, value: Any) -> str:
        """Return the value of a cursor, a date, time, number or text, as SQL that compares with `column`."""
        if isinstance(value, datetime | date):
            return f"'{value}'"
        if isinstance(value, int | float | Decimal):
            return str(value)
        return str(sa.literal(value).compile(dialect=self.dialect, compile_kwargs={"literal_binds": True}))

    @contextmanager
    def reading(self, name: str, relation: str = "") -> Iterator[None]:
        """Turn what the driver raises inside the block into one sentence about the table `name` from `relation`."""
        try:
            yield
        except self.errors as error:
            raise self.sentence(error, name, relation) from None

    def sentence(self, error: Exception, name: str = "", relation: str = "") -> IngestionError:
        """Return what to raise instead of a driver's error: about the table `name`, or about connecting."""
        fault = self.fault(error)
        if is_query(relation) and fault != "interrupted":
            return query_failed(name, self._cause(error))
        if fault == "missing" and name:
            return IngestionError(
                f"ERP database: table {name} does not exist or lacks a column that is asked for ({self._cause(error)});"
                " grant access to it or take it out of the contract."
            )
        where = self.address.render_as_string(hide_password=True)
        what = f"table {name} of {where}" if name else where
        advice = "check that it runs, its address and the password" if not name else "check the database and load again"
        kind = SourceInterruptedError if fault == "interrupted" else IngestionError
        return kind(f"ERP database {what} could not be read: {self._cause(error)}; {advice}.")

    def _where(self, selection: Selection) -> str:
        if selection.at_least is None:
            return ""
        column, value = selection.at_least
        return f" where {self.quoted(column.name)} >= {self.literal(column, value)}"

    def _cause(self, error: Exception) -> str:
        secrets = [str(self.address.password)] if self.address.password else []
        return without_secrets(_WRAPPED.sub("", self.said(error)), secrets).rstrip(" .;")


def query_failed(name: str, said: str) -> IngestionError:
    """Return the sentence on a query of the settings that the database refuses."""
    advice = "grant access to what it reads" if "denied" in said else "correct it there"
    return IngestionError(f"ERP database: the query of table {name} in the settings failed: {said}; {advice}.")


def is_query(relation: str) -> bool:
    """Return whether the SQL after FROM is a query of the settings, and not a table."""
    return relation.startswith("(")


def typed(batch: pa.Table, columns: Sequence[SourceColumn]) -> pa.Table:
    """Return the batch with the text of `columns` as the type it stands for; as text where one value is none."""
    for position, column in enumerate(columns):
        values = batch.column(position)
        if column.arrow is None or not pa.types.is_string(values.type):
            continue
        try:
            values = values.cast(column.arrow)
        except pa.ArrowInvalid:
            # A day of zeros, NaN, a number beyond 64 bits: the contract's cast finds the row and says why.
            continue
        batch = batch.set_column(position, column.name, values)
    return batch


def fetch_size(columns: int, batch_rows: int) -> int:
    """Return how many rows to fetch at a time so that no more than `CELLS_AT_A_TIME` are held."""
    return max(1, min(batch_rows, CELLS_AT_A_TIME // max(columns, 1)))
