"""Read tables of any SQLAlchemy database as Arrow, in chunks.

What belongs here: columns, chunks, and sentences for what goes wrong. What does not: which tables, which rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from ingestion.errors import IngestionError, without_secrets


@contextmanager
def connect(url: str) -> Iterator[sa.Connection]:
    """Open a read connection; IngestionError where the address is wrong or the database does not answer."""
    try:
        address = sa.make_url(url)
    except SQLAlchemyError:
        raise IngestionError(
            "ERP database: the address is not a SQLAlchemy address (dialect://…); correct it."
        ) from None
    engine = sa.create_engine(_read_only(address))
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise IngestionError(_unreachable(address, error)) from None
    finally:
        engine.dispose()


def column_names(connection: sa.Connection, table: str, schema: str | None = None) -> list[str]:
    """Return the table's columns in order; IngestionError if there is no such table."""
    try:
        return [str(column["name"]) for column in sa.inspect(connection).get_columns(table, schema=schema)]
    except NoSuchTableError:
        raise IngestionError(
            f"ERP database: table {table} does not exist; grant access to it or take it out of the contract."
        ) from None


def read_table(
    connection: sa.Connection,
    table: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    at_least: tuple[str, Any] | None = None,
    batch_rows: int = 50_000,
) -> Iterator[pa.Table]:
    """Yield the table's rows as Arrow; `at_least` = (column, value) keeps those where column ≥ value."""
    source = sa.table(table, *(sa.column(name) for name in columns), schema=schema)
    query = sa.select(*(source.c[name] for name in columns))
    if at_least is not None:
        query = query.where(source.c[at_least[0]] >= at_least[1])
    with connection.execution_options(stream_results=True).execute(query) as result:
        for rows in result.partitions(batch_rows):
            yield to_arrow(columns, rows)


def to_arrow(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return DBAPI rows as an Arrow table; a column of mixed types becomes text."""
    values = list(zip(*rows, strict=True))
    return pa.table([_array(column) for column in values], names=list(columns))


def _array(values: Sequence[Any]) -> pa.Array:
    try:
        if any(isinstance(value, Decimal) for value in values):
            return _text(values)
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return _text(values)


def _text(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _read_only(address: sa.URL) -> sa.URL:
    """Return a SQLite file's address opened read-only, so that a wrong path is an error and not a new file."""
    path = address.database
    if address.get_backend_name() != "sqlite" or not path or path.startswith(("file:", ":memory:")):
        return address
    return address.set(database=f"file:{path}", query={**address.query, "mode": "ro", "uri": "true"})


def _unreachable(address: sa.URL, error: SQLAlchemyError) -> str:
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    where = address.render_as_string(hide_password=True)
    secrets = [str(address.password)] if address.password else []
    return (
        f"ERP database {where} could not be read: {without_secrets(cause, secrets)};"
        " check that it runs, its address and the password."
    )
