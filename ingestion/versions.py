"""Which rows of a load are new versions, and which known rows have vanished.

What belongs here: the comparison of one table's incoming rows with the versions already kept in the state file.
What does not: casting (`casting.py`) and reading the source.

Everything is compared inside one scratch DuckDB connection, in three temporary tables per source table: `known`
(latest version per key in the state file), `seen` (key and hash met in this load) and `staged` (the batch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.casting import REASON, ROW_NUMBER, key_expression
from ingestion.contract import TableContract
from ingestion.naming import literal, quoted, raw_name


@dataclass(frozen=True)
class StateTable:
    """One raw table in the state file: `exists` is False before its first load."""

    state_file: Path
    dataset: str
    name: str
    exists: bool
    columns: tuple[str, ...] = ()

    @property
    def qualified_name(self) -> str:
        """The table's name while the file is attached as `state`."""
        return f"state.{quoted(self.dataset)}.{quoted(self.name)}"

    def relation(self, contract: TableContract) -> str:
        """The table's rows, attached likewise; a key or cursor that comes for the first time now is NULL in them."""
        needed = {raw_name(column) for column in (*contract.key, contract.cursor) if column}
        added = [f"cast(null as varchar) as {quoted(column)}" for column in sorted(needed - set(self.columns))]
        return f"(select *, {', '.join(added)} from {self.qualified_name})" if added else self.qualified_name


def find_state_table(connection: duckdb.DuckDBPyConnection, state_file: Path, dataset: str, name: str) -> StateTable:
    """Look the raw table up in the state file, which need not exist yet."""
    if not state_file.exists():
        return StateTable(state_file, dataset, name, exists=False)
    with _Attached(connection, state_file):
        rows = connection.execute(
            "select column_name from duckdb_columns()"
            " where database_name = 'state' and schema_name = ? and table_name = ? order by column_index",
            [dataset, name],
        ).fetchall()
    return StateTable(state_file, dataset, name, bool(rows), tuple(row[0] for row in rows))


def read_known(
    connection: duckdb.DuckDBPyConnection, contract: TableContract, table: StateTable, up_to: str | None = None
) -> Any:
    """Fill `known` and empty `seen`; return the highest cursor value kept so far, or None.

    The latest version of a key is the one recorded last, whatever its stamp says. `up_to`, if given, is how far the
    last load came: a row that other settings once brought may bear a stamp beyond it. Rows that other settings brought
    without what is the key now are not known by it: neither changed nor gone.
    """
    connection.execute("create or replace temp table seen (row_key varchar, content_hash varchar)")
    connection.execute(
        "create or replace temp table known (row_key varchar, content_hash varchar, is_deleted boolean, stamp varchar)"
    )
    if not table.exists:
        return None
    stamp = quoted(raw_name(contract.cursor)) if contract.cursor else "null"
    required = [raw_name(c.name) for c in contract.columns if c.required and c.name in contract.key]
    with _Attached(connection, table.state_file):
        connection.execute(f"""
            insert into known
            select {key_expression(contract)}, _row_hash, _deleted_at is not null, cast({stamp} as varchar)
            from {table.relation(contract)}
            where {" and ".join(["true", *(f"{quoted(name)} is not null" for name in required)])}
            qualify row_number() over (
                partition by {", ".join(quoted(raw_name(name)) for name in contract.key)}
                order by {_recorded_last(contract)}
            ) = 1
        """)
        if not contract.cursor:
            return None
        reached = f" where {stamp} <= {literal(up_to)}" if up_to else ""
        rows = connection.execute(f"select max({stamp}) from {table.relation(contract)}{reached}").fetchall()
    return rows[0][0]


