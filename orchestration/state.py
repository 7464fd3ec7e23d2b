"""The durable state file: its tables, and the few ways in which rows get in.

What belongs here: opening the file and appending or replacing frames, each in one transaction. What does not: raw
tables and load logs (ingestion writes those) and the meaning of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

TABLES_SQL = Path(__file__).with_name("state_tables.sql")


class StateError(Exception):
    """The state file cannot be opened or a frame does not fit its table; the message says which."""


@contextmanager
def open_state(state_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the state for writing, in one transaction that is kept only if the block ends well."""
    state_file.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(state_file))
    try:
        connection.execute("begin")
        yield connection
        connection.execute("commit")
    finally:
        connection.close()


@contextmanager
def read_only(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse file for reading. Raises `StateError` when it is not there."""
    if not file.is_file():
        raise StateError(f"Expected the warehouse file {file}, but it does not exist: run `saleswh run` first.")
    connection = duckdb.connect(str(file), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def prepare_state(state_file: Path, clock: datetime) -> None:
    """Create the tables that are missing and set the run's clock (naive UTC)."""
    with open_state(state_file) as connection:
        connection.execute(TABLES_SQL.read_text(encoding="utf-8"))
        connection.execute("delete from ops.run_clock")
        connection.execute("insert into ops.run_clock values (?)", [clock])


def has_table(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the connection's own database holds `schema.table`."""
    found = connection.execute(
        "select 1 from duckdb_tables()"
        " where database_name = current_database() and schema_name || '.' || table_name = ?",
        [table],
    )
    return bool(found.fetchall())


def append(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> int:
    """Append a frame by column name; give the rows written. Raises `StateError` on unknown or missing columns."""
    columns = _columns(connection, table)
    if set(columns) != set(frame.columns):
        raise StateError(
            f"Table {table} expects the columns {', '.join(columns)}; the frame has {', '.join(frame.columns)}."
        )
    connection.register("incoming", frame)
    casts = ", ".join(f'cast("{name}" as {type_name}) as "{name}"' for name, type_name in columns.items())
    connection.execute(f"insert into {table} by name select {casts} from incoming")
    connection.unregister("incoming")
    return len(frame)


def append_unseen(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame, key: str) -> int:
    """Append only the rows whose `key` the table does not hold yet; give the rows written."""
    known = {row[0] for row in connection.execute(f"select distinct {key} from {table}").fetchall()}
    return append(connection, table, frame[~frame[key].isin(known)])


def replace(
    connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame, where: Mapping[str, object] | None = None
) -> int:
    """Replace the table's rows, or those that equal `where`, by the frame; give the rows written."""
    conditions = " and ".join(f"{column} = ?" for column in where or {}) or "true"
    connection.execute(f"delete from {table} where {conditions}", list((where or {}).values()))
    return append(connection, table, frame)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    schema, name = table.split(".")
    rows = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = ? and table_name = ? and table_catalog = current_database() order by ordinal_position",
        [schema, name],
    ).fetchall()
    if not rows:
        raise StateError(f"The state file has no table {table}.")
    return dict(rows)
