"""Builds a warehouse with dbt for a test: empty raw tables from the contracts, odd rows, one dbt command.

Only what several integration tests of the SQL need belongs here; expectations stay in the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
from dlt.common.normalizers.naming.snake_case import NamingConvention

from ingestion.contract import ARROW_TYPES, META_COLUMNS, TableContract

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
LOG_TABLES = """
    create schema if not exists ops;
    create schema if not exists quality;
    create table if not exists quality.load_reconciliation (
        load_id varchar, source varchar, entity varchar, period_key int, measure varchar, source_value double,
        warehouse_value double, difference double, tolerance double, status varchar);
"""


def run_dbt(
    folder: Path, *arguments: str, variables: Mapping[str, Any] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one dbt command on `folder`/state.duckdb and build.duckdb; the caller looks at its exit code."""
    environment = os.environ | {
        "SALESWH_DBT_STATE_FILE": str(folder / "state.duckdb"),
        "SALESWH_DBT_BUILD_FILE": str(folder / "build.duckdb"),
        "DO_NOT_TRACK": "1",
    }
    where = ["--profiles-dir", ".", "--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments, *where]
    return subprocess.run(
        [*command, "--vars", json.dumps(dict(variables or {}))],
        cwd=DBT_PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def set_clock(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Write the run's clock (UTC) and the log tables that every build reads."""
    connection.execute(LOG_TABLES)
    connection.execute("create or replace table ops.run_clock as select cast(? as timestamp) as as_of_ts", [as_of])


def create_raw(connection: duckdb.DuckDBPyConnection, source: str, tables: Iterable[TableContract]) -> None:
    """Create the empty raw tables of one source as its contracts declare them."""
    naming = NamingConvention()
    connection.execute(f"create schema if not exists raw_{source}")
    for table in tables:
        types = {naming.normalize_identifier(c.name): ARROW_TYPES[c.type] for c in table.columns} | META_COLUMNS
        empty = duckdb.arrow(_schema(types).empty_table(), connection=connection)
        empty.create(f'raw_{source}."{naming.normalize_table_identifier(table.name)}"')


def insert(connection: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    """Insert one raw row, extracted at a fixed time and told apart by its content."""
    row = {
        "_extracted_at": "2025-03-14 06:00:00",
        "_load_id": "test-1",
        "_row_hash": repr(sorted(values.items())),
    } | values
    places = ", ".join("?" for _ in row)
    connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})", list(row.values()))


def _schema(types: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    return pa.schema(list(types.items()))