def unseen_versions(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> pa.Table:
    """Return the fitting rows of `staged` that differ from the latest known version of their key.

    Repetitions within the load are dropped. Columns: `columns` in order, then `_row_hash`.
    """
    _note_repeated(connection)
    selected = ", ".join(f"staged.{quoted(name)}" for name in columns)
    fresh = connection.execute(f"""
        select {selected}, staged.content_hash as _row_hash
        from staged
        left join known on known.row_key = staged.row_key
        where staged.{REASON} is null
            and (known.row_key is null or known.is_deleted or known.content_hash <> staged.content_hash)
            and staged.{ROW_NUMBER} not in (select {ROW_NUMBER} from repeated)
        order by staged.{ROW_NUMBER}
    """).to_arrow_table()
    connection.execute(f"insert into seen select row_key, content_hash from staged where {REASON} is null")
    return fresh


def _note_repeated(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `repeated` with the fitting rows of `staged` that came before in this load, key and content alike."""
    # An inner join on the plain columns lets DuckDB skip the parts of `seen` whose keys are out of the batch's reach.
    connection.execute(f"""
        create or replace temp table repeated as
        with several as (
            select row_key, content_hash, min({ROW_NUMBER}) as first_number
            from staged where {REASON} is null group by all having count(*) > 1
        )
        select staged.{ROW_NUMBER} from staged join seen using (row_key, content_hash) where staged.{REASON} is null
        union all
        select staged.{ROW_NUMBER} from staged join several using (row_key, content_hash)
        where staged.{REASON} is null and staged.{ROW_NUMBER} > several.first_number
    """)


def reject_repeated_keys(connection: duckdb.DuckDBPyConnection, table_name: str) -> None:
    """Mark rows of `staged` whose key came before in this load with other content.

    Only for tables without a modification stamp: there nothing tells which of the two is the current one.
    """
    reason = literal(f"table {table_name}: the key occurs before with other content")
    connection.execute(f"""
        with ranked as (
            select row_key, content_hash, _row_number,
                first_value(content_hash) over (partition by row_key order by _row_number) as first_hash
            from staged where {REASON} is null
        )
        update staged set {REASON} = {reason}
        from (
            select _row_number from ranked where content_hash <> first_hash
            union
            select staged._row_number from staged join seen using (row_key)
            where staged.{REASON} is null and seen.content_hash <> staged.content_hash
        ) as repeated
        where repeated._row_number = staged._row_number
    """)


def live_count(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of keys whose latest known version is not a tombstone."""
    return int(connection.execute("select count(*) from known where not is_deleted").fetchall()[0][0])


def kept_values(
    connection: duckdb.DuckDBPyConnection, table: StateTable, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Return the distinct values of `columns` in the raw table, sorted; none before its first load."""
    if not table.exists:
        return []
    with _Attached(connection, table.state_file):
        names = ", ".join(quoted(name) for name in columns)
        return connection.execute(f"select distinct {names} from {table.qualified_name} order by all").fetchall()


def live_keys(connection: duckdb.DuckDBPyConnection, contract: TableContract, table: StateTable) -> set[str]:
    """Return the keys (row_key) whose latest version in the raw table is not a tombstone."""
    if not table.exists:
        return set()
    with _Attached(connection, table.state_file):
        rows = connection.execute(f"""
            select {key_expression(contract)} as row_key
            from {table.relation(contract)}
            qualify row_number() over (partition by row_key order by {_recorded_last(contract)}) = 1
                and _deleted_at is null
        """).fetchall()
    return {row[0] for row in rows}


def soft_deleted(
    connection: duckdb.DuckDBPyConnection, contract: TableContract, table: StateTable, flag: str
) -> pa.Table:
    """Return the keys (row_key) whose latest version carries the source's own deletion flag."""
    if not table.exists:
        return pa.table({"row_key": pa.array([], pa.string())})
    with _Attached(connection, table.state_file):
        return connection.execute(f"""
            with latest as (
                select {key_expression(contract)} as row_key, {quoted(flag)} as is_deleted
                from {table.relation(contract)}
                qualify row_number() over (partition by row_key order by {_recorded_last(contract)}) = 1
            )
            select row_key from latest where is_deleted
        """).to_arrow_table()


def last_contents(
    connection: duckdb.DuckDBPyConnection,
    contract: TableContract,
    table: StateTable,
    columns: list[str],
    deleted: pa.Table,
) -> pa.Table:
    """Return a tombstone per row of `deleted` (row_key, deleted_at, text keys): last content or only the key.

    Columns: `columns` in order, then `_row_hash` and `_deleted_at`.
    """
    source = table.relation(contract) if table.exists else "(select * from gone where false)"
    kept, given = set(table.columns), set(deleted.column_names)
    selected = ", ".join(_last_value(name, in_state=name in kept, in_log=name in given) for name in columns)
    order = _recorded_last(contract) if table.exists else "row_key"
    connection.register("gone", deleted)
    with _Attached(connection, table.state_file if table.exists else None):
        tombstones = connection.execute(f"""
            with last as (
                select *, {key_expression(contract)} as last_key
                from {source}
                where last_key in (select row_key from gone)
                qualify row_number() over (partition by last_key order by {order}) = 1
            )
            select {selected},
                md5(concat_ws('|', 'deleted', gone.row_key, cast(gone.deleted_at as varchar))) as _row_hash,
                gone.deleted_at as _deleted_at
            from gone left join last on last.last_key = gone.row_key
            order by gone.row_key
        """).to_arrow_table()
    connection.unregister("gone")
    return tombstones


def _recorded_last(contract: TableContract) -> str:
    stamp = f"{quoted(raw_name(contract.cursor))} desc nulls last, " if contract.cursor else ""
    return f"_extracted_at desc, _load_id desc, {stamp}_deleted_at is not null desc, _row_hash"


def _last_value(name: str, *, in_state: bool, in_log: bool) -> str:
    column = quoted(name)
    if in_log:
        return f"coalesce(last.{column}, gone.{column}) as {column}" if in_state else f"gone.{column}"
    return f"last.{column}" if in_state else f"cast(null as varchar) as {column}"


class _Attached:
    """The state file attached read-only as `state`, for as short a time as possible."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, state_file: Path | None) -> None:
        self._connection, self._file = connection, state_file

    def __enter__(self) -> None:
        if self._file is not None:
            self._connection.execute(f"attach {literal(str(self._file))} as state (read_only)")

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._connection.execute("detach state")
