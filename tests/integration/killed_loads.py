"""Loads in processes of their own that get a kill -9, at moments counted in what the load itself does.

What belongs here: the mechanism, the same for every source. What does not: which sources, and what must come of it.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from ingestion import load_log
from ingestion.pipeline import load
from ingestion.registry import SOURCES

_STEPS = ("open", "os.", "shutil.", "subprocess.", "socket.connect", "http.client.send", "sqlite3.connect")
"""Audit events of Python by which a load's progress is counted, beside its connections to DuckDB."""
_LONGEST_DELAY = 0.02
"""Seconds from such an event to the kill, so that it may also hit DuckDB or Arrow at work."""
KILLS = 10
"""Random moments at which a load is killed, one more being that of its end."""
_NEVER, _CLOSING = 0, -1
"""Moments that are no step: a load that lives, one that dies when it is about to be closed."""
Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Task:
    """A load of one source at one time, restricted to some raw tables (None: all)."""

    source: str
    config: Any
    clock: datetime
    only: frozenset[str] | None = None

    def run(self, folder: Path, on_progress: Any = None) -> None:
        """Load into the state file of `folder`."""
        load(
            SOURCES[self.source],
            self.config,
            state_file=folder / "state.duckdb",
            pipelines_dir=folder / "pipelines",
            clock=self.clock,
            on_progress=on_progress,
            only=set(self.only) if self.only is not None else None,
        )

    def kept(self, folder: Path) -> Tables:
        """What loads have left in `folder`: the rows of the raw tables, and what was rejected and reconciled."""
        dataset = SOURCES[self.source].dataset
        with duckdb.connect(str(folder / "state.duckdb"), read_only=True) as connection:
            names = connection.execute(
                "select table_name from information_schema.tables where table_schema = ?"
                " and table_name not like '\\_dlt%' escape '\\' order by 1",
                [dataset],
            ).fetchall()
            tables = [f'{dataset}."{name}"' for (name,) in names]
            return {
                table: connection.execute(f"from {table} order by all").fetchall()
                for table in (*tables, "quality.rejected_row", "quality.load_reconciliation")
            }


class Killer:
    """Starts loads that end themselves by SIGKILL; the modules that a load needs are imported once."""

    def __init__(self) -> None:
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__, "ingestion.registry", "ingestion.pipeline"])

    def undisturbed(self, task: Task, folder: Path) -> int:
        """Load in a process that lives to its end; how many steps the load took."""
        assert self._run(task, folder, _NEVER, 0.0) == 0
        return int((folder / "steps").read_text())

    def kill(self, task: Task, folder: Path, *, times: int, steps: int, seed: int) -> int:
        """Start `times` loads into one folder and kill each at a random step, the early ones first; how many died.

        Each starts on what the one before left behind. Of `times` equal parts of the load each has its kill; one more
        comes when all rows are there and the load is about to be closed.
        """
        chance = np.random.default_rng(seed)
        moments = 1 + (np.arange(times) + chance.uniform(size=times)) / times * (steps - 1)
        delays = chance.uniform(0, _LONGEST_DELAY, size=times)
        ends = [self._run(task, folder, int(at), float(wait)) for at, wait in zip(moments, delays, strict=True)]
        ends.append(self._run(task, folder, _CLOSING, 0.0))
        assert set(ends) <= {0, -signal.SIGKILL}
        return ends.count(-signal.SIGKILL)

    def _run(self, task: Task, folder: Path, at: int, delay: float) -> int | None:
        folder.mkdir(exist_ok=True)
        child = self._processes.Process(target=_load, args=(task, folder, at, delay))
        child.start()
        child.join()
        return child.exitcode


def undisturbed_and_killed(
    killer: Killer, task: Task, whole: Path, killed: Path, *, seed: int
) -> tuple[Tables, Tables]:
    """What one undisturbed load leaves in `whole`, and what `KILLS` killed ones and one that lives leave in `killed`.

    The kills follow each other on one state file, so each also starts on what the one before left behind.
    """
    steps = killer.undisturbed(task, whole)
    died = killer.kill(task, killed, times=KILLS, steps=steps, seed=seed)
    assert died >= KILLS - 3, f"only {died} loads died"
    killer.undisturbed(task, killed)
    return task.kept(whole), task.kept(killed)


def _die(*_arguments: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _load(task: Task, folder: Path, at: int, delay: float) -> None:
    """The child: load, counting steps; at step number `at` die after `delay` seconds."""
    steps = itertools.count(1)

    def step() -> int:
        number = next(steps)
        if number == at:
            threading.Timer(delay, _die).start()
        return number

    connect = duckdb.connect

    def counted(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        step()
        return connect(*arguments, **options)

    def listen(event: str, _arguments: tuple[Any, ...]) -> None:
        if event.startswith(_STEPS):
            step()

    duckdb.connect = counted
    if at == _CLOSING:
        load_log.succeed = _die
    sys.addaudithook(listen)
    task.run(folder, lambda _table, _rows: step() and None)
    taken = step()
    (folder / "steps").write_text(str(taken))
