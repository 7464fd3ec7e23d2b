"""`saleswh sources check` on a whole company: everything is seen, and one broken system hides no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from demo.systems.crm_server import CrmServer
from ingestion.findings import SourceFindings
from orchestration.cli import main

SECRET = "opensesame-canary"


@pytest.fixture
def company(tiny_original: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The tiny company as an environment of its own, by settings alone."""
    with CrmServer(tiny_original) as crm:
        settings = {
            "environment": "prod",
            "salesforce_base_url": crm.url,
            "salesforce_client_id": crm.client_id,
            "salesforce_client_secret": crm.client_secret,
            "erp_url": f"sqlite:///{tiny_original / 'erp.sqlite'}",
            "drop_folder": str(tiny_original / "drop"),
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"SALESWH_{name.upper()}", value)
        yield monkeypatch


def check(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["sources", "check", *arguments])
    return result.exit_code, result.output


def findings(*arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    code, output = check(*arguments, "--format", "json")
    return code, {source["source"]: source for source in json.loads(output)}


def test_a_healthy_company_is_seen_whole(company: pytest.MonkeyPatch) -> None:
    code, sources = findings()
    assert code == 0
    assert [(name, source["is_usable"], source["problem"]) for name, source in sources.items()] == [
        (name, True, "") for name in ("salesforce", "erp", "budget", "fx", "calendar")
    ]
    rows = {table["table"]: table["rows"] for table in sources["salesforce"]["tables"]}
    assert (rows["Account"], rows["Opportunity"], rows["Task"]) == (3, 12, 0)
    assert {table["table"]: table["rows"] for table in sources["erp"]["tables"]}["customer"] == 2
    assert any("OpportunityHistory: when a deal changed" in fact for fact in sources["salesforce"]["cannot_know"])


def test_broken_systems_hide_no_sound_one_and_no_secret_is_told(company: pytest.MonkeyPatch, tmp_path: Path) -> None:
    company.setenv("SALESWH_SALESFORCE_CLIENT_SECRET", SECRET)
    company.setenv("SALESWH_ERP_URL", f"sqlite:///{tmp_path / 'gone.sqlite'}?password={SECRET}")
    company.setenv("SALESWH_DROP_FOLDER", str(tmp_path))
    code, output = check()
    assert code == 1
    assert SECRET not in output
    assert "refused" in output
    assert "unreachable" in output
    code, sources = findings("erp", "calendar", "salesforce")
    assert code == 1
    usable = {name: source["is_usable"] for name, source in sources.items()}
    assert usable == {"salesforce": False, "erp": False, "calendar": True}
    assert sources["salesforce"]["authenticated"] is False


def test_a_missing_setting_is_the_finding_of_its_source(company: pytest.MonkeyPatch) -> None:
    company.delenv("SALESWH_ERP_URL")
    code, sources = findings("erp", "fx")
    assert code == 1
    assert "SALESWH_ERP_URL is not set" in sources["erp"]["problem"]
    assert sources["fx"]["is_usable"]


def test_what_a_probe_did_not_foresee_is_told_by_its_kind(company: pytest.MonkeyPatch) -> None:
    def break_off(_config: object) -> SourceFindings:
        raise LookupError(SECRET)

    company.setattr("ingestion.check.PROBES", {"fx": break_off})
    code, sources = findings("fx", "calendar")
    assert code == 1
    assert sources["fx"]["problem"] == "The check broke off with LookupError; load the source to see why."


def test_a_source_that_is_not_enabled_is_refused(company: pytest.MonkeyPatch) -> None:
    code, output = check("files")
    assert code == 1
    assert "Source files is not enabled" in output
