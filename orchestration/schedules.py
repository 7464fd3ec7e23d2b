"""When the jobs run: schedules, the drop-folder sensor, and the sensor that tells of failures.

What belongs here: cadences and triggers. What does not: the jobs' selections (`jobs.py`) and the hook (`notify.py`).
"""

import hashlib
from datetime import UTC, timedelta
from pathlib import Path

import dagster as dg

from exports.publish import ReleaseError, current_release
from forecasting.calendar import last_closing
from forecasting.config import ForecastConfig
from orchestration.assets.forecasts import forecast_config
from orchestration.environment import Environment
from orchestration.inputs import holidays, periods_frame
from orchestration.notify import notify
from orchestration.settings import Settings

_DROPPED = ("*.xlsx", "*.csv", "*.yml")
# Minutes past the hour in which a period closes: the run must begin after it, or its vintage is not due yet.
_AFTER_CLOSE_MINUTE = 5


def all_schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """The cadences of the report calendar that exist: every 15 minutes, weekly, and monthly after the close."""
    zone = settings.timezone
    return [
        dg.ScheduleDefinition(
            name="every_15_minutes", job_name="refresh", cron_schedule="*/15 * * * *", execution_timezone=zone,
            description="Extract, build, check and publish.",
        ),
        dg.ScheduleDefinition(
            name="weekly_monday", job_name="full", cron_schedule="0 5 * * 1", execution_timezone=zone,
            description="Everything, so that the weekly reports are there on Monday at 07:00.",
        ),
        _monthly_close(settings),
    ]  # fmt: skip


def _monthly_close(settings: Settings) -> dg.ScheduleDefinition:
    """Everything once a fiscal period has closed by the calendar that is served, holidays and 4-4-5 weeks included."""

    @dg.schedule(
        name="monthly_close",
        job_name="full",
        cron_schedule=f"{_AFTER_CLOSE_MINUTE} {ForecastConfig().close_hour_utc} * * *",
        execution_timezone="UTC",
        description="Everything, as soon as the fiscal period has closed: three business days after its end.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        scheduled = context.scheduled_execution_time.astimezone(UTC).replace(tzinfo=None)
        try:
            calendar = current_release(Environment.of(settings).releases).database
        except ReleaseError as error:
            return dg.SkipReason(str(error))
        config = forecast_config(settings, holidays(calendar))
        closed_at = last_closing(periods_frame(calendar), scheduled, config)
        if closed_at is None or scheduled - closed_at >= timedelta(days=1):
            return dg.SkipReason(
                f"No fiscal period has closed in the day before {scheduled}; the last one: {closed_at}."
            )
        return dg.RunRequest(run_key=f"close-{closed_at:%Y-%m-%d}")

    return schedule


def all_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """The drop-folder sensor (when there is a drop folder) and the failure sensor."""
    folder = drop_folder(settings)
    return [*([_drop_folder_sensor(folder)] if folder else []), _failure_sensor(settings)]


def drop_folder(settings: Settings) -> Path | None:
    """The configured drop folder, or the demo company's once it exists."""
    demo_drop = Environment.of(settings).demo / "drop"
    return settings.drop_folder or (demo_drop if demo_drop.is_dir() else None)


def _drop_folder_sensor(folder: Path) -> dg.SensorDefinition:
    @dg.sensor(
        name="drop_folder", job_name="refresh", minimum_interval_seconds=30,
        description="Refreshes when a file in the drop folder is new or has changed.",
    )  # fmt: skip
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        listing = folder_state(folder)
        if listing == context.cursor:
            return dg.SkipReason("Nothing in the drop folder has changed.")
        first_look = context.cursor is None
        context.update_cursor(listing)
        if first_look:
            return dg.SkipReason("The drop folder's files are noted; the next change starts a refresh.")
        return dg.RunRequest(run_key=f"drop-{listing}")

    return sensor


def folder_state(folder: Path) -> str:
    """A hash of names, sizes and modification times of the files that may be dropped."""
    digest = hashlib.sha256()
    files = sorted({file for pattern in _DROPPED for file in folder.rglob(pattern)})
    for file in files:
        stat = file.stat()
        digest.update(f"{file.relative_to(folder)}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _failure_sensor(settings: Settings) -> dg.SensorDefinition:
    # On from the start: a failure that nobody is told of is worse than one message too many.
    @dg.run_failure_sensor(
        name="run_failure",
        description="Tells the notification hook of every failed run.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        notify(settings, f"{run.job_name} failed", f"Run {run.run_id}: {context.failure_event.message}")

    return sensor
