"""Settings: read from the environment only, described, and mirrored by .env.example."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from orchestration.cli import main
from orchestration.dbt import dbt_vars
from orchestration.env_example import render
from orchestration.settings import PROJECT_ROOT, Settings, SettingsError, parse_clock


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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "SALESWH_REPORTIN_CURRENCY",
            "SALESWH_REPORTIN_CURRENCY is no setting; do you mean SALESWH_REPORTING_CURRENCY?",
        ),
        ("SALESWH_QQQ", "SALESWH_QQQ is no setting; .env.example lists them all."),
    ],
)
def test_a_name_that_is_no_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, told: str
) -> None:
    """In the environment and in a file alike; names of other programs are none of our business."""
    env_file = tmp_path / "odd.env"
    env_file.write_text(f"OTHER_THING=1\n{name}=x\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(told)):
        Settings(_env_file=env_file)  # type: ignore[call-arg]
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError, match=re.escape(told)):
        Settings()


def test_variables_of_tests_and_dbt_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESWH_TEST_POSTGRESQL_URL", "x")
    monkeypatch.setenv("SALESWH_DBT_BUILD_FILE", "x")
    assert Settings().environment == "demo"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEMO_SEED", "abc", "SALESWH_DEMO_SEED is 'abc': input should be a valid integer"),
        ("TIMEZONE", "Europe/Berln", "SALESWH_TIMEZONE is 'Europe/Berln': expected a time zone of the IANA list"),
        ("TIMEZONE", "../etc", "SALESWH_TIMEZONE is '../etc': expected a time zone"),
        ("TIMEZONE", "", "SALESWH_TIMEZONE is '': expected a time zone"),
        ("CLOCK", "yesterday", "SALESWH_CLOCK is 'yesterday'; expected"),
        (
            "CLOSE_DATE_HISTORY_START",
            "tender",
            "SALESWH_CLOSE_DATE_HISTORY_START is 'tender': expected JSON, as .env.example",
        ),
        ("CUT_OVER", "erp", "SALESWH_CUT_OVER is 'erp': expected JSON, as .env.example"),
        ("CUT_OVER", '{"a": {"date": "2024-02-29", "successor": "b"}}', "SALESWH_CUT_OVER: a hands over to b; both"),
        ("CLOSE_DATE_HISTORY_START", '{"a": "2022-13-01"}', "SALESWH_CLOSE_DATE_HISTORY_START is '2022-13-01': month"),
        (
            "MAPPINGS",
            "erp,budgett",
            "SALESWH_MAPPINGS is 'erp,budgett': expected folders of dbt_project/models/staging, but there is no"
            " budgett; there are adventureworks, backfill, budget, calendar, erp,",
        ),
        ("REPORTING_CURRENCY", "Euro", "SALESWH_REPORTING_CURRENCY is 'Euro': expected the code of a currency"),
        ("COUNTRY", "FRANCE", "SALESWH_COUNTRY is 'FRANCE': expected the code of a country or of a part of it"),
        ("COUNTRY", "FR\n", "SALESWH_COUNTRY is 'FR\\n': expected the code of a country"),
        ("ENVIRONMENT", "Prod", "SALESWH_ENVIRONMENT is 'Prod': expected a name of small letters"),
    ],
)
def test_a_wrong_value_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(f"SALESWH_{name}", value)
    result = CliRunner().invoke(main, ["releases"])
    assert result.exit_code == 1
    assert result.output.startswith(f"saleswh: {told}")
    assert result.output.count("\n") == 1
    assert "http" not in result.output


@pytest.mark.parametrize(
    "env_file", sorted((PROJECT_ROOT / "docs" / "examples").glob("*/*.env")), ids=lambda p: p.parent.name
)
def test_every_example_can_be_used(env_file: Path) -> None:
    settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    named = [path for path in (settings.files_config, settings.erp_tables) if path]
    beside = [env_file.with_name(name).relative_to(PROJECT_ROOT) for name in ("files.yml", "erp.yml")]
    assert named == [path for path in beside if (PROJECT_ROOT / path).is_file()]
    assert named
