"""A small source and a load of it, so that tests of the load itself need no real system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.extract import DltSource
from pydantic import BaseModel, ConfigDict

from ingestion.context import LoadContext, SourceDefinition
from ingestion.contract import TableContract, by_name, columns
from ingestion.pipeline import LoadResult, load
from ingestion.readings import Reading

CLOCK = datetime(2024, 2, 29, 22, 30)
BATCH_ROWS = 3
Row = dict[str, Any]


class RowsConfig(BaseModel):
    """Rows per table, as a source would deliver them; `query` is what settings ask of the stamped one, if they do."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    rows: dict[str, list[Row]]
    fail_after: bool = False
    query: str = ""


STAMPED = TableContract(
    "Deal__c", ("Id",), columns("Id! Name Amount:decimal Stamp:integer!"), cursor="Stamp", hard_deletes="key_comparison"
)
WHOLE = TableContract("Rate", ("Day", "Pair"), columns("Day:date! Pair! Rate:double Origin"), provenance=("Origin",))


def _build(config: RowsConfig, context: LoadContext) -> DltSource:
    @dlt.source(name="small", max_table_nesting=0)
    def small() -> Iterator[Any]:
        for contract in filter(context.wants, (STAMPED, WHOLE)):
            rows = config.rows.get(contract.name, [])
            keys = _keys(rows) if contract is STAMPED else None
            reading = Reading({"query": config.query}) if config.query and contract is STAMPED else None
            yield context.resource(contract, _reader(rows, config.fail_after), keys=keys, reading=reading)

    return small()


def _reader(rows: list[Row], fail_after: bool) -> Any:
    def read(cursor: int | None) -> Iterator[pa.Table]:
        chosen = [row for row in rows if cursor is None or row["Stamp"] >= cursor - 1]
        for start in range(0, len(chosen), BATCH_ROWS):
            yield pa.Table.from_pylist(chosen[start : start + BATCH_ROWS])
        if fail_after:
            raise OSError("the line went dead")

    return read


def _keys(rows: list[Row]) -> Any:
    return lambda: iter([pa.table({"Id": pa.array([row["Id"] for row in rows], pa.string())})])


SMALL = SourceDefinition("small", RowsConfig, by_name([STAMPED, WHOLE]), _build)


def append_without_dlt(definition: SourceDefinition, config: Any, context: LoadContext, _dir: Path) -> None:
    """Stand in for dlt's run: append what the resources yield. Saves dlt's half second per load in most tests."""
    resources = definition.build(config, context).resources
    extracted = [(name, table) for name, resource in resources.items() for table in resource]
    with duckdb.connect(str(context.state_file)) as connection:
        connection.execute(f"create schema if not exists {context.dataset}")
        for name, table in extracted:
            connection.register("fresh", table)
            target = f'{context.dataset}."{name}"'
            connection.execute(f"create table if not exists {target} as from fresh limit 0")
            for column in table.column_names:
                connection.execute(f'alter table {target} add column if not exists "{column}" varchar')
            connection.execute(f"insert into {target} by name from fresh")
            connection.unregister("fresh")


class Warehouse:
    """A state file in a folder, loaded from the small source or any other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state_file = folder / "state.duckdb"

    def load(self, definition: SourceDefinition, config: Any, clock: datetime = CLOCK, **more: Any) -> LoadResult:
        """Load a source into the state file."""
        return load(
            definition,
            config,
            state_file=self.state_file,
            pipelines_dir=self.folder / "pipelines",
            clock=clock,
            **more,
        )

    def load_small(
        self, clock: datetime = CLOCK, *, fail_after: bool = False, query: str = "", **rows: list[Row]
    ) -> LoadResult:
        """Load the small source; keyword arguments are its tables."""
        return self.load(SMALL, RowsConfig(rows=rows, fail_after=fail_after, query=query), clock)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the state file."""
        with duckdb.connect(str(self.state_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()
