"""The way of one source table into raw: cast, reject, keep the new versions, count.

What belongs here: one table's rows between the source's reader and dlt. What does not: deletions (`deletions.py`),
the order of a whole load (`pipeline.py`) and the SQL of casting and comparing (`casting.py`, `versions.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ingestion import versions
from ingestion.casting import INCOMING, MISFIT, REASON, ROW_NUMBER, CastPlan, plan_cast
from ingestion.contract import META_COLUMNS, TableContract
from ingestion.errors import IngestionError
from ingestion.load_log import REJECTED_SCHEMA, ROWS, ResourceResult
from ingestion.naming import quoted, raw_name
from ingestion.readings import KeptReading, Reading, changed_parts

COMPARING_MB, COMPARING_MB_PER_COLUMN = 256, 1
"""What DuckDB may hold in memory while it compares rows with those known; the rest lies on disk meanwhile."""
GUARD_ROWS = 20
GUARD_SHARE = 0.5


@dataclass
class Landing:
    """One table on its way into raw during one load.

    `cursor` is the highest stamp kept before this load (None: read everything, as where the settings have `changed`
    since the last one). Feed it with `rows`, then look for deletions; `result` and `rejected` hold the counts and the
    quarantined rows.
    """

    contract: TableContract
    source: str
    load_id: str
    clock: datetime
    connection: duckdb.DuckDBPyConnection
    state: versions.StateTable
    previous_kept: int | None = None
    on_progress: Callable[[str, int], None] | None = None
    cursor: Any = None
    warnings: list[str] = field(default_factory=list)
    spares_memory: bool = True
    reading: Reading | None = None
    last_reading: KeptReading | None = None
    changed: tuple[str, ...] = ()
    rejected: list[pa.Table] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _fingerprint: dict[str, str] | None = None
    _stamp: str | None = None
    _expected: dict[str, Decimal] = field(default_factory=dict)
    _sums: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        last = self.last_reading
        self._fingerprint = self.reading.fingerprint(self.contract) if self.reading else None
        self.changed = changed_parts(last, self._fingerprint or {})
        # Where the last load has come to says nothing about rows that other settings bring.
        reached = last.cursor if last and not self.changed else None
        known = versions.read_known(self.connection, self.contract, self.state, reached)
        self.cursor = None if last and reached is None else known
        self._counts = dict.fromkeys(("extracted", "appended", "rejected", "deleted"), 0)
        self._stamp = None if self.cursor is None else str(self.cursor)

    @property
    def result(self) -> ResourceResult:
        """The counts so far."""
        counts = self._counts
        unchanged = counts["extracted"] - counts["appended"] - counts["rejected"]
        sums = {
            name: (asked, self._sums.get(name, Decimal(0))) for name, asked in self._expected.items() if name != ROWS
        }
        return ResourceResult(
            raw_name(self.contract.name),
            unchanged=unchanged,
            cursor=self._stamp,
            counted=int(self._expected[ROWS]) if ROWS in self._expected else None,
            sums=sums,
            fingerprint=self._fingerprint,
            left_out=tuple(raw_name(name) for name in self._left_out),
            **counts,
        )

    def expect(self, totals: Mapping[str, Decimal]) -> None:
        """Add what the source says of the rows that come next: their number and the sums of amounts."""
        for name, value in totals.items():
            self._expected[name] = self._expected.get(name, Decimal(0)) + value

    @property
    def is_widened(self) -> bool:
        """Whether the raw table lacks declared columns, or is not there at all."""
        return not {raw_name(column.name) for column in self.contract.columns} <= set(self.state.columns)

    def empty(self) -> pa.Table:
        """Return no rows with all declared columns, so that the raw table has them even when nothing came."""
        return self.finished(pa.table({}), 0)

    def rows(self, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Yield the new versions among `batches` (source's names and types) in raw names, with the meta columns."""
        plans: dict[tuple[str, ...], CastPlan] = {}
        for batch in batches:
            signature = tuple(f"{f.name}:{f.type}" for f in batch.schema)
            if signature not in plans:
                plans[signature] = self._plan(batch.schema)
            fresh = self._new_versions(batch, plans[signature])
            if self.on_progress:
                self.on_progress(raw_name(self.contract.name), self._counts["extracted"])
            if fresh.num_rows:
                yield fresh

    def refuse_truncation(self, remedy: str = "", withdrawn: int = 0) -> None:
        """Raise when a table that is read whole came suspiciously smaller than what the load before kept of it.

        Rows that it rejected were never kept, and those `withdrawn` are meant to be gone. `remedy` says what is missing
        and what to do, where the source knows better than to restore it as a whole.
        """
        before, now = self.previous_kept, self._counts["extracted"]
        if before is not None and self.lost_too_many(before - withdrawn, now):
            raise IngestionError(
                f"Table {self.contract.name} of {self.source}: {now} rows came where the load before kept {before};"
                f" nothing was loaded. {remedy or self.remedy}"
            )

    def lost_too_many(self, before: int, now: int) -> bool:
        """Return whether more is gone than a sound source loses; what other settings leave out is gone on purpose.

        Only that they bring nothing at all is taken for a mistake.
        """
        if self._redefined:
            now = before if self._counts["extracted"] else 0
        return is_truncated(before, now)

    @property
    def remedy(self) -> str:
        """What to do where too little came."""
        if self._redefined:
            return f"Its {self.change}: correct it in the settings."
        return "Restore the source, or delete its data in steps of less than half."

    @property
    def change(self) -> str:
        """The part of a sentence on what the settings say otherwise than at the last load."""
        return f"{' and its '.join(self.changed)} changed since the last load"

    def count_deleted(self, rows: int) -> None:
        """Add `rows` tombstones to the counts."""
        self._counts["deleted"] += rows

    def rejected_rows(self) -> pa.Table:
        """Return the quarantined rows in the shape of `quality.rejected_row`."""
        return pa.concat_tables([REJECTED_SCHEMA.empty_table(), *self.rejected])

    def _plan(self, schema: pa.Schema) -> CastPlan:
        plan = plan_cast(self.contract, schema)
        if self.spares_memory:
            memory = COMPARING_MB + COMPARING_MB_PER_COLUMN * len(schema)
            self.connection.execute(f"set memory_limit = '{memory}MB'")
        where = f"Table {self.contract.name} of {self.source}"
        arrived, vanished = self._drift(schema, plan)
        expected = set(self.contract.expected) - set(self._left_out)
        for name in (name for name in plan.missing if name in expected):
            self._warn(f"{where}: declared column {name} is missing, NULL instead{_renamed(name, arrived)}.")
        for name in vanished:
            self._warn(f"{where}: column {name} came before and is missing now{_renamed(name, arrived)}.")
        for name in plan.extra:
            self._warn(f"{where}: column {name} is not declared, kept as text.")
        for name in (name for name in arrived if name not in plan.extra):
            self._warn(f"{where}: column {name} is new.")
        return plan

    def _drift(self, schema: pa.Schema, plan: CastPlan) -> tuple[list[str], list[str]]:
        """Return the columns that came for the first time, and those of earlier loads that came no more (raw names)."""
        if not self.state.exists:
            return [], []
        came = {raw_name(name): name for name in schema.names if name != MISFIT}
        expected = {*came, *(raw_name(name) for name in plan.missing)}
        arrived = [name for raw, name in came.items() if raw not in self.state.columns]
        return arrived, [n for n in self.state.columns if n not in expected and not n.startswith("_")]

    @property
    def _redefined(self) -> bool:
        """Whether other settings decide which rows there are; the cursor decides only which of them come."""
        return bool(set(self.changed) - {"cursor"})

    @property
    def _left_out(self) -> tuple[str, ...]:
        return self.reading.left_out if self.reading else ()

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def _new_versions(self, batch: pa.Table, plan: CastPlan) -> pa.Table:
        numbered = batch.append_column(ROW_NUMBER, pa.array(np.arange(batch.num_rows)))
        self.connection.register(INCOMING, numbered)
        self.connection.execute(f"create or replace temp table staged as {plan.sql}")
        if self.contract.cursor is None:
            versions.reject_repeated_keys(self.connection, self.contract.name)
        if self._note_landed():
            self._quarantine(plan)
        self.connection.unregister(INCOMING)
        columns = [*(raw_name(c.name) for c in self.contract.columns), *(raw_name(n) for n in plan.extra)]
        fresh = versions.unseen_versions(self.connection, columns)
        self._counts["extracted"] += batch.num_rows
        self._counts["appended"] += fresh.num_rows
        return self.finished(fresh, fresh.num_rows)

    def _note_landed(self) -> bool:
        """Remember the highest cursor and the sums of the rows that fit; return whether there are others."""
        stamp = quoted(raw_name(self.contract.cursor)) if self.contract.cursor else "null"
        amounts = self._amounts()
        sums = [f"{_sum(quoted(raw_name(name)))} filter ({REASON} is null)" for name in amounts]
        highest, rejected, *landed = self.connection.execute(
            f"select {', '.join([f'max({stamp}) filter ({REASON} is null)', f'count({REASON})', *sums])} from staged"
        ).fetchall()[0]
        if highest is not None and (self.cursor is None or highest > self.cursor):
            self._stamp, self.cursor = str(highest), highest
        self._add_up(amounts, landed)
        return bool(rejected)

    def _amounts(self) -> list[str]:
        return [name for name in self.contract.amounts if name in self._expected]

    def _add_up(self, amounts: list[str], found: Iterable[Decimal | None]) -> None:
        """Add to the sums of what landed or was kept as rejected, for the comparison with what the source says."""
        for name, value in zip(amounts, found, strict=True):
            self._sums[name] = self._sums.get(name, Decimal(0)) + (value or Decimal(0))

    def _quarantine(self, plan: CastPlan) -> None:
        """Keep the rows that do not fit, as they came and with their reason."""
        others = f"{INCOMING} join (select {ROW_NUMBER}, row_key, {REASON} from staged where {REASON} is not null)"
        rows = self.connection.execute(
            f"select ? as load_id, ? as source, ? as table_name, row_key, {REASON} as reason,"
            f" cast(? as timestamp) as rejected_at, {plan.payload} as payload"
            f" from {others} using ({ROW_NUMBER}) order by {ROW_NUMBER}",
            [self.load_id, self.source, raw_name(self.contract.name), self.clock],
        ).to_arrow_table()
        self.rejected.append(rows.cast(REJECTED_SCHEMA))
        self._counts["rejected"] += rows.num_rows
        if amounts := self._amounts():
            sums = [_sum(f"{INCOMING}.{quoted(name)}") for name in amounts]
            query = f"select {', '.join(sums)} from {others} using ({ROW_NUMBER})"
            self._add_up(amounts, self.connection.execute(query).fetchall()[0])

    def finished(self, table: pa.Table, count: int) -> pa.Table:
        """Return `table` in raw types: declared columns, extras as text, meta columns."""
        declared = {raw_name(f.name): f.type for f in self.contract.arrow_schema}
        extras = [n for n in table.column_names if n not in declared and n not in META_COLUMNS]
        types = {**declared, **dict.fromkeys(extras, pa.string()), **META_COLUMNS}
        constants = {"_extracted_at": self.clock, "_load_id": self.load_id}
        arrays = [
            table[name].cast(kind)
            if name in table.column_names
            else pa.repeat(pa.scalar(constants.get(name), kind), count)
            for name, kind in types.items()
        ]
        return pa.table(arrays, schema=pa.schema(list(types.items())))


def _sum(value: str) -> str:
    # DuckDB reads text as a decimal of 38 digits a hundred times as slowly as one of 18, which is nearly always enough.
    return f"sum(coalesce(try_cast({value} as decimal(18, 4)), try_cast({value} as decimal(38, 4))))"


def _renamed(name: str, arrived: list[str]) -> str:
    """Return the end of a sentence on a missing column: which new ones may be the same under another name."""
    near = difflib.get_close_matches(name, arrived, n=1, cutoff=0.4) or arrived[:3]
    return f"; perhaps it is called {' or '.join(near)} now" if near else ""


def is_truncated(before: int, now: int) -> bool:
    """Return whether so many rows are gone that the source is more likely broken than tidied up.

    A small table may shrink by any share, but not from several rows to none: an empty answer is a fault's own face.
    """
    gone = before - now
    return (now == 0 and before > 1) or (gone > GUARD_ROWS and gone > before * GUARD_SHARE)
