"""The demo ERP: typed tables with primary keys and the vendor's change stamps, in SQLite, PostgreSQL or MariaDB.

Every row has ``updated_at`` (UTC) and ``rowversion``, a counter of the whole database that grows with each change; a
deleted row just vanishes; amounts are DECIMAL(18, 4). SQLite keeps DATE as text ``YYYY-MM-DD`` and TIMESTAMP as text
``YYYY-MM-DD HH:MM:SS.ffffff``. The table ``demo_clock`` holds the day of the company that the database shows, which
lets an interrupted move be repeated, and marks the database as one that may be replaced.
What does not belong here: what the company sells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from demo.company.timeline import FROZEN_NOW, TableTimeline, state_at
from demo.systems.errors import DemoError
from ingestion.contract import ColumnType, TableContract
from ingestion.sources.erp.tables import TABLES as READ

TABLES = {
    name: replace(table, columns=tuple(column for column in table.columns if not column.optional))
    for name, table in READ.items()
}
"""The tables that the warehouse reads, without the columns that most ERPs do not have."""

CLOCK_TABLE = "demo_clock"

SQL_TYPES: dict[ColumnType, str] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "decimal": "DECIMAL(18, 4)",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
_OTHER_TYPES: dict[str, dict[ColumnType, str]] = {
    "postgresql": {"integer": "BIGINT", "double": "DOUBLE PRECISION"},
    "mysql": {"integer": "BIGINT", "timestamp": "DATETIME(6)"},
}
_TABLE_OPTIONS = {"mysql": " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"}
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}

_FORMATS = {"date": "%Y-%m-%d", "timestamp": "%Y-%m-%d %H:%M:%S"}
"""Arrow's %S of a microsecond stamp includes the microseconds."""

Rows = list[dict[str, Any]]


def create_erp(url: str, read: Callable[[str], TableTimeline], now: datetime) -> None:
    """Write an ERP that shows the company at `now`; `read` gives a table's timeline by name.

    A demo ERP that is there already is replaced. DemoError if the database cannot be reached or holds tables of these
    names that no demo ERP made.
    """
    with _transaction(url) as connection:
        present = set(sa.inspect(connection).get_table_names())
        if CLOCK_TABLE not in present and (foreign := sorted(present & TABLES.keys())):
            raise DemoError(
                f"The database {_shown(url)} holds tables that are no demo company's ({', '.join(foreign)}): name an"
                " empty database."
            )
        for name in present & {*TABLES, CLOCK_TABLE}:
            _run(connection, f"DROP TABLE {_quoted(connection, name)}")
        for name, contract in TABLES.items():
            _run(connection, _create_table(connection, contract))
            _insert(connection, contract, _rows(contract, state_at(read(name), now)))
        _run(connection, f"CREATE TABLE {CLOCK_TABLE} (days INTEGER NOT NULL)")
        _set_day(connection, now)


def has_erp(url: str) -> bool:
    """Whether the database holds a demo ERP; DemoError if it cannot be reached."""
    with _transaction(url) as connection:
        return sa.inspect(connection).has_table(CLOCK_TABLE)


def move_erp(url: str, read: Callable[[str], TableTimeline], now: datetime) -> None:
    """Apply what changed between the moment the database shows and `now`, in one transaction.

    Only rows that differ are written, and only rows that vanished are deleted. DemoError if there is no demo ERP.
    """
    with _transaction(url) as connection:
        if not sa.inspect(connection).has_table(CLOCK_TABLE):
            raise DemoError(f"The database {_shown(url)} holds no demo ERP: create the demo company first.")
        shown = _day(connection)
        for name, contract in TABLES.items():
            timeline = read(name)
            before, after = state_at(timeline, shown), state_at(timeline, now)
            _delete(connection, contract, _missing(before, after, contract.key))
            changed = _missing(after, before, (*contract.key, "rowversion"))
            _delete(connection, contract, changed)
            _insert(connection, contract, _rows(contract, changed))
        _set_day(connection, now)


