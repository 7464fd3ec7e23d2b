"""What the loads and the checks have logged, read beside a run that may be writing.

What belongs here: freshness of the sources and the checks of the last run. What does not: Dagster's run history and
releases (`serving.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from exports.publish import current_release, served_id
from orchestration.environment import Environment
from orchestration.lock import WriterBusyError, writer_lock
from orchestration.state import has_table, read_only

_FRESHNESS = """
select
    source,
    date_trunc('second', max(finished_at) filter (where status = 'succeeded')) as last_load,
    max(cursor_value) filter (where cursor_value is not null) as newest_change,
    sum(rows_loaded)::bigint as rows_loaded,
    sum(rows_deleted)::bigint as rows_deleted,
    count(*) filter (where status <> 'succeeded') as failed_loads
from ops.load
group by source
order by source
"""

# Rows lie in the order in which runs recorded them; the clock cannot tell two runs of one moment apart.
_LAST_RUN = "select run_id from quality.check_result order by rowid desc limit 1"

_COUNTS = "select status, count(*) from quality.check_result where run_id = ? group by status order by status"

# All columns: a state or a release of an earlier version has no `finding`.
_NOT_PASSED = """
select * exclude (run_id, checked_at)
from quality.check_result
where run_id = ? and status in ('failed', 'warned')
order by status, entity, check_id
"""


@dataclass(frozen=True)
class RunLog:
    """Freshness by source, and what the checks of the last run that recorded any have found.

    `checked` names that run and counts its checks by status; `note` says why this is not the newest, else it is empty.
    """

    freshness: pd.DataFrame
    not_passed: pd.DataFrame
    checked: str
    note: str


def read_run_log(environment: Environment) -> RunLog:
    """The log in the durable state; while a run is writing there, the one in the served release."""
    try:
        with _quiet_state(environment) as connection:
            return _read(connection, "") if connection else _nothing("")
    except WriterBusyError as busy:
        note = f"Freshness and checks are those of the served release: {busy}"
    if served_id(environment.releases) is None:
        return _nothing(note)
    with read_only(current_release(environment.releases).database) as connection:
        return _read(connection, note)


@contextmanager
def _quiet_state(environment: Environment) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The state file while nobody writes: a reader that has it open would make a run's next step fail."""
    state_file: Path = environment.state_file
    if not state_file.is_file():
        yield None
        return
    with writer_lock(environment.lock_file, "saleswh status"), read_only(state_file) as connection:
        yield connection


def _read(connection: duckdb.DuckDBPyConnection, note: str) -> RunLog:
    log = _nothing(note)
    freshness = connection.execute(_FRESHNESS).df() if has_table(connection, "ops.load") else log.freshness
    runs = connection.execute(_LAST_RUN).fetchall() if has_table(connection, "quality.check_result") else []
    if not runs:
        return RunLog(freshness, log.not_passed, log.checked, note)
    (run_id,) = runs[0]
    counts = ", ".join(f"{count} {status}" for status, count in connection.execute(_COUNTS, [run_id]).fetchall())
    not_passed = connection.execute(_NOT_PASSED, [run_id]).df()
    return RunLog(freshness, not_passed, f"Checks of run {run_id[:8]} ({counts})", note)


def _nothing(note: str) -> RunLog:
    return RunLog(pd.DataFrame(), pd.DataFrame(), "Checks (no run has recorded any)", note)
