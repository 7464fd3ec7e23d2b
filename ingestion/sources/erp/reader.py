"""Any other database through SQLAlchemy: rows of its driver as Arrow, in chunks.

What belongs here: what needs SQLAlchemy's own drivers. What does not: the databases that have a faster reader, and
which tables are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from ingestion.errors import IngestionError, without_secrets
from ingestion.sources.erp.session import Fault, Selection, Session, SourceColumn, fetch_size

_MISSING = ("no such table", "does not exist", "not found", "unknown column", "invalid object name")


class SqlAlchemySession(Session):
    """A connection of SQLAlchemy; how consistent its reads are is the database's default."""

    errors = (SQLAlchemyError, OSError)

    def __init__(self, address: sa.URL) -> None:
        try:
            self._engine = sa.create_engine(address)
            super().__init__(address, self._engine.dialect)
            self._connection = self._engine.connect()
        except (SQLAlchemyError, ImportError) as error:
            raise IngestionError(_unreachable(address, error)) from None

    def columns(self, name: str, relation: str) -> tuple[SourceColumn, ...]:
        """Return the relation's columns in order; IngestionError if there is no such table."""
        query = sa.text(f"select * from {relation} where 1 = 0")
        with self.reading(name, relation), self._connection.execute(query) as result:
            return tuple(SourceColumn(column, "text", self.quoted(column)) for column in list(result.keys()))

    def batches(self, selection: Selection, batch_rows: int) -> Iterator[pa.Table]:
        """Yield the selected rows as Arrow tables."""
        names = [column.name for column in selection.columns]
        query = sa.text(self.select(selection).replace(":", r"\:"))
        with (
            self.reading(selection.name, selection.relation),
            self._connection.execution_options(stream_results=True).execute(query) as result,
        ):
            for rows in result.partitions(fetch_size(len(names), batch_rows)):
                yield to_arrow(names, rows)

    def row(self, sql: str) -> Sequence[Any]:
        """Return the first row of a query that has one."""
        return tuple(self._connection.execute(sa.text(sql.replace(":", r"\:"))).one())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
        self._engine.dispose()

    def fault(self, error: Exception) -> Fault:
        """Return what an error of the driver means."""
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return "interrupted"
        return "missing" if any(word in str(error).lower() for word in _MISSING) else "other"


def parse_address(url: str) -> sa.URL:
    """Return the address in its parts; IngestionError if it is none, or of a database that nobody knows."""
    try:
        address = sa.make_url(url)
        address.get_dialect()
    except NoSuchModuleError:
        raise IngestionError(
            f"ERP database: SQLAlchemy knows no {address.drivername}; expected postgresql, mysql, mariadb, mssql,"
            " sqlite or a dialect that is installed."
        ) from None
    except ImportError:
        return address
    except SQLAlchemyError:
        raise IngestionError(
            "ERP database: the address is not a SQLAlchemy address (dialect://…); correct it."
        ) from None
    return address


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


def _unreachable(address: sa.URL, error: Exception) -> str:
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    where = address.render_as_string(hide_password=True)
    secrets = [str(address.password)] if address.password else []
    return (
        f"ERP database {where} could not be read: {without_secrets(cause, secrets)};"
        " check that it runs, its address and the password."
    )
