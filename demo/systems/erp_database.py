"""The demo ERP: one SQLite file with typed tables, primary keys and the vendor's change stamps.

Conventions of the file: DATE is text ``YYYY-MM-DD``; TIMESTAMP is text ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC, the
form that SQLAlchemy reads and writes; BOOLEAN is 0 or 1; amounts are DECIMAL(18, 4). Every row has ``updated_at``
and ``rowversion``, a counter of the whole database that grows with each change; a deleted row just vanishes.
``PRAGMA user_version`` holds the day of the company the file shows, which lets an interrupted move be repeated.
What does not belong here: what the company sells.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from demo.company.timeline import FROZEN_NOW, TableTimeline, state_at
from ingestion.contract import ColumnType, TableContract
from ingestion.sources.erp.tables import TABLES

SQL_TYPES: dict[ColumnType, str] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "decimal": "DECIMAL(18, 4)",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

_FORMATS = {"date": "%Y-%m-%d", "timestamp": "%Y-%m-%d %H:%M:%S"}
"""Arrow's %S of a microsecond stamp includes the microseconds."""

Rows = list[tuple[Any, ...]]


def create_erp(path: Path, read: Callable[[str], TableTimeline], now: datetime) -> None:
    """Write a new ERP database that shows the company at `now`; `read` gives a table's timeline by name."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, contract in TABLES.items():
            connection.execute(_create_table(contract))
            _insert(connection, contract, _rows(contract, state_at(read(name), now)))
        _set_day(connection, now)


def move_erp(path: Path, read: Callable[[str], TableTimeline], now: datetime) -> None:
    """Apply what changed between the moment the file shows and `now`, in one transaction.

    Only rows that differ are written, and only rows that vanished are deleted.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        shown = _day(connection)
        for name, contract in TABLES.items():
            timeline = read(name)
            before, after = state_at(timeline, shown), state_at(timeline, now)
            _delete(connection, contract, _missing(before, after, contract.key))
            changed = _missing(after, before, (*contract.key, "rowversion"))
            _insert(connection, contract, _rows(contract, changed))
        _set_day(connection, now)


def _create_table(contract: TableContract) -> str:
    lines = [f'    "{c.name}" {SQL_TYPES[c.type]}{" NOT NULL" if c.required else ""}' for c in contract.columns]
    lines.append(f"    PRIMARY KEY ({', '.join(contract.key)})")
    return f'CREATE TABLE "{contract.name}" (\n' + ",\n".join(lines) + "\n)"


def _insert(connection: sqlite3.Connection, contract: TableContract, rows: Rows) -> None:
    marks = ", ".join("?" for _ in contract.columns)
    connection.executemany(f'INSERT OR REPLACE INTO "{contract.name}" VALUES ({marks})', rows)


def _delete(connection: sqlite3.Connection, contract: TableContract, rows: pd.DataFrame) -> None:
    where = " AND ".join(f"{name} = ?" for name in contract.key)
    keys = [column for column in contract.columns if column.name in contract.key]
    ordered = sorted(keys, key=lambda column: contract.key.index(column.name))
    values = zip(*(_values(rows[column.name], column.type) for column in ordered), strict=True)
    connection.executemany(f'DELETE FROM "{contract.name}" WHERE {where}', list(values))


def _missing(rows: pd.DataFrame, others: pd.DataFrame, key: Iterable[str]) -> pd.DataFrame:
    """The rows whose key is not among `others`."""
    names = list(key)
    known = pd.MultiIndex.from_frame(others[names])
    return rows[~pd.MultiIndex.from_frame(rows[names]).isin(known)]


def _rows(contract: TableContract, frame: pd.DataFrame) -> Rows:
    return list(zip(*(_values(frame[c.name], c.type) for c in contract.columns), strict=True))


def _values(column: pd.Series, kind: ColumnType) -> list[Any]:
    """A column as SQLite stores it, NULL as None."""
    if kind in ("date", "timestamp"):
        moments = pa.array(pd.to_datetime(column), type=pa.timestamp("us"), from_pandas=True)
        texts: list[Any] = pc.strftime(moments, format=_FORMATS[kind]).to_pylist()
        return texts
    if kind in ("boolean", "integer"):
        column = column.astype("Int64")
    values = column.astype(object)
    values[column.isna()] = None
    return list(values)


def _day(connection: sqlite3.Connection) -> datetime:
    days: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return FROZEN_NOW + timedelta(days=days)


def _set_day(connection: sqlite3.Connection, now: datetime) -> None:
    connection.execute(f"PRAGMA user_version = {(now - FROZEN_NOW).days}")
