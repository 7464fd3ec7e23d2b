"""What a source needs to know about the load it is part of, and the dlt resource that every table goes through.

What belongs here: `LoadContext`, `SourceDefinition`. What does not: anything about one source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.extract import DltResource, DltSource

from ingestion import deletions, load_log, versions
from ingestion.contract import META_COLUMNS, TableContract
from ingestion.landing import Landing
from ingestion.naming import raw_name
from ingestion.readings import Reading

ReadRows = Callable[[Any], Iterable[pa.Table]]
"""Reads a table's rows from a cursor value on (None: all of them); batches have the source's names and types."""

AskTotals = Callable[[Any], Mapping[str, Decimal]]
"""Asks the source itself what `ReadRows` must bring for a cursor value: the number of "rows", the sums of columns."""


@dataclass(frozen=True)
class SourceDefinition:
    """One source system: its name, its raw schema, its tables and how to build its dlt source.

    `config_type` is the frozen pydantic model that `build` takes. `tables` are those known without configuration;
    a source whose tables come from its configuration gives `tables_of`.
    """

    name: str
    config_type: type[Any]
    tables: Mapping[str, TableContract]
    build: Callable[[Any, LoadContext], DltSource]
    tables_of: Callable[[Any], Mapping[str, TableContract]] | None = None

    @property
    def dataset(self) -> str:
        """The schema of the source's raw tables."""
        return f"raw_{self.name}"

    def tables_for(self, config: Any) -> Mapping[str, TableContract]:
        """Return the tables that a load with `config` fills."""
        return self.tables_of(config) if self.tables_of else self.tables


@dataclass
class LoadContext:
    """One load of one source: its clock, its identity, and what it has counted and noted so far.

    What a source opens for the whole load it enters into `exits`; all of it is closed when everything has been read.
    """

    source: str
    dataset: str
    load_id: str
    clock: datetime
    state_file: Path
    scratch: duckdb.DuckDBPyConnection
    only: frozenset[str] | None = None
    on_progress: Callable[[str, int], None] | None = None
    exits: ExitStack = field(default_factory=ExitStack)
    landings: dict[str, Landing] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    spares_memory: bool = True
    """Whether the comparison keeps to little memory; a load that this made fail is repeated without."""
    remedies: dict[str, str] = field(default_factory=dict)
    """What a source knows to be missing of a table (by raw name), and what to do: told where too little came."""
    withdrawn: dict[str, int] = field(default_factory=dict)
    """How many live rows of a table (by raw name) are meant to be gone from this load on."""

    def wants(self, contract: TableContract) -> bool:
        """Return whether this load includes the table (by raw name)."""
        return self.only is None or raw_name(contract.name) in self.only

    def last_loaded_at(self, contract: TableContract) -> datetime | None:
        """Return the clock of the table's last successful load."""
        return load_log.last_started(self.state_file, self.source, raw_name(contract.name))

    def kept_values(self, contract: TableContract, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the distinct values of `columns` (raw names) in the raw table so far, sorted."""
        return versions.kept_values(self.scratch, self._state_table(contract), columns)

    def live_keys(self, contract: TableContract) -> set[str]:
        """Return the keys (their parts as text, joined by `|`) of the rows that raw does not know as gone for good."""
        return versions.live_keys(self.scratch, contract, self._state_table(contract))

    def resource(
        self,
        contract: TableContract,
        rows: ReadRows,
        *,
        keys: Callable[[], Iterable[pa.Table]] | None = None,
        deletion_log: Callable[[], Iterable[pa.Table]] | None = None,
        totals: AskTotals | None = None,
        reading: Reading | None = None,
    ) -> DltResource:
        """Return the dlt resource that lands one table: new versions, then tombstones.

        `keys` reads all keys that the source has now; `deletion_log` reads (row_key, deleted_at); `totals` asks the
        source what a read from a cursor value must bring. `reading` is what the settings say of the table, where they
        do: when that changes, `rows` is asked for all of them once.
        """

        def read(landing: Landing, cursor: Any) -> Iterator[pa.Table]:
            if totals:
                landing.expect(totals(cursor))
            yield from landing.rows(rows(cursor))

        def land() -> Iterator[pa.Table]:
            landing = self._landing(contract, reading)
            if landing.is_widened:
                yield landing.empty()
            start = landing.cursor
            yield from read(landing, start)
            if contract.cursor is None:
                name = raw_name(contract.name)
                landing.refuse_truncation(self.remedies.get(name, ""), self.withdrawn.get(name, 0))
            if contract.hard_deletes == "key_comparison":
                # Who has read everything has met every key.
                yield from _compare_keys(landing, lambda: read(landing, None), None if start is None else keys)
            if contract.hard_deletes == "log" and deletion_log is not None:
                yield from deletions.logged(landing, deletion_log())
            self.notes += _told(landing)

        return dlt.resource(
            land,
            name=raw_name(contract.name),
            write_disposition="append",
            columns=_hints(contract),
            max_table_nesting=0,
        )

    def _state_table(self, contract: TableContract) -> versions.StateTable:
        return versions.find_state_table(self.scratch, self.state_file, self.dataset, raw_name(contract.name))

    def _landing(self, contract: TableContract, reading: Reading | None) -> Landing:
        table = raw_name(contract.name)
        landing = Landing(
            contract=contract,
            source=self.source,
            load_id=self.load_id,
            clock=self.clock,
            connection=self.scratch,
            state=self._state_table(contract),
            previous_kept=load_log.previous_kept(self.state_file, self.source, table),
            on_progress=self.on_progress,
            warnings=self.warnings,
            spares_memory=self.spares_memory,
            reading=reading,
            last_reading=load_log.last_reading(self.state_file, self.source, table) if reading else None,
        )
        self.landings[table] = landing
        return landing


def _hints(contract: TableContract) -> dict[str, Any]:
    """Return dlt's hints: without them it would store timestamps with a time zone."""
    stamps = [raw_name(column.name) for column in contract.columns if column.type == "timestamp"]
    stamps += [name for name, kind in META_COLUMNS.items() if pa.types.is_timestamp(kind)]
    return {name: {"name": name, "data_type": "timestamp", "timezone": False} for name in stamps}


def _told(landing: Landing) -> Iterator[str]:
    """Sentences on what the settings made of a table that has landed: what they leave out, what they have changed."""
    where = f"Table {landing.contract.name}:"
    if landing.reading and landing.reading.left_out:
        yield f"{where} the settings deliver no {', '.join(landing.reading.left_out)}; empty instead."
    if landing.changed:
        gone = landing.result.deleted
        whole = ", so it was read whole" if landing.contract.cursor else ""
        fewer = f"; {gone} row(s) that came before did not and count as deleted" if gone else ""
        yield f"{where} its {landing.change}{whole}{fewer}."


def _compare_keys(
    landing: Landing, read_whole: Callable[[], Iterator[pa.Table]], keys: Callable[[], Iterable[pa.Table]] | None
) -> Iterator[pa.Table]:
    deletions.note_present(landing, keys() if keys else None)
    if keys and deletions.has_missed_keys(landing):
        yield from read_whole()
    yield from deletions.vanished(landing)
