"""Settings: read from the environment only, described, and mirrored by .env.example."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from pydantic import ValidationError

from orchestration.dbt import dbt_vars
from orchestration.env_example import render
from orchestration.settings import PROJECT_ROOT, Settings, parse_clock


def test_env_example_shows_every_setting() -> None:
    assert (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8") == render()


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESWH_SOURCES", "erp, fx,")
    assert Settings().sources == ("erp", "fx")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().environment = "other"  # type: ignore[misc]


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESWH_SALESFORCE_CLIENT_SECRET", "canary-7f3")
    monkeypatch.setenv("SALESWH_ERP_URL", "postgresql://u:canary-7f3@host/db")
    assert "canary-7f3" not in repr(Settings()) + str(Settings().model_dump())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29T23:30:00Z", datetime(2024, 2, 29, 23, 30)),
        ("2024-03-31T03:30:00+03:00", datetime(2024, 3, 31, 0, 30)),
        ("2024-02-29 06:00", datetime(2024, 2, 29, 6)),
    ],
)
def test_clock_is_utc(text: str, expected: datetime) -> None:
    assert parse_clock(text) == expected


def test_wrong_clock_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESWH_CLOCK", "yesterday")
    with pytest.raises(ValidationError, match="SALESWH_CLOCK is 'yesterday'; expected"):
        Settings()


def test_a_cut_over_names_two_mappings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESWH_CUT_OVER", '{"backfill": {"date": "2024-02-29", "successor": "erp"}}')
    with pytest.raises(ValidationError, match="backfill hands over to erp; both must be different names of"):
        Settings(_env_file=None)
    monkeypatch.setenv("SALESWH_MAPPINGS", "erp,backfill")
    settings = Settings(_env_file=None)
    assert json.loads(dbt_vars(settings))["cut_over"] == {"backfill": {"date": "2024-02-29", "successor": "erp"}}
