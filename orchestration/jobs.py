"""The jobs: which part of the graph each runs.

What belongs here: selections. What does not: when they run (`schedules.py`) and what the assets do.
"""

from __future__ import annotations

import dagster as dg

ESTIMATORS_GROUP = "estimators"
FORECASTS_GROUP = "forecasts"
REPORTS_GROUP = "reports"
RELEASE_GROUP = "release"
SOURCES_GROUP = "sources"

_ESTIMATED = dg.AssetSelection.groups(ESTIMATORS_GROUP, FORECASTS_GROUP)
_EXTRACTED = dg.AssetSelection.groups(SOURCES_GROUP)
_REPORTED = dg.AssetSelection.groups(REPORTS_GROUP)

SELECTIONS: dict[str, tuple[dg.AssetSelection, str]] = {
    "full": (dg.AssetSelection.all(), "Everything: extract, build, estimate, forecast, check, publish, report."),
    "refresh": (
        dg.AssetSelection.all() - _ESTIMATED - _REPORTED,
        "Extract, build, check and publish, without estimators, forecasts and reports.",
    ),
    "forecast": (
        dg.AssetSelection.all() - _EXTRACTED - _REPORTED,
        "Build, estimate, forecast, check and publish, without extracting.",
    ),
    "rebuild": (
        dg.AssetSelection.all() - _EXTRACTED - _ESTIMATED - _REPORTED,
        "A new build from the durable state alone, checked and published.",
    ),
    "reports": (_REPORTED, "The reports of the release that is served."),
}


def all_jobs() -> list[dg.UnresolvedAssetJobDefinition]:
    """One asset job per selection, run in one process: the default would import everything again for each step."""
    return [
        dg.define_asset_job(name, selection, description=text, executor_def=dg.in_process_executor)
        for name, (selection, text) in SELECTIONS.items()
    ]
