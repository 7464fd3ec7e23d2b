"""The release's DuckDB file: which tables it holds, and how they get there.

What belongs here: copying tables out of the build and the state file into one new file, and counting and hashing
what was copied. What does not: folders, manifests and pointers (`release.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

RELEASED_SCHEMAS = ("marts", "forecast", "planning", "quality", "ops")
"""A release holds these schemas and nothing raw."""

PRIVATE_TABLES = frozenset(
    {
        ("ops", "run_clock"),
        ("ops", "build_stamp"),
        ("ops", "load_note"),
        ("ops", "load_reading"),
        ("quality", "load_reconciliation"),
    }
)
"""Tables that serve the run itself; `ops.clock`, the manifest's run id and `quality.reconciliation` are the public
twins of three of them, and the notes of loads and their settings' hashes stay in the state file."""


class ReleaseError(Exception):
    """A release cannot be built, found or switched to; the message says which and why."""


@dataclass(frozen=True)
class TableSummary:
    """What one released table holds: its rows and a hash over every row and column, whatever the order."""

    name: str
    row_count: int
    content_hash: str


def copy_tables(build_file: Path, state_file: Path, target_file: Path) -> list[TableSummary]:
    """Copy every released table into a new file at `target_file`; a table in both files is the build's.

    Views are copied as tables, since a view stores the name of the file that it was made in. Raises
    `ReleaseError` when an input file is missing or the target already exists.
    """
    for source in (build_file, state_file):
        if not source.is_file():
            raise ReleaseError(f"Expected the warehouse file {source}, but it does not exist: run the warehouse first.")
    if target_file.exists():
        raise ReleaseError(f"The release file {target_file} exists already; a release is never overwritten.")
    connection = duckdb.connect(str(target_file))
    try:
        _attach(connection, build_file, "build")
        _attach(connection, state_file, "state")
        owners = _owners(connection)
        # All of them, empty ones too: whoever connects finds the schemas of the contract.
        for schema in RELEASED_SCHEMAS:
            connection.execute(f"create schema {schema}")
        for (schema, table), owner in sorted(owners.items()):
            connection.execute(f'create table {schema}."{table}" as select * from {owner}.{schema}."{table}"')
        connection.execute("detach build; detach state; checkpoint")
        return summarise(connection)
    finally:
        connection.close()


def summarise(connection: duckdb.DuckDBPyConnection) -> list[TableSummary]:
    """Count and hash every table of the connection's own database."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database() and not internal order by all"
    ).fetchall()
    return [_summary(connection, schema, table) for schema, table in tables]


def _summary(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> TableSummary:
    row = connection.execute(
        f'select count(*), coalesce(sum(hash(t)), 0)::varchar from {schema}."{table}" as t'
    ).fetchall()[0]
    return TableSummary(f"{schema}.{table}", int(row[0]), str(row[1]))


def _attach(connection: duckdb.DuckDBPyConnection, file: Path, alias: str) -> None:
    path = str(file).replace("'", "''")
    connection.execute(f"attach '{path}' as {alias} (read_only)")


def _owners(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Which file each released table comes from: the state's first, overruled by the build's."""
    owners: dict[tuple[str, str], str] = {}
    for owner in ("state", "build"):
        rows = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = ? and list_contains(?, table_schema)",
            [owner, list(RELEASED_SCHEMAS)],
        ).fetchall()
        owners.update(dict.fromkeys(rows, owner))
    return {name: owner for name, owner in owners.items() if name not in PRIVATE_TABLES}
