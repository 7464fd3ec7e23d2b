"""Read what is served: queries, status, releases, rollback, headline figures.

What belongs here: reading releases and the run history. What does not: what loads and checks have logged
(`run_log.py`), printing tables (`console.py`) and writing anything but the `current` pointer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from exports.headlines import headline_figures
from exports.publish import Release, ReleaseError, current_release, damage, list_releases, served_id, switch_current
from orchestration.environment import Environment
from orchestration.lock import writer_lock
from orchestration.rows import Rows
from orchestration.run_log import RunLog, read_run_log
from orchestration.settings import Settings


@dataclass(frozen=True)
class Overview:
    """What `saleswh status` shows: the served release, the last runs, and what loads and checks have logged."""

    release: pd.DataFrame
    runs: pd.DataFrame
    log: RunLog


@dataclass(frozen=True)
class DemoSummary:
    """What `saleswh demo` ends with."""

    database: Path
    reports: list[Path]
    headlines: list[tuple[str, str]]


def query(settings: Settings, sql: str) -> Rows:
    """Run one statement on the served release, read-only and without access to other files."""
    connection = _open(current_release(Environment.of(settings).releases))
    try:
        return Rows.of(connection.execute(sql))
    finally:
        connection.close()


def releases(settings: Settings) -> pd.DataFrame:
    """The kept releases, the newest first."""
    folder = Environment.of(settings).releases
    kept = list_releases(folder)
    served = served_id(folder)
    return pd.DataFrame([_release_row(release, served) for release in reversed(kept)])


def served(settings: Settings) -> str | None:
    """The id of the release that is served; None when nothing was published yet."""
    return served_id(Environment.of(settings).releases)


def rollback(settings: Settings, publish_id: str | None) -> Release:
    """Serve `publish_id`, or the newest release older than the served one.

    Raises `ReleaseError` when there is none such or it is damaged, and `WriterBusyError` while a run is writing: it
    might be publishing.
    """
    environment = Environment.of(settings)
    with writer_lock(environment.lock_file, "saleswh rollback", settings.lock_wait_seconds):
        return switch_current(environment.releases, publish_id or _previous_id(environment.releases))


def _previous_id(releases: Path) -> str:
    served = current_release(releases)
    older = [r for r in list_releases(releases) if r.manifest["number"] < served.manifest["number"]]
    if not older:
        raise ReleaseError(f"There is no release before {served.publish_id} in {releases}.")
    return older[-1].publish_id


def status(settings: Settings) -> Overview:
    """The served release if there is one; apart from it the last runs, freshness by source and the last checks."""
    environment = Environment.of(settings)
    rows = [_served_row(current_release(environment.releases))] if served(settings) else []
    return Overview(pd.DataFrame(rows), _last_runs(environment), read_run_log(environment))


def headlines(settings: Settings) -> list[tuple[str, str]]:
    """Ten headline figures of the served release, each with its name."""
    connection = _open(current_release(Environment.of(settings).releases))
    try:
        return headline_figures(connection)
    finally:
        connection.close()


def _open(release: Release) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(release.database), read_only=True)
    connection.execute("set enable_external_access = false; set lock_configuration = true")
    return connection


def _release_row(release: Release, served: str | None) -> dict[str, object]:
    return {
        "release": release.publish_id,
        "served": "yes" if release.publish_id == served else "",
        "data as of (UTC)": f"{release.data_as_of:%Y-%m-%d %H:%M}",
        "sales lines": release.row_count("marts.fct_sales"),
        "size MB": round(release.manifest["size_bytes"] / 1e6, 1),
        "checks": ", ".join(f"{n} {status}" for status, n in release.manifest["checks"].items()),
        "file": str(release.database),
    }


def _served_row(release: Release) -> dict[str, object]:
    return {**_release_row(release, release.publish_id), "as sealed": damage(release.folder) or "yes"}


def _last_runs(environment: Environment) -> pd.DataFrame:
    if not environment.dagster_home.is_dir():
        return pd.DataFrame()
    # Only the run history needs Dagster, which takes seconds to load.
    from orchestration.instance import open_instance

    with open_instance(environment) as instance:
        records = instance.get_run_records(limit=5)
    return pd.DataFrame(
        [
            {
                "job": record.dagster_run.job_name,
                "status": record.dagster_run.status.value.lower(),
                "ended (UTC)": f"{pd.Timestamp(record.end_time, unit='s'):%Y-%m-%d %H:%M:%S}"
                if record.end_time
                else "",
                "run": record.dagster_run.run_id,
            }
            for record in records
        ]
    )


def demo_summary(settings: Settings) -> DemoSummary:
    """Where the release and the reports lie, ten headline figures, and what to type next."""
    environment = Environment.of(settings)
    release = current_release(environment.releases)
    reports = sorted((environment.reports / release.publish_id).glob("*.xlsx"))
    return DemoSummary(environment.releases / "current" / release.database.name, reports, headlines(settings))
