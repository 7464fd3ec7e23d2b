"""The small demo company behind its real interfaces: what each system shows equals what the generator says."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import requests

from demo.company.model import Company
from demo.company.timeline import FROZEN_NOW, generate, state_at
from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer, RunningServer, start_crm_server
from demo.systems.store import create_systems, evolve
from ingestion.sources.erp.tables import TABLES as ERP

API = "/services/data/v62.0"
DAYS = 12


@pytest.fixture(scope="module")
def company() -> Company:
    return generate("S")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company") / "demo"
    create_systems(folder, "S")
    return folder


@pytest.fixture(scope="module")
def evolved(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company after twelve days, moved in steps of different length."""
    folder = Path(shutil.copytree(fresh, tmp_path_factory.mktemp("later") / "demo"))
    for days in (1, 1, 3, DAYS - 5):
        evolve(folder, days)
    return folder


@pytest.fixture(scope="module")
def answers(fresh: Path) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Quirks by id from the answer key on disk."""
    found: dict[str, list[dict[str, Any]]] = {}
    for quirk in json.loads((fresh / "quirks.json").read_text(encoding="utf-8"))["quirks"]:
        found.setdefault(quirk["id"], []).append(quirk)
    yield found


def session(server: RunningServer) -> requests.Session:
    found = requests.Session()
    form = {"grant_type": "client_credentials", "client_id": server.client_id, "client_secret": server.client_secret}
    token = found.post(f"{server.url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
    found.headers["Authorization"] = f"Bearer {token}"
    return found


def every_record(server: RunningServer, name: str, *fields: str) -> list[tuple[Any, ...]]:
    """All records of an object, soft-deleted ones too, retrying what the server's bad days refuse."""
    client, found = session(server), []
    address: str | None = f"{API}/queryAll?q=SELECT {', '.join(fields)} FROM {name} ORDER BY SystemModstamp, Id"
    while address:
        answer = client.get(server.url + address, timeout=30)
        if answer.status_code in (429, 503):
            continue
        page = answer.json()
        found += [tuple(record[field] for field in fields) for record in page["records"]]
        address = page.get("nextRecordsUrl")
    return found


def shown(timeline_rows: pd.DataFrame) -> set[tuple[Any, ...]]:
    stamps = timeline_rows["SystemModstamp"].dt.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return set(zip(timeline_rows["Id"], stamps, timeline_rows["IsDeleted"], strict=True))


def test_crm_shows_the_generated_state_before_and_after(company: Company, fresh: Path, evolved: Path) -> None:
    for folder, now in ((fresh, FROZEN_NOW), (evolved, datetime(2025, 3, 26, 6))):
        with CrmServer(folder, faults=CrmFaults()) as server:
            for name in ("Opportunity", "Account", "Lead"):
                rows = every_record(server, name, "Id", "SystemModstamp", "IsDeleted")
                assert len(rows) == len(set(rows))
                assert set(rows) == shown(state_at(company.crm[name], now))


def test_an_ordinary_bad_day_repeats_one_page_and_loses_nothing(company: Company, fresh: Path) -> None:
    server = start_crm_server(fresh)
    try:
        counts = Counter(row[0] for row in every_record(server, "Task", "Id"))
    finally:
        server.stop()
    assert counts.keys() == set(state_at(company.crm["Task"], FROZEN_NOW)["Id"])


def test_hard_deletions_are_in_the_log_and_nowhere_else(
    company: Company, fresh: Path, answers: dict[str, list[dict[str, Any]]]
) -> None:
    """The log names the deletions up to now; the key also has those of the days to come."""
    planted = {key for quirk in answers["A2"] if quirk["entity"].lower() == "opportunity" for key in quirk["keys"]}
    timeline = company.crm["Opportunity"].frame
    gone = set(timeline["Id"][timeline["_hard_deleted_at"] <= pd.Timestamp(FROZEN_NOW)])
    window = {"start": "2022-01-01T00:00:00Z", "end": "2025-03-14T06:00:01Z"}
    with CrmServer(fresh, faults=CrmFaults()) as server:
        path = f"{server.url}{API}/sobjects/Opportunity/deleted/"
        listed = {r["id"] for r in session(server).get(path, params=window, timeout=30).json()["deletedRecords"]}
        left = {row[0] for row in every_record(server, "Opportunity", "Id")}
    assert listed == gone
    assert listed
    assert listed <= planted
    assert not listed & left


@pytest.mark.parametrize("name", sorted(ERP))
def test_erp_equals_the_generated_state_after_evolving(company: Company, evolved: Path, name: str) -> None:
    keys = ERP[name].key
    expected = state_at(company.erp[name], datetime(2025, 3, 26, 6))
    with closing(sqlite3.connect(evolved / "erp.sqlite")) as connection:
        found = connection.execute(f'SELECT {", ".join(keys)}, rowversion FROM "{name}"').fetchall()
        (highest,) = connection.execute(f'SELECT max(rowversion) FROM "{name}"').fetchone()
    dates = {c.name for c in ERP[name].columns if c.type == "date"}
    columns = [expected[k].dt.strftime("%Y-%m-%d") if k in dates else expected[k] for k in (*keys, "rowversion")]
    assert sorted(found) == sorted(zip(*columns, strict=True))
    assert highest == expected["rowversion"].max()


def test_money_in_the_erp_adds_up_exactly(company: Company, fresh: Path) -> None:
    with closing(sqlite3.connect(fresh / "erp.sqlite")) as connection:
        (total,) = connection.execute("SELECT sum(line_amount) FROM invoice_line").fetchone()
    expected = state_at(company.erp["invoice_line"], FROZEN_NOW)["line_amount"].sum()
    assert total == pytest.approx(expected, abs=0.001)
    assert total > 0


def test_workbook_files_and_control_totals(evolved: Path, answers: dict[str, list[dict[str, Any]]]) -> None:
    """Each sheet's grand total is the control total of the key, the planted wrong one aside."""
    budget = evolved / "drop" / "budget"
    wrong = {key.rpartition("!")[0] for quirk in answers["B3"] for key in quirk["keys"]}
    checked = 0
    for quirk in answers["B2"]:
        file, _, again = quirk["keys"][0].split("/")[0].partition(" ")
        path = budget / "resent" / file if again else budget / file
        book = openpyxl.load_workbook(path, data_only=True)
        for region, control in quirk["expected"]["sheets"].items():
            sheet = book[region]
            year = [cell.value for cell in sheet[8]].index("FY")
            total = next(row[year].value for row in sheet.iter_rows(min_row=9) if row[0].value == "Total")
            fits = total == pytest.approx(control["total_in_unit"], abs=0.001)
            assert fits == (f"{file}{' re-sent' if again else ''}/{region}" not in wrong)
            checked += 1
    assert checked >= 6 * 4
    assert len(wrong) == 1
    assert {p.name for p in budget.glob("*.xlsx")} == {
        *(f"Budget_FY{year}_v1.xlsx" for year in (2022, 2023, 2024, 2025)),
        "Budget_FY2024_v2.xlsx",
        "Budget_FY2024_v3.xlsx",
    }


def test_resent_workbooks_are_other_versions(evolved: Path, answers: dict[str, list[dict[str, Any]]]) -> None:
    (quirk,) = answers["B10"]
    for name in quirk["keys"]:
        first = (evolved / "drop" / "budget" / name).read_bytes()
        assert first != (evolved / "drop" / "budget" / "resent" / name).read_bytes()
    assert len(quirk["keys"]) == 2
