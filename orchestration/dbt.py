"""dbt as the orchestration runs it: variables from settings, files from the environment, a manifest that is fresh.

What belongs here: how dbt is called and when its project is parsed. What does not: models (dbt_project/) and the
assets made from them (`assets/warehouse.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dagster_dbt import DbtCliResource
from filelock import FileLock

from orchestration.environment import DBT_PROJECT, Environment
from orchestration.settings import Settings

_FINGERPRINT = "manifest.fingerprint"
_PARTIAL_PARSE = "partial_parse.msgpack"


class DbtError(Exception):
    """dbt could not parse or build; the message holds dbt's own sentence."""


def dbt_executable() -> Path:
    """The dbt command of this Python's own environment."""
    return Path(sys.executable).with_name("dbt")


def dbt_vars(settings: Settings) -> str:
    """dbt's variables as JSON, every one of them from the settings."""
    variables = {
        "mappings": list(settings.mappings),
        "cut_over": {older: rule.model_dump(mode="json") for older, rule in settings.cut_over.items()},
        "timezone": settings.timezone,
        "reporting_currency": settings.reporting_currency,
        "fiscal_year_start_month": settings.fiscal_year_start_month,
        "fiscal_calendar": settings.fiscal_calendar,
        "calendar_start": settings.calendar_start.isoformat() if settings.calendar_start else "",
        "calendar_end": settings.calendar_end.isoformat() if settings.calendar_end else "",
        "forecast_horizon": settings.forecast_horizon,
        "fx_max_age_days": settings.fx_max_age_days,
        "deal_amount_limit": settings.deal_amount_limit,
        "customer_active_days": settings.customer_active_days,
        "opportunity_active_days": settings.opportunity_active_days,
        "close_date_history_start": {
            pipeline: day.isoformat() for pipeline, day in settings.close_date_history_start.items()
        },
    }
    return json.dumps(variables, sort_keys=True)


def dbt_files(environment: Environment) -> dict[str, str]:
    """The environment variables by which `profiles.yml` finds the two warehouse files."""
    return {
        "SALESWH_DBT_BUILD_FILE": str(environment.build_file),
        "SALESWH_DBT_STATE_FILE": str(environment.state_file),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def dbt_resource(environment: Environment) -> DbtCliResource:
    """The Dagster resource that runs dbt on this environment's files."""
    os.environ.update(dbt_files(environment))
    return DbtCliResource(
        project_dir=os.fspath(DBT_PROJECT),
        profiles_dir=os.fspath(DBT_PROJECT),
        dbt_executable=os.fspath(dbt_executable()),
        global_config_flags=["--no-version-check", "--no-use-colors"],
    )


def ensure_manifest(settings: Settings) -> Path:
    """Parse the dbt project if anything in it or in the settings has changed; give the manifest's path.

    A stale manifest would silently give yesterday's graph. One process parses while others wait: the command, the UI
    and its daemon may all ask at once. Raises `DbtError` with dbt's own words.
    """
    environment = Environment.of(settings)
    target = environment.dbt_target
    target.mkdir(parents=True, exist_ok=True)
    manifest, mark = target / "manifest.json", target / _FINGERPRINT
    fingerprint = _fingerprint(settings)
    with FileLock(target / "parse.lock"):
        if manifest.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == fingerprint:
            return manifest
        run_dbt(settings, ["parse"], target)
        mark.write_text(fingerprint, encoding="utf-8")
    return manifest


def build_target(settings: Settings, name: str) -> Path:
    """The folder for the artefacts of the set `name`, which starts from what parsing has found: no second parse."""
    parsed = Environment.of(settings).dbt_target / _PARTIAL_PARSE
    target = parsed.parent / name
    target.mkdir(parents=True, exist_ok=True)
    if parsed.is_file():
        shutil.copy2(parsed, target / _PARTIAL_PARSE)
    return target


def run_dbt(settings: Settings, args: list[str], target: Path) -> str:
    """Run one dbt command on this environment; give what it printed. Raises `DbtError` when it fails."""
    command = [
        os.fspath(dbt_executable()), "--no-use-colors", "--no-version-check", *args,
        "--project-dir", os.fspath(DBT_PROJECT), "--profiles-dir", os.fspath(DBT_PROJECT),
        "--target-path", os.fspath(target), "--log-path", os.fspath(target),
        "--vars", dbt_vars(settings),
    ]  # fmt: skip
    files = dbt_files(Environment.of(settings))
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **files}, check=False)
    if done.returncode:
        raise DbtError(f"dbt {args[0]} failed. It said:\n{done.stdout[-4000:]}{done.stderr[-1000:]}")
    return done.stdout


def _fingerprint(settings: Settings) -> str:
    digest = hashlib.sha256(dbt_vars(settings).encode())
    for file in sorted(DBT_PROJECT.rglob("*")):
        if file.suffix in {".sql", ".yml", ".csv"} and "target" not in file.parts and file.is_file():
            digest.update(file.relative_to(DBT_PROJECT).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
