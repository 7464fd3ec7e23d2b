"""The load log in the state file: which load ran, what it counted, which rows it rejected.

What belongs here: the tables `ops.load`, `ops.load_note`, `ops.load_reading`, `quality.rejected_row` and
`quality.load_reconciliation`, and the rule that a load without its rows marked 'succeeded' did not happen: the next one
takes its raw rows back before it begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.naming import quoted
from ingestion.readings import KeptReading

DDL = """
create schema if not exists ops;
create schema if not exists quality;
create table if not exists ops.load (
    load_id varchar, source varchar, resource varchar, started_at timestamp, finished_at timestamp,
    rows_loaded bigint, rows_deleted bigint, cursor_value varchar, status varchar, rows_rejected bigint
);
alter table ops.load add column if not exists rows_rejected bigint;
create table if not exists ops.load_note (
    load_id varchar, source varchar, severity varchar, sentence varchar
);
create table if not exists ops.load_reading (
    load_id varchar, source varchar, resource varchar, fingerprint varchar, left_out varchar[]
);
create table if not exists quality.rejected_row (
    load_id varchar, source varchar, table_name varchar, row_key varchar, reason varchar, rejected_at timestamp,
    payload varchar
);
create table if not exists quality.load_reconciliation (
    load_id varchar, source varchar, entity varchar, period_key int, measure varchar, source_value double,
    warehouse_value double, difference double, tolerance double, status varchar
);
"""

REJECTED_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("load_id", "source", "table_name", "row_key", "reason")]
    + [("rejected_at", pa.timestamp("us")), ("payload", pa.string())]
)


ROWS = "rows"
"""The measure that counts rows; every other is the sum of a column."""

_CENT = Decimal("0.005")
_SHARE = Decimal("1e-9")
"""A sum may differ by half a cent or this share of it: some databases add amounts as binary numbers."""


@dataclass(frozen=True)
class ResourceResult:
    """What one load did to one raw table; counts are rows.

    `extracted` came from the source; each was `appended` (a new version), `unchanged` or `rejected`. `deleted` are
    tombstones. `cursor` is the highest modification stamp kept, as text. `counted` is how many rows the source says
    that it has, None where it cannot be asked; `sums` are what it says that a column sums up to, and what came.
    `fingerprint` tells by which settings the table was read, None where none say so; `left_out` are the columns (raw
    names) that these do not deliver.
    """

    resource: str
    extracted: int = 0
    appended: int = 0
    unchanged: int = 0
    rejected: int = 0
    deleted: int = 0
    cursor: str | None = None
    counted: int | None = None
    sums: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    fingerprint: Mapping[str, str] | None = None
    left_out: tuple[str, ...] = ()


def begin(state_file: Path, source: str, dataset: str, clock: datetime, resources: Iterable[str]) -> str:
    """Take back what an interrupted load left, open a new load in the log and return its id."""
    with closing(duckdb.connect(str(state_file))) as connection:
        connection.execute(DDL)
        _roll_back(connection, source, dataset)
        number = connection.execute(
            "select count(distinct load_id) from ops.load where source = ?", [source]
        ).fetchall()[0][0]
        load_id = f"{source}-{clock.isoformat()}-{number:05d}"
        connection.executemany(
            "insert into ops.load values (?, ?, ?, ?, null, 0, 0, null, 'running', 0)",
            [[load_id, source, resource, clock] for resource in resources],
        )
    return load_id


def previous_kept(state_file: Path, source: str, entity: str) -> int | None:
    """Return how many rows of the source's table `entity` the last successful load read and did not reject, or None."""
    with closing(duckdb.connect(str(state_file), read_only=True)) as connection:
        rows = connection.execute(
            "select source_value - coalesce(rows_rejected, 0) from quality.load_reconciliation join ops.load"
            " on load.load_id = load_reconciliation.load_id and load.resource = entity"
            " where load_reconciliation.source = ? and entity = ? and measure = 'rows' and load.status = 'succeeded'"
            " order by load.started_at desc, load.load_id desc limit 1",
            [source, entity],
        ).fetchall()
    return int(rows[0][0]) if rows else None


def last_reading(state_file: Path, source: str, resource: str) -> KeptReading | None:
    """Return by which settings the last successful load read a resource; None where no load has kept that."""
    with closing(duckdb.connect(str(state_file), read_only=True)) as connection:
        rows = connection.execute(
            "select fingerprint, cursor_value, left_out"
            " from ops.load_reading join ops.load using (load_id, source, resource)"
            " where source = ? and resource = ? and status = 'succeeded'"
            " order by started_at desc, load_id desc limit 1",
            [source, resource],
        ).fetchall()
    return KeptReading(json.loads(rows[0][0]), rows[0][1], tuple(rows[0][2])) if rows else None


def last_notes(state_file: Path, source: str) -> frozenset[str]:
    """Return what the last successful load of a source noted."""
    with closing(duckdb.connect(str(state_file), read_only=True)) as connection:
        rows = connection.execute(
            "select sentence from ops.load_note where severity = 'note' and load_id = ("
            "select load_id from ops.load where source = ? and status = 'succeeded'"
            " order by started_at desc, load_id desc limit 1)",
            [source],
        ).fetchall()
    return frozenset(sentence for (sentence,) in rows)


