"""Dagster's instance of an environment: one run history for the command and the UI.

What belongs here: `dagster.yaml` and opening the instance. What does not: jobs.
"""

from __future__ import annotations

import json
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
event_log_storage:
  module: orchestration.event_log
  class: KeptSqliteEventLogStorage
  config:
    base_dir: {base_dir}
"""


def prepare_dagster_home(environment: Environment) -> Path:
    """Create the instance's folder and its `dagster.yaml`; give the folder."""
    home = environment.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    settings_file = home / "dagster.yaml"
    content = _DAGSTER_YAML.format(base_dir=json.dumps(str(home / "history" / "runs")))
    if not settings_file.is_file() or settings_file.read_text(encoding="utf-8") != content:
        settings_file.write_text(content, encoding="utf-8")
    return home


def open_instance(environment: Environment) -> dg.DagsterInstance:
    """Open the environment's instance, which the UI reads too."""
    return dg.DagsterInstance.from_config(str(prepare_dagster_home(environment)))
