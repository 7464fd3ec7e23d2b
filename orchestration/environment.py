"""Where one environment keeps its files, and what time it is there.

What belongs here: paths and the clock, derived from settings. What does not: reading or writing those files.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.settings import PROJECT_ROOT, Settings, parse_clock

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
DEMO_ENVIRONMENT = "demo"


@dataclass(frozen=True)
class Environment:
    """The files of one environment, all below one folder."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> Environment:
        """The environment that the settings name, as an absolute path."""
        var_dir = settings.var_dir if settings.var_dir.is_absolute() else PROJECT_ROOT / settings.var_dir
        return cls(var_dir / settings.environment)

    @property
    def state_file(self) -> Path:
        """Durable state: raw versions, forecast vintages, logs."""
        return self.folder / "state.duckdb"

    @property
    def build_file(self) -> Path:
        """The disposable build, staging to marts."""
        return self.folder / "build.duckdb"

    @property
    def releases(self) -> Path:
        """Sealed releases and the `current` pointer."""
        return self.folder / "releases"

    @property
    def reports(self) -> Path:
        """Report files, one folder per release."""
        return self.folder / "reports"

    @property
    def pipelines(self) -> Path:
        """dlt's working folders."""
        return self.folder / "dlt"

    @property
    def dbt_target(self) -> Path:
        """dbt's manifest, compiled SQL and run results."""
        return self.folder / "dbt"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance: run history and event log."""
        return self.folder / "dagster"

    @property
    def lock_file(self) -> Path:
        """The lock that the one writing run holds."""
        return self.folder / "writer.lock"

    @property
    def demo(self) -> Path:
        """The demo company's own systems."""
        return self.folder / "demo"

    @property
    def checked(self) -> Path:
        """Folder of the long rows of checked workbooks."""
        return self.folder / "checked"

    @property
    def notifications(self) -> Path:
        """Where the default notification hook writes."""
        return self.folder / "notifications.jsonl"


def resolve_clock(settings: Settings) -> datetime:
    """The run's 'now', a naive UTC time in whole seconds: fixed, the demo company's, or the machine's."""
    if settings.clock not in ("auto", "system"):
        return parse_clock(settings.clock)
    demo_folder = Environment.of(settings).demo
    if settings.clock == "auto" and settings.environment == DEMO_ENVIRONMENT and demo_folder.is_dir():
        # Only the demo environment needs the demo's systems (and their web server) loaded.
        from demo.systems.store import demo_now

        return demo_now(demo_folder)
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


def business_date(settings: Settings, moment: datetime) -> date:
    """The day in the company's time zone at a moment in naive UTC; `ops.clock` holds the same for the run's clock."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(settings.timezone)).date()


def code_version(settings: Settings) -> str:
    """The version stamped on vintages and releases: the setting, else the git commit, else 'unknown'."""
    if settings.code_version:
        return settings.code_version
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