def last_started(state_file: Path, source: str, resource: str) -> datetime | None:
    """Return the clock of the last successful load of a resource; None before the first."""
    with closing(duckdb.connect(str(state_file), read_only=True)) as connection:
        rows = connection.execute(
            "select max(started_at) from ops.load where source = ? and resource = ? and status = 'succeeded'",
            [source, resource],
        ).fetchall()
    started: datetime | None = rows[0][0]
    return started


def succeed(
    state_file: Path,
    load_id: str,
    dataset: str,
    results: Iterable[ResourceResult],
    rejected: pa.Table,
    seconds: float,
    said: Iterable[tuple[str, str]] = (),
) -> None:
    """Close the load in one transaction: counts, rejected rows, the reconciliation of rows, and what it `said`.

    `said` are (severity, sentence): 'note' for what is worth knowing, 'warning' for what a person should look at.
    """
    with closing(duckdb.connect(str(state_file))) as connection:
        connection.begin()
        for result in results:
            _log_result(connection, load_id, dataset, result, timedelta(seconds=seconds))
        for severity, sentence in said:
            connection.execute(
                "insert into ops.load_note select distinct load_id, source, ?, ? from ops.load where load_id = ?",
                [severity, sentence, load_id],
            )
        connection.register("incoming_rejected", rejected)
        connection.execute(
            "insert into quality.rejected_row"
            " select distinct on (source, table_name, row_key, payload) incoming_rejected.*"
            " from incoming_rejected anti join quality.rejected_row as kept"
            " using (source, table_name, row_key, payload)"
        )
        connection.commit()
        connection.unregister("incoming_rejected")


def fail(state_file: Path, load_id: str, source: str, dataset: str) -> None:
    """Take the rows of a failed load back and mark it 'failed' in the log."""
    with closing(duckdb.connect(str(state_file))) as connection:
        connection.begin()
        _delete_rows(connection, dataset, [load_id])
        connection.execute(
            "update ops.load set status = 'failed', finished_at = started_at where load_id = ? and source = ?",
            [load_id, source],
        )
        connection.commit()


def _log_result(
    connection: duckdb.DuckDBPyConnection, load_id: str, dataset: str, result: ResourceResult, took: timedelta
) -> None:
    table = f"{quoted(dataset)}.{quoted(result.resource)}"
    landed = connection.execute(
        f"select count(*) from {table} where _load_id = ? and _deleted_at is null", [load_id]
    ).fetchall()[0][0]
    accounted = landed + result.unchanged + result.rejected
    connection.execute(
        "update ops.load set finished_at = started_at + ?, rows_loaded = ?, rows_deleted = ?, cursor_value = ?,"
        " rows_rejected = ?, status = 'succeeded' where load_id = ? and resource = ?",
        [took, landed, result.deleted, result.cursor, result.rejected, load_id, result.resource],
    )
    if result.fingerprint is not None:
        connection.execute(
            "insert into ops.load_reading select load_id, source, resource, ?, ? from ops.load"
            " where load_id = ? and resource = ?",
            [json.dumps(result.fingerprint), list(result.left_out), load_id, result.resource],
        )
    source_rows = result.extracted if result.counted is None else result.counted
    _reconcile(connection, load_id, result.resource, ROWS, Decimal(source_rows), Decimal(accounted), Decimal(0))
    for column, (asked, came) in sorted(result.sums.items()):
        tolerance = max(_CENT, abs(asked) * _SHARE)
        _reconcile(connection, load_id, result.resource, f"sum of {column}", asked, came, tolerance)


def _reconcile(
    connection: duckdb.DuckDBPyConnection,
    load_id: str,
    resource: str,
    measure: str,
    source_value: Decimal,
    warehouse_value: Decimal,
    tolerance: Decimal,
) -> None:
    difference = source_value - warehouse_value
    status = "passed" if abs(difference) <= tolerance else "failed"
    values = [float(value) for value in (source_value, warehouse_value, difference, tolerance)]
    connection.execute(
        "insert into quality.load_reconciliation select load_id, source, resource, null, ?, ?, ?, ?, ?, ?"
        " from ops.load where load_id = ? and resource = ?",
        [measure, *values, status, load_id, resource],
    )


def _roll_back(connection: duckdb.DuckDBPyConnection, source: str, dataset: str) -> None:
    interrupted = connection.execute(
        "select distinct load_id from ops.load where source = ? and status = 'running' order by load_id", [source]
    ).fetchall()
    if not interrupted:
        return
    connection.begin()
    _delete_rows(connection, dataset, [row[0] for row in interrupted])
    connection.execute("delete from ops.load where source = ? and status = 'running'", [source])
    connection.commit()


def _delete_rows(connection: duckdb.DuckDBPyConnection, dataset: str, load_ids: list[str]) -> None:
    tables = connection.execute(
        "select table_name from duckdb_columns() where schema_name = ? and column_name = '_load_id'"
        " and database_name = current_database() order by table_name",
        [dataset],
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            f"delete from {quoted(dataset)}.{quoted(table)} where list_contains(?, _load_id)", [load_ids]
        )
