"""The clock and the day it is."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from orchestration.environment import business_date
from orchestration.settings import Settings


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("Europe/Bucharest", datetime(2024, 2, 29, 23, 30), date(2024, 3, 1)),
        ("Europe/Bucharest", datetime(2025, 3, 30, 20, 59), date(2025, 3, 30)),  # summer time began in the morning
        ("Europe/Bucharest", datetime(2025, 3, 30, 21, 0), date(2025, 3, 31)),
        ("America/Los_Angeles", datetime(2025, 1, 1, 6, 0), date(2024, 12, 31)),
    ],
)
def test_the_business_date_is_the_company_s_own(tmp_path: Path, zone: str, moment: datetime, expected: date) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path, timezone=zone)  # type: ignore[call-arg]
    assert business_date(settings, moment) == expected
