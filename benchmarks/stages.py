"""Wall time and peak memory of each stage of the whole job on the demo company, and dbt against its own SQL.

What belongs here: running the job once and reading its stages. What does not: the job.
Run: python -m benchmarks.stages
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import duckdb

from benchmarks.measure import Measured, ratio_line, resident_mb
from orchestration.demo import create_demo, demo_systems
from orchestration.environment import Environment
from orchestration.runs import run_job
from orchestration.runs_model import RunProgress
from orchestration.settings import Settings

STAGES = {
    "extract": "extraction",
    "raw": "raw suites",
    "load": "extraction",
    "dbt": "dbt",
    "forecast": "forecasts",
    "release": "release",
    "reports": "reports",
}


class StageClock:
    """A progress listener that adds up seconds and peak memory by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.peak_mb: dict[str, float] = defaultdict(float)
        self._done = 0
        self._last = time.perf_counter()

    def __call__(self, progress: RunProgress) -> None:
        """Book the time since the last finished step on the stage of the step that has finished now."""
        stage = next((name for start, name in STAGES.items() if progress.step.startswith(start)), "other")
        self.peak_mb[stage] = max(self.peak_mb[stage], resident_mb())
        if progress.done > self._done:
            now = time.perf_counter()
            self.seconds[stage] += now - self._last
            self._done, self._last = progress.done, now


def main(profile: Literal["S", "M"] = "M") -> None:
    """Run the whole job once on a fresh demo company and print its stages."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(var_dir=Path(name), demo_profile=profile)
        with Measured() as company:
            create_demo(settings)
        print(f"Demo company, profile {profile}: {company.seconds:.1f} s, {company.peak_mb:,.0f} MB")
        clock = StageClock()
        with Measured() as whole, demo_systems(settings) as reachable:
            outcome = run_job(reachable, "full", clock)
        if not outcome.success:
            raise SystemExit(f"The job failed: {' '.join(outcome.failures)}")
        for stage, seconds in clock.seconds.items():
            print(f"  {stage:<12}{seconds:7.1f} s {clock.peak_mb[stage]:8,.0f} MB")
        print(f"Whole job: {whole.seconds:.1f} s, peak {whole.peak_mb:,.0f} MB")
        _dbt_against_its_sql(Environment.of(settings), clock.seconds["dbt"])


def _dbt_against_its_sql(environment: Environment, dbt_seconds: float) -> None:
    """Run the compiled SQL of the same models and tests, in the same order, in one DuckDB connection."""
    compiled = [sql for name in ("core", "downstream") for sql in _compiled(environment.dbt_target / name)]
    target = environment.folder / "floor.duckdb"
    with closing(duckdb.connect(str(target))) as connection:
        connection.execute(f"attach '{environment.state_file}' as state (read_only)")
        connection.execute(f"attach '{environment.build_file}' as build (read_only)")
        connection.execute("set TimeZone = 'UTC'; use build")
        with Measured() as floor:
            for position, (kind, sql) in enumerate(compiled):
                if kind == "model":
                    connection.execute(f"create table floor.main.t{position} as {sql}")
                else:
                    connection.execute(f"select count(*) from ({sql})").fetchall()
    kinds = Counter(kind for kind, _ in compiled)
    print(
        ratio_line(
            f"dbt build, {kinds['model']} tables and {kinds['test']} tests in two invocations",
            dbt_seconds,
            "the same SQL in one connection",
            floor.seconds,
        )
    )


def _compiled(target: Path) -> Iterator[tuple[Literal["model", "test"], str]]:
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    for result in results:
        sql, node = result.get("compiled_code"), manifest["nodes"].get(result["unique_id"], {})
        if sql and node["resource_type"] == "test":
            yield "test", sql
        elif sql and node["config"]["materialized"] == "table":
            yield "model", sql


if __name__ == "__main__":
    main()
