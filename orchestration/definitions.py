"""Assembly of the code location on one screen, no logic.

`build_defs(settings)` is what tests and the command call; `defs` is what `workspace.yaml` loads.
"""

from __future__ import annotations

import dagster as dg

from exports.publish import RELEASED_SCHEMAS
from orchestration.assets.exports import release_asset, report_assets
from orchestration.assets.forecasts import forecast_assets
from orchestration.assets.ingestion import ingestion_assets, load_log_asset, run_clock_asset
from orchestration.assets.models import estimator_assets
from orchestration.assets.warehouse import warehouse_assets
from orchestration.checks import report_checks, table_checks
from orchestration.dbt import dbt_resource, ensure_manifest
from orchestration.environment import Environment
from orchestration.jobs import all_jobs
from orchestration.resources import writing_run
from orchestration.schedules import all_schedules, all_sensors
from orchestration.settings import Settings
from orchestration.sources import refuse_own_systems


def build_defs(settings: Settings) -> dg.Definitions:
    """Everything that Dagster knows of one environment. Raises with a sentence when settings or dbt are wrong."""
    refuse_own_systems(settings)
    extracted = ingestion_assets(settings)
    built = [
        run_clock_asset(),
        *extracted,
        load_log_asset(key for assets in extracted for key in assets.keys),
        *warehouse_assets(settings, ensure_manifest(settings)),
        *estimator_assets(),
        *forecast_assets(),
    ]
    keys = [key for assets in built for key in assets.keys]
    return dg.Definitions(
        assets=[*built, release_asset([key for key in keys if key.path[0] in RELEASED_SCHEMAS]), *report_assets()],
        asset_checks=[*table_checks(keys), *report_checks()],
        jobs=all_jobs(),
        schedules=all_schedules(settings),
        sensors=all_sensors(settings),
        resources={"writing_run": writing_run(settings), "dbt": dbt_resource(Environment.of(settings))},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location with the settings of this process's environment."""
    return build_defs(Settings())
