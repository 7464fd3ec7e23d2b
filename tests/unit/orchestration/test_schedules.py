"""Triggers: business days after the close, and what counts as a change in the drop folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.schedules import all_schedules, all_sensors, folder_state, nth_business_day
from orchestration.settings import Settings


@pytest.mark.parametrize(
    ("first", "number", "expected"),
    [
        (date(2025, 2, 1), 3, date(2025, 2, 5)),  # a Saturday first
        (date(2024, 2, 29), 1, date(2024, 2, 29)),
        (date(2024, 3, 1), 2, date(2024, 3, 4)),
    ],
)
def test_business_days(first: date, number: int, expected: date) -> None:
    assert nth_business_day(first, number, frozenset()) == expected


def test_failures_are_told_from_the_start_and_nothing_runs_unasked(tmp_path: Path) -> None:
    """A new environment starts no run by itself, but a run that fails is told of without switching anything on."""
    settings = Settings(var_dir=tmp_path, environment="odd_env", drop_folder=tmp_path)
    on = {sensor.name: sensor.default_status.value for sensor in all_sensors(settings)}
    assert on == {"run_failure": "RUNNING", "drop_folder": "STOPPED"}
    assert {schedule.default_status.value for schedule in all_schedules(settings)} == {"STOPPED"}


def test_holidays_do_not_count() -> None:
    assert nth_business_day(date(2025, 1, 1), 1, frozenset({date(2025, 1, 1), date(2025, 1, 2)})) == date(2025, 1, 3)


def test_folder_state_sees_new_and_changed_files(tmp_path: Path) -> None:
    empty = folder_state(tmp_path)
    (tmp_path / "notes.txt").write_text("not a drop", encoding="utf-8")
    assert folder_state(tmp_path) == empty
    (tmp_path / "Budget ä.xlsx").write_bytes(b"1")
    first = folder_state(tmp_path)
    assert first != empty and folder_state(tmp_path) == first
    (tmp_path / "Budget ä.xlsx").write_bytes(b"22")
    assert folder_state(tmp_path) != first
