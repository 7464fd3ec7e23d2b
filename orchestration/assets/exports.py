"""The release and the reports as assets.

What belongs here: audit, publish, report and log, in that order. What does not: how a release or a file is made
(exports).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd

from exports.catalog import report_catalog
from exports.publish import Release, ReleaseMeta, build_release, current_release, prune_releases, switch_current
from exports.render import ExportedFile, render, write_files
from exports.report import Report
from exports.reports import REPORTS
from orchestration.audit import audit_build
from orchestration.jobs import RELEASE_GROUP, REPORTS_GROUP
from orchestration.keys import RELEASE_KEY, report_key
from orchestration.resources import WritingRun
from orchestration.state import open_state, replace

FOLDER_RECIPIENT = "folder"


def release_asset(inputs: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The release of everything in `inputs`; it is made only when every check of the same run has passed."""

    @dg.asset(
        key=RELEASE_KEY,
        deps=inputs,
        group_name=RELEASE_GROUP,
        kinds={"duckdb"},
        required_resource_keys={"writing_run"},
        description="An immutable DuckDB file with the schemas marts, forecast, planning, quality and ops.",
    )
    def warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        run: WritingRun = context.resources.writing_run
        release = publish(run, context.run_id)
        return dg.MaterializeResult(
            metadata={
                "publish_id": release.publish_id,
                "file": dg.MetadataValue.path(str(release.database)),
                "dagster/row_count": release.row_count("marts.fct_sales"),
                "size_mb": round(release.manifest["size_bytes"] / 1e6, 1),
            }
        )

    return warehouse


def publish(run: WritingRun, run_id: str) -> Release:
    """Release the run's own build, serve it, and log it. Raises `AuditError` unless every check of the run passed."""
    environment = run.environment
    checks = audit_build(environment.build_file, environment.state_file, run_id)
    with open_state(environment.state_file) as connection:
        replace(connection, "ops.report_catalog", report_catalog())
    meta = ReleaseMeta(run_id, run.clock, run.code_version, checks)
    release = build_release(environment.releases, environment.build_file, environment.state_file, meta)
    release = switch_current(environment.releases, release.publish_id)
    _log_publish(run, release)
    prune_releases(environment.releases, run.settings.releases_kept)
    return release


def report_assets() -> list[dg.AssetsDefinition]:
    """One asset per registered report, made from the release that is served."""
    return [_report_asset(report) for report in REPORTS.values()]


def _report_asset(report: Report) -> dg.AssetsDefinition:
    @dg.asset(
        key=report_key(report.report_id),
        deps=[RELEASE_KEY],
        group_name=REPORTS_GROUP,
        kinds={"excel", "csv"},
        required_resource_keys={"writing_run"},
        description=report.question,
    )
    def files(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        run: WritingRun = context.resources.writing_run
        release = current_release(run.environment.releases)
        started_at = _now()
        written = write_files(render(report, release), run.environment.reports / release.publish_id)
        _log_exports(run, report, release, context.run_id, written, started_at)
        return dg.MaterializeResult(
            metadata={
                "files": dg.MetadataValue.json([str(file.path) for file in written]),
                "dagster/row_count": sum(file.row_count for file in written if file.format == "xlsx"),
            }
        )

    return files


def _log_publish(run: WritingRun, release: Release) -> None:
    checks = release.manifest["checks"]
    row = {
        "publish_id": release.publish_id,
        "run_id": release.manifest["run_id"],
        "published_at": run.clock,
        "previous_publish_id": release.manifest["previous_publish_id"],
        "file_path": f"{release.publish_id}/{release.database.name}",
        "sha256": release.manifest["sha256"],
        "checks_passed": checks.get("passed", 0),
        "checks_failed": checks.get("failed", 0),
        "reader_errors": None,
    }
    with open_state(run.environment.state_file) as connection:
        replace(connection, "ops.publish_log", pd.DataFrame([row]), {"publish_id": release.publish_id})


def _log_exports(
    run: WritingRun,
    report: Report,
    release: Release,
    run_id: str,
    written: Sequence[ExportedFile],
    started_at: datetime,
) -> None:
    with open_state(run.environment.state_file) as connection:
        for file in written:
            row = {
                "export_id": f"{release.publish_id}/{file.path.name}",
                "report_id": report.report_id,
                "cadence": report.cadence,
                "scheduled_for": run.clock,
                "recipient": FOLDER_RECIPIENT,
                "run_id": run_id,
                "publish_id": release.publish_id,
                "file_path": _relative(file.path, run.environment.reports),
                "format": file.format,
                "row_count": file.row_count,
                "sha256": file.sha256,
                "started_at": started_at,
                "finished_at": _now(),
                "status": "written",
            }
            replace(connection, "ops.export_log", pd.DataFrame([row]), {"export_id": row["export_id"]})


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