@contextmanager
def _transaction(url: str) -> Iterator[sa.Connection]:
    address = sa.make_url(url)
    # Whatever driver the address names: the warehouse reads it by its own, and these are the installed ones.
    engine = sa.create_engine(address.set(drivername=_DRIVERS.get(_backend(address), address.drivername)))
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        raise DemoError(f"The demo ERP in {_shown(url)} cannot be written: {cause}; check the address.") from None
    finally:
        engine.dispose()


def _backend(address: sa.URL) -> str:
    return address.drivername.partition("+")[0]


def _shown(url: str) -> str:
    return sa.make_url(url).render_as_string(hide_password=True)


def _run(connection: sa.Connection, sql: str, rows: Rows | None = None) -> None:
    if rows is None or rows:
        connection.execute(sa.text(sql), rows)


def _quoted(connection: sa.Connection, name: str) -> str:
    return str(connection.dialect.identifier_preparer.quote_identifier(name))


def _create_table(connection: sa.Connection, contract: TableContract) -> str:
    dialect = connection.dialect.name
    types = SQL_TYPES | _OTHER_TYPES.get(dialect, {})
    lines = []
    for column in contract.columns:
        kind = types[column.type]
        if dialect == "mysql" and column.type == "text" and column.name in contract.key:
            kind = "VARCHAR(255)"
        lines.append(f"    {_quoted(connection, column.name)} {kind}{' NOT NULL' if column.required else ''}")
    lines.append(f"    PRIMARY KEY ({', '.join(_quoted(connection, name) for name in contract.key)})")
    head = f"CREATE TABLE {_quoted(connection, contract.name)} (\n"
    return head + ",\n".join(lines) + f"\n){_TABLE_OPTIONS.get(dialect, '')}"


def _insert(connection: sa.Connection, contract: TableContract, rows: Rows) -> None:
    marks = ", ".join(f":{column.name}" for column in contract.columns)
    _run(connection, f"INSERT INTO {_quoted(connection, contract.name)} VALUES ({marks})", rows)


def _delete(connection: sa.Connection, contract: TableContract, rows: pd.DataFrame) -> None:
    where = " AND ".join(f"{_quoted(connection, name)} = :{name}" for name in contract.key)
    keys = [column for column in contract.columns if column.name in contract.key]
    values = {column.name: _values(rows[column.name], column.type) for column in keys}
    _run(connection, f"DELETE FROM {_quoted(connection, contract.name)} WHERE {where}", _records(values))


def _missing(rows: pd.DataFrame, others: pd.DataFrame, key: Iterable[str]) -> pd.DataFrame:
    """The rows whose key is not among `others`."""
    names = list(key)
    known = pd.MultiIndex.from_frame(others[names])
    return rows[~pd.MultiIndex.from_frame(rows[names]).isin(known)]


def _rows(contract: TableContract, frame: pd.DataFrame) -> Rows:
    return _records({c.name: _values(frame[c.name], c.type) for c in contract.columns})


def _records(columns: dict[str, list[Any]]) -> Rows:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _values(column: pd.Series, kind: ColumnType) -> list[Any]:
    """A column as Python values that every driver takes, times as text, NULL as None."""
    if kind in ("date", "timestamp"):
        moments = pa.array(pd.to_datetime(column), type=pa.timestamp("us"), from_pandas=True)
        texts: list[Any] = pc.strftime(moments, format=_FORMATS[kind]).to_pylist()
        return texts
    if kind in ("boolean", "integer"):
        column = column.astype("Int64")
    values: list[Any] = pa.array(column, from_pandas=True).to_pylist()
    if kind == "boolean":
        return [None if value is None else bool(value) for value in values]
    return values


def _day(connection: sa.Connection) -> datetime:
    days: int = connection.execute(sa.text(f"SELECT days FROM {CLOCK_TABLE}")).scalar_one()
    return FROZEN_NOW + timedelta(days=days)


def _set_day(connection: sa.Connection, now: datetime) -> None:
    _run(connection, f"DELETE FROM {CLOCK_TABLE}")
    _run(connection, f"INSERT INTO {CLOCK_TABLE} VALUES (:days)", [{"days": (now - FROZEN_NOW).days}])
