"""Triggers: business days after the close, and what counts as a change in the drop folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from exports.publish import ReleaseMeta, build_release, switch_current
from forecasting.calendar import due_vintages
from orchestration.assets.forecasts import forecast_config
from orchestration.environment import Environment
from orchestration.inputs import holidays, periods_frame
from orchestration.schedules import all_schedules, all_sensors, folder_state
from orchestration.settings import Settings

Evaluate = Callable[[str], dg.RunRequest | dg.SkipReason]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An environment with a release that holds a calendar of months; 1 and 2 January are holidays."""
    settings = Settings(_env_file=None, environment="closing", var_dir=tmp_path)  # type: ignore[call-arg]
    environment = Environment.of(settings)
    environment.folder.mkdir(parents=True)
    with duckdb.connect(str(environment.build_file)) as connection:
        connection.execute("""
            create schema marts;
            create table marts.dim_date as
            select
                day::date as date_day, year(day) * 100 + month(day) as fiscal_period_key,
                date_trunc('month', day)::date as fiscal_period_start, last_day(day) as fiscal_period_end,
                case when dayofyear(day) <= 2 then 'New Year' end as holiday_name
            from range(date '2021-01-01', date '2027-01-01', interval 1 day) as days (day)
        """)
    duckdb.connect(str(environment.state_file)).close()
    meta = ReleaseMeta("run", datetime(2024, 2, 29, 23, 30), "abc", {})
    release = build_release(environment.releases, environment.build_file, environment.state_file, meta)
    switch_current(environment.releases, release.publish_id)
    return settings


@pytest.fixture
def monthly_close(settings: Settings) -> Evaluate:
    """What the schedule `monthly_close` says on a day, at the hour at which it runs."""
    schedule = next(schedule for schedule in all_schedules(settings) if schedule.name == "monthly_close")

    def evaluate(day: str) -> dg.RunRequest | dg.SkipReason:
        context = dg.build_schedule_context(scheduled_execution_time=_tick(schedule, day))
        answer = schedule(context)
        assert isinstance(answer, dg.RunRequest | dg.SkipReason)
        return answer

    return evaluate


def _tick(schedule: dg.ScheduleDefinition, day: str) -> datetime:
    minute, hour, *every_day = str(schedule.cron_schedule).split()
    assert every_day == ["*", "*", "*"]
    assert schedule.execution_timezone == "UTC"
    return datetime.fromisoformat(f"{day}T{int(hour):02d}:{int(minute):02d}:00+00:00")


@pytest.mark.parametrize(
    ("closing", "others"),
    [
        ("2025-02-05", ["2025-02-01", "2025-02-04", "2025-02-06"]),  # a Saturday first
        ("2024-03-05", ["2024-03-04", "2024-03-06", "2024-03-29"]),  # February of a leap year
        ("2025-01-07", ["2025-01-03", "2025-01-06", "2025-01-08"]),  # two holidays, then a week-end
    ],
)
def test_the_closing_run_starts_on_the_closing_day_only(
    monthly_close: Evaluate, closing: str, others: list[str]
) -> None:
    assert isinstance(monthly_close(closing), dg.RunRequest)
    assert [day for day in others if isinstance(monthly_close(day), dg.RunRequest)] == []


def test_failures_are_told_from_the_start_and_nothing_runs_unasked(tmp_path: Path) -> None:
    """A new environment starts no run by itself, but a run that fails is told of without switching anything on."""
    settings = Settings(var_dir=tmp_path, environment="odd_env", drop_folder=tmp_path)
    on = {sensor.name: sensor.default_status.value for sensor in all_sensors(settings)}
    assert on == {"run_failure": "RUNNING", "drop_folder": "STOPPED"}
    assert {schedule.default_status.value for schedule in all_schedules(settings)} == {"STOPPED"}


def test_the_closing_run_makes_the_vintage_it_exists_for(settings: Settings) -> None:
    """At the run's own start the vintage of the period just closed is due, and it was not the day before."""
    schedule = next(schedule for schedule in all_schedules(settings) if schedule.name == "monthly_close")
    calendar = Environment.of(settings).build_file
    config, periods = forecast_config(settings, holidays(calendar)), periods_frame(calendar)
    start, before = (_tick(schedule, day).replace(tzinfo=None) for day in ("2025-01-07", "2025-01-06"))
    due = due_vintages(periods, date(2021, 1, 4), start, config)
    assert due[-1].date() == date(2025, 1, 7)
    assert due_vintages(periods, date(2021, 1, 4), before, config) == due[:-1]


def test_nothing_closes_before_the_first_release(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, environment="empty", var_dir=tmp_path)  # type: ignore[call-arg]
    schedule = next(schedule for schedule in all_schedules(settings) if schedule.name == "monthly_close")
    answer = schedule(dg.build_schedule_context(scheduled_execution_time=_tick(schedule, "2025-02-05")))
    assert isinstance(answer, dg.SkipReason)
    assert "Nothing has been published" in str(answer.skip_message)


def test_folder_state_sees_new_and_changed_files(tmp_path: Path) -> None:
    empty = folder_state(tmp_path)
    (tmp_path / "notes.txt").write_text("not a drop", encoding="utf-8")
    assert folder_state(tmp_path) == empty
    (tmp_path / "Budget ä.xlsx").write_bytes(b"1")
    first = folder_state(tmp_path)
    assert first != empty and folder_state(tmp_path) == first
    (tmp_path / "Budget ä.xlsx").write_bytes(b"22")
    assert folder_state(tmp_path) != first
