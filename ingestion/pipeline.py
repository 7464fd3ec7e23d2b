"""Load one source into the state file: extract, append the new versions with dlt, close the load log.

What belongs here: the order of a load and what a crash at any point leaves behind (nothing that counts). What does
not: reading a source, comparing versions, the environment.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.common.exceptions import DltException
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from ingestion import load_log
from ingestion.cell_ranges import grouped
from ingestion.context import LoadContext, SourceDefinition
from ingestion.errors import IngestionError, SourceInterruptedError, cause_of, secrets_in, without_secrets
from ingestion.landing import COMPARING_MB
from ingestion.load_log import REJECTED_SCHEMA, ResourceResult
from ingestion.naming import raw_name

WRITING_THREADS, WRITING_MB, WRITING_MB_PER_COLUMN = 2, 256, 3
"""What DuckDB may hold in memory while it writes: a row group of 122,880 rows of the widest table for each thread."""

ATTEMPTS = 3
WAIT_SECONDS = 1.0
"""A source that broke off is loaded anew, whole, after this long; after the second time twice as long.

So is one whose comparison the sparing limit on memory ended: long texts, many deletions in a wide table. DuckDB's own
limit, a share of the machine's memory, holds for it then.
"""


@dataclass(frozen=True)
class LoadResult:
    """What one load of one source did.

    `rejections` counts rejected rows per reason, cells of a sheet as ranges; `notes` tell what is worth knowing,
    `warnings` what a person should look at; `noted_before` is what the load before had noted. `seconds` is the measured
    duration.
    """

    source: str
    load_id: str
    resources: tuple[ResourceResult, ...]
    rejections: dict[str, int]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float
    noted_before: frozenset[str] = frozenset()

    @property
    def news(self) -> tuple[str, ...]:
        """The notes; those of the load before, if they are several, in one sentence."""
        again = [note for note in self.notes if note in self.noted_before]
        if len(again) < 2:
            return self.notes
        told = f"Source {self.source}: {len(again)} notes are those of the load before; ops.load_note keeps them all."
        return (*(note for note in self.notes if note not in self.noted_before), told)

    @property
    def appended(self) -> int:
        """New versions of all tables, tombstones not counted."""
        return sum(resource.appended for resource in self.resources)

    @property
    def deleted(self) -> int:
        """Tombstones of all tables."""
        return sum(resource.deleted for resource in self.resources)

    @property
    def rejected(self) -> int:
        """Rejected rows of all tables."""
        return sum(resource.rejected for resource in self.resources)


def load(
    definition: SourceDefinition,
    config: Any,
    *,
    state_file: Path,
    pipelines_dir: Path,
    clock: datetime,
    on_progress: Callable[[str, int], None] | None = None,
    only: set[str] | None = None,
) -> LoadResult:
    """Load a source's new row versions into `state_file` and return what was done.

    `clock` (UTC, naive) is the run's now; `only` restricts the load to raw table names; `on_progress` is told each
    table's name and its rows read so far. Raises IngestionError with one sentence; the state file then holds
    nothing of this load but a 'failed' line in `ops.load`. The caller makes sure that nobody else has the file open.
    """
    started = time.perf_counter()
    tables = [raw_name(name) for name in definition.tables_for(config)]
    chosen = [name for name in tables if only is None or name in only]
    _refuse_unknown(definition, tables, only)
    for folder in (state_file.parent, pipelines_dir):
        folder.mkdir(parents=True, exist_ok=True)
    spares_memory = True
    for attempt in range(1, ATTEMPTS + 1):
        load_id = load_log.begin(state_file, definition.name, definition.dataset, clock, chosen)
        try:
            with ExitStack() as exits:
                context = LoadContext(
                    definition.name,
                    definition.dataset,
                    load_id,
                    clock,
                    state_file,
                    exits.enter_context(_scratch(pipelines_dir, spares_memory)),
                    frozenset(chosen),
                    on_progress,
                    exits,
                    spares_memory=spares_memory,
                )
                _run_dlt(definition, config, context, pipelines_dir)
            break
        except (DltException, IngestionError, OSError, duckdb.Error) as error:
            load_log.fail(state_file, load_id, definition.name, definition.dataset)
            ran_out = spares_memory and isinstance(cause_of(error), duckdb.OutOfMemoryException)
            if attempt == ATTEMPTS or not (ran_out or isinstance(cause_of(error), SourceInterruptedError)):
                raise _sentence(definition, config, error, attempt) from None
            spares_memory = spares_memory and not ran_out
        time.sleep(WAIT_SECONDS * attempt)
    return _finish(context, time.perf_counter() - started)


def _run_dlt(definition: SourceDefinition, config: Any, context: LoadContext, pipelines_dir: Path) -> None:
    dlt.config["runtime.dlthub_telemetry"] = False
    dlt.config["extract.next_item_mode"] = "fifo"
    pipeline = dlt.pipeline(
        pipeline_name=definition.name,
        pipelines_dir=str(pipelines_dir),
        destination=dlt.destinations.duckdb(str(context.state_file)),
        dataset_name=definition.dataset,
    )
    # Packages of an interrupted load are dropped: raw holds the truth, and what it lacks is extracted again.
    pipeline.drop()
    try:
        pipeline.sync_destination()
        pipeline.extract(definition.build(config, context), loader_file_format="parquet")
        pipeline.normalize()
        # Nothing more is read or compared: the snapshot at the source and the memory are free before the writing.
        context.exits.close()
        pipeline.load(credentials=_writing(context.state_file, pipeline.default_schema))
    except DltException:
        # dlt's trace keeps a driver's own words, which may quote an address with its password.
        pipeline.drop()
        raise


def _writing(state_file: Path, schema: dlt.Schema) -> DuckDbCredentials:
    """Return the state file as dlt opens it to write: without a limit DuckDB keeps in memory what it has written.

    The order of a load's rows means nothing: no version of a row is told by it, and keeping it doubles the time.
    """
    widest = max(len(table["columns"]) for table in schema.tables.values())
    options = {
        "memory_limit": f"{WRITING_MB + widest * WRITING_MB_PER_COLUMN}MB",
        "threads": WRITING_THREADS,
        "preserve_insertion_order": False,
    }
    return DuckDbCredentials(str(state_file), global_config=options)


def _finish(context: LoadContext, seconds: float) -> LoadResult:
    landings = [context.landings[name] for name in sorted(context.landings)]
    results = tuple(landing.result for landing in landings)
    rejected = pa.concat_tables([REJECTED_SCHEMA.empty_table(), *(landing.rejected_rows() for landing in landings)])
    said = [("note", sentence) for sentence in context.notes] + [("warning", text) for text in context.warnings]
    noted_before = load_log.last_notes(context.state_file, context.source)
    load_log.succeed(context.state_file, context.load_id, context.dataset, results, rejected, seconds, said)
    told = zip(rejected["table_name"].to_pylist(), rejected["reason"].to_pylist(), strict=True)
    return LoadResult(
        source=context.source,
        load_id=context.load_id,
        resources=results,
        rejections=grouped(f"{context.dataset}.{table}: {reason}" for table, reason in told),
        notes=tuple(context.notes),
        warnings=tuple(context.warnings),
        seconds=seconds,
        noted_before=noted_before,
    )


@contextmanager
def _scratch(folder: Path, spares_memory: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory for the comparison of one load; what does not fit there lies on disk meanwhile."""
    with (
        tempfile.TemporaryDirectory(prefix="scratch_", dir=folder) as overflow,
        # A batch is too small for several threads: they would only wait for each other.
        closing(duckdb.connect(config={"temp_directory": overflow, "threads": 1})) as connection,
    ):
        if spares_memory:
            connection.execute(f"set memory_limit = '{COMPARING_MB}MB'")
        connection.execute("set TimeZone = 'UTC'")
        # Its time grows with the square of the columns, and none of our expressions is worth it.
        connection.execute("set disabled_optimizers = 'common_subexpressions'")
        yield connection


def _refuse_unknown(definition: SourceDefinition, tables: list[str], only: set[str] | None) -> None:
    unknown = sorted((only or set()) - set(tables))
    if unknown:
        raise IngestionError(
            f"Source {definition.name} has no table {', '.join(unknown)}; it has {', '.join(sorted(tables))}."
        )


def _sentence(definition: SourceDefinition, config: Any, error: Exception, attempts: int) -> IngestionError:
    cause = cause_of(error)
    text = without_secrets(str(cause), secrets_in(config))
    if isinstance(cause, IngestionError):
        return type(cause)(f"{text} (tried {attempts} times)" if attempts > 1 else text)
    return IngestionError(
        f"Source {definition.name} could not be loaded, nothing of it was kept: {type(cause).__name__}: {text}"
    )
