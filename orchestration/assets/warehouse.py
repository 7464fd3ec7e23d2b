"""dbt's models as two sets of assets: `core` before the Python forecasts, `downstream` after.

What belongs here: building the two sets, and recording what dbt's tests found. What does not: keys (`keys.py`), how dbt
is called (`dbt.py`) and what follows from a failed test (`audit.py`).
"""

import atexit
import subprocess
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.audit import RUN_RESULTS, dbt_check_results, record_checks
from orchestration.build_stamp import give_stamp, take_stamp_away
from orchestration.dbt import build_target, dbt_vars
from orchestration.keys import DOWNSTREAM_TAG, WarehouseDbtTranslator
from orchestration.resources import WritingRun
from orchestration.settings import Settings
from orchestration.sources import require_loaded


def warehouse_assets(settings: Settings, manifest: Path) -> list[dg.AssetsDefinition]:
    """The core set and the downstream set of the dbt project's models, seeds and tests."""
    return [
        _dbt_set(settings, manifest, "core", select="fqn:*", exclude=f"tag:{DOWNSTREAM_TAG}"),
        _dbt_set(settings, manifest, DOWNSTREAM_TAG, select=f"tag:{DOWNSTREAM_TAG}", exclude=""),
    ]


def _dbt_set(settings: Settings, manifest: Path, name: str, select: str, exclude: str) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        name=f"dbt_{name}",
        select=select,
        exclude=exclude,
        dagster_dbt_translator=WarehouseDbtTranslator(),
        required_resource_keys={"writing_run", "dbt"},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        # Unit tests prove the SQL's logic, not the data: they run with the project's tests, not with every load.
        arguments = ["build", "--exclude-resource-type", "unit_test", "--vars", dbt_vars(settings)]
        target = build_target(settings, name)
        run: WritingRun = context.resources.writing_run
        # A dbt that ends before its first model writes no results; those of another run must not pass for its own.
        (target / RUN_RESULTS).unlink(missing_ok=True)
        require_loaded(settings, run.environment.state_file)
        take_stamp_away(run.environment.build_file, name)
        dbt: DbtCliResource = context.resources.dbt
        invocation = dbt.cli(arguments, context=context, target_path=target)
        end = partial(end_process, invocation.process)
        # A run that breaks off, on a full disk for example, may never close this generator.
        atexit.register(end)
        try:
            yield from invocation.stream()
        finally:
            end()
            atexit.unregister(end)
            files = run.environment.build_file, run.environment.state_file
            results = dbt_check_results(target, *files, context.run_id, run.clock)
            record_checks(run.environment.state_file, results)
        if is_whole(build, context.selected_asset_keys, context.selected_asset_check_keys):
            give_stamp(run.environment.build_file, name, context.run_id)

    return build


def is_whole(assets: dg.AssetsDefinition, keys: Collection[dg.AssetKey], checks: Collection[dg.AssetCheckKey]) -> bool:
    """Whether a selection takes every model of a set, and every test on one of them."""
    return set(assets.keys) <= set(keys) and {c for c in assets.check_keys if c.asset_key in assets.keys} <= set(checks)


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Let no dbt outlive its run: it would hold the warehouse files against the next one."""
    if process.poll() is None:
        process.terminate()
        process.wait()
