"""Dagster's instance of an environment: one run history for the command and the UI.

What belongs here: `dagster.yaml` and opening the instance. What does not: jobs.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.environment import Environment

# One run at a time from the queue; the writer lock holds against runs that bypass the queue.
_DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def prepare_dagster_home(environment: Environment) -> Path:
    """Create the instance's folder and its `dagster.yaml`; give the folder."""
    home = environment.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    settings_file = home / "dagster.yaml"
    if not settings_file.is_file() or settings_file.read_text(encoding="utf-8") != _DAGSTER_YAML:
        settings_file.write_text(_DAGSTER_YAML, encoding="utf-8")
    return home


def open_instance(environment: Environment) -> dg.DagsterInstance:
    """Open the environment's instance, which the UI reads too."""
    return dg.DagsterInstance.from_config(str(prepare_dagster_home(environment)))
