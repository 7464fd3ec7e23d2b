"""A small demo company with its warehouse, for tests: run jobs, evolve, read the release, copy it all.

What belongs here: what several integration tests do with a whole warehouse. What does not: expectations.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from demo.systems.store import evolve
from exports.publish import Release, current_release
from exports.publish.database import summarise
from orchestration import runs
from orchestration.demo import demo_systems
from orchestration.environment import Environment
from orchestration.runs import run_job
from orchestration.runs_model import RunOutcome
from orchestration.settings import Settings

_HISTORY = ("dagster", "logs", "writer.lock", "writer.holder.json")
"""Run history and locks belong to the place where the runs were made; a copy starts without."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class DemoWarehouse:
    """The demo environment of `settings`, everything it has produced included."""

    settings: Settings

    @classmethod
    def at(cls, var_dir: Path) -> DemoWarehouse:
        """A warehouse of the small company with its files below `var_dir`; nothing is made yet."""
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None, environment="demo", var_dir=var_dir, demo_profile="S", code_version="test"
        )
        return cls(settings)

    @property
    def environment(self) -> Environment:
        """Where its files lie."""
        return Environment.of(self.settings)

    @property
    def release(self) -> Release:
        """The release that is served."""
        return current_release(self.environment.releases)

    def run(self, job: str, **changed: Any) -> RunOutcome:
        """Run one job in this process while the company's systems are up, with some settings changed.

        Dagster's history of it is kept in memory: writing it to disk costs more than a small company's build.
        """
        with demo_systems(self.settings) as reachable, history_in_memory():
            return run_job(reachable.model_copy(update=changed), job, lambda progress: None)

    def run_on_record(self, job: str, **changed: Any) -> RunOutcome:
        """Run one job as the command does, with its history where the UI and `status` look for it."""
        with demo_systems(self.settings) as reachable:
            return run_job(reachable.model_copy(update=changed), job, lambda progress: None)

    def run_well(self, job: str) -> RunOutcome:
        """Run one job that must succeed."""
        outcome = self.run(job)
        assert outcome.success, f"{job}: " + "\n".join(outcome.failures)
        return outcome

    def evolve(self, days: int) -> None:
        """Move every system of the company forward."""
        evolve(self.environment.demo, days)

    def copy(self, var_dir: Path) -> DemoWarehouse:
        """The same company and warehouse at another place, without its run history."""
        target = DemoWarehouse.at(var_dir)
        ignored = shutil.ignore_patterns(*_HISTORY)
        shutil.copytree(self.environment.folder, target.environment.folder, symlinks=True, ignore=ignored)
        return target

    def query(self, sql: str, *parameters: Any) -> list[Row]:
        """Rows of a query on the release that is served."""
        return query_file(self.release.database, sql, *parameters)

    def query_build(self, sql: str, *parameters: Any) -> list[Row]:
        """Rows of a query on the build, where the private models are; the state is attached as `state`."""
        with duckdb.connect(str(self.environment.build_file), read_only=True) as connection:
            connection.execute(f"attach '{self.environment.state_file}' as state (read_only)")
            return connection.execute(sql, list(parameters)).fetchall()

    def hashes(self, *schemas: str) -> dict[str, str]:
        """Content hash of every table of the release in `schemas`, as its manifest says."""
        tables = self.release.manifest["tables"]
        return {name: table["content_hash"] for name, table in tables.items() if name.split(".")[0] in schemas}

    def quirks(self) -> list[dict[str, Any]]:
        """The answer key, which no load may read."""
        path = self.environment.demo / "quirks.json"
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["quirks"]
        return found


@contextmanager
def history_in_memory() -> Iterator[None]:
    """Keep Dagster's history of runs in the block in memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "open_instance", lambda environment: dg.DagsterInstance.ephemeral())
        yield


def query_file(database: Path, sql: str, *parameters: Any) -> list[Row]:
    """Rows of a query on one warehouse file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql, list(parameters)).fetchall()


def hash_file(database: Path) -> dict[str, str]:
    """Content hash of every table of one file, computed from the rows themselves."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {table.name: table.content_hash for table in summarise(connection)}
