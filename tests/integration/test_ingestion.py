"""Ingestion against the small demo company: equal to the systems after every load, unhurt by kills and faults."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.systems.crm_server import start_crm_server
from demo.systems.store import create_systems, demo_now, evolve
from ingestion.naming import raw_name
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.tables import TABLES as ERP_TABLES
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.salesforce.config import SalesforceConfig
from tests.integration.quirks.finding import finding

pytestmark = pytest.mark.integration
FROZEN = datetime(2014, 1, 29, 6)
SHARED = Path(__file__).parents[3] / "shared" / "data"


class Company:
    """The small demo company with its CRM server running, and one state file that it is loaded into."""

    def __init__(self, folder: Path, server: Any) -> None:
        self.folder, self.systems, self.state_file = folder, folder / "demo", folder / "state.duckdb"
        drop = self.systems / "drop"
        self.configs: dict[str, Any] = {
            "salesforce": SalesforceConfig(
                base_url=server.url, client_id=server.client_id, client_secret=server.client_secret
            ),
            "erp": ErpConfig(url=f"sqlite:///{self.systems / 'erp.sqlite'}"),
            "budget": BudgetConfig(
                folder=drop / "budget",
                templates_file=drop / "budget" / "templates.yml",
                aliases_file=drop / "budget" / "aliases.csv",
            ),
            "fx": FxConfig(folder=drop / "fx"),
            "calendar": CalendarConfig(country="RO", first_year=2021, last_year=2027),
        }

    def load(self, *names: str) -> dict[str, LoadResult]:
        """Load sources (all by default) at the company's now."""
        return {
            name: load(
                SOURCES[name],
                self.configs[name],
                state_file=self.state_file,
                pipelines_dir=self.folder / "pipelines",
                clock=demo_now(self.systems),
            )
            for name in names or self.configs
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the state file."""
        with duckdb.connect(str(self.state_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    create_systems(folder / "demo", "S")
    server = start_crm_server(folder / "demo")
    try:
        loaded = Company(folder, server)
        loaded.load()
        yield loaded
    finally:
        server.stop()


def current_keys(company: Company, dataset: str, table: str, key: tuple[str, ...], stamp: str) -> set[tuple[Any, ...]]:
    names = ", ".join(raw_name(name) for name in key)
    return set(
        company.query(
            f'select {names}, {stamp} from {dataset}."{table}"'
            f" qualify row_number() over (partition by {names} order by _extracted_at desc, _load_id desc,"
            f" {stamp} desc, _deleted_at is null) = 1 and _deleted_at is null"
        )
    )


def differing_erp_tables(company: Company) -> list[str]:
    different = []
    with closing(sqlite3.connect(company.systems / "erp.sqlite")) as erp:
        for contract in ERP_TABLES.values():
            key = [f"cast({name} as text)" for name in contract.key]
            there = set(erp.execute(f"select {', '.join(key)}, rowversion from {contract.name}").fetchall())
            here = current_keys(company, "raw_erp", contract.name, contract.key, "rowversion")
            if there != {(*(str(part) for part in row[:-1]), row[-1]) for row in here}:
                different.append(contract.name)
    return different


def test_first_load_equals_the_systems_and_a_second_adds_nothing(company: Company) -> None:
    assert differing_erp_tables(company) == []
    again = company.load()
    assert {name: (result.appended, result.deleted) for name, result in again.items()} == dict.fromkeys(again, (0, 0))
    assert company.query("select distinct status from quality.load_reconciliation") == [("passed",)]


def test_planted_wrong_total_is_the_only_rejection(company: Company) -> None:
    reasons = {row[0] for row in company.query("select reason from quality.rejected_row where source = 'budget'")}
    assert len(reasons) == 1
    assert "Budget_FY2024_v2.xlsx, sheet North, cell S48: the total says" in reasons.pop()


def test_evolved_days_arrive(company: Company) -> None:
    for days in (1, 9):
        evolve(company.systems, days)
        results = company.load()
        assert differing_erp_tables(company) == []
    assert results["salesforce"].appended > 0
    assert results["erp"].appended > 0
    assert company.query("select count(*) from raw_salesforce.opportunity where _deleted_at is not null")[0][0] > 0
    drift = " ".join(results["salesforce"].warnings)
    assert "Sustainability_Rating__c is not declared" in drift
    assert "Role__c is missing" in drift


def test_no_record_of_the_org_is_missed(company: Company) -> None:
    fresh = Company(company.folder / "fresh", _Server(company.configs["salesforce"]))
    fresh.systems = company.systems
    fresh.folder.mkdir()
    fresh.load("salesforce")
    for table in ("account", "lead", "opportunity", "opportunity_history", "task"):
        one_go = current_keys(fresh, "raw_salesforce", table, ("id",), "system_modstamp")
        by_steps = current_keys(company, "raw_salesforce", table, ("id",), "system_modstamp")
        assert one_go == by_steps, table


class _Server:
    def __init__(self, config: SalesforceConfig) -> None:
        self.url, self.client_id = config.base_url, config.client_id
        self.client_secret = config.client_secret.get_secret_value()


KILLED_LOAD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
import dlt
from ingestion import load_log, pipeline
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

point, database, folder = sys.argv[1:]
progress = None
if point == "extract":
    progress = lambda table, rows: die() if table == "invoice" else None
if point == "load":
    dlt.Pipeline.load = die
if point == "close":
    load_log.succeed = die
pipeline.load(
    SOURCES["erp"], ErpConfig(url="sqlite:///" + database), state_file=Path(folder) / "state.duckdb",
    pipelines_dir=Path(folder) / "pipelines", clock=datetime(2025, 3, 14, 6), on_progress=progress,
    only={"customer", "invoice", "invoice_line"},
)
"""


def run_load(point: str, database: Path, folder: Path) -> int:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED_LOAD, point, str(database), str(folder)]
    return subprocess.run(command, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, check=False).returncode


def raw_rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(folder / "state.duckdb"), read_only=True) as connection:
        return {
            name: connection.execute(f"select * from raw_erp.{name} order by all").fetchall()
            for name in ("customer", "invoice", "invoice_line")
        }


@pytest.fixture(scope="module")
def whole_load(company: Company, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    folder = tmp_path_factory.mktemp("whole")
    assert run_load("none", company.systems / "erp.sqlite", folder) == 0
    return raw_rows(folder)


@pytest.mark.parametrize("point", ["extract", "load", "close"])
def test_killed_load_is_made_good_by_the_next(
    company: Company, whole_load: dict[str, list[tuple[Any, ...]]], tmp_path: Path, point: str
) -> None:
    database = company.systems / "erp.sqlite"
    assert run_load(point, database, tmp_path) == -signal.SIGKILL
    assert run_load("none", database, tmp_path) == 0
    assert raw_rows(tmp_path) == whole_load


def test_adventureworks_facts_to_the_fourth_decimal(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared sample data (../shared/data) is absent")
    tables = tuple(
        FileTable(
            name=name,
            address=str(SHARED / "adventureworks" / f"{name}.csv"),
            key=("SalesOrderNumber", "SalesOrderLineNumber"),
        )
        for name in ("FactInternetSales", "FactResellerSales")
    )
    state_file = tmp_path / "state.duckdb"
    load(
        SOURCES["files"],
        FilesConfig(tables=tables),
        state_file=state_file,
        pipelines_dir=tmp_path / "pipelines",
        clock=FROZEN,
    )
    with duckdb.connect(str(state_file), read_only=True) as connection:
        rows = connection.execute(
            "select count(*), sum(sales_amount::decimal(18, 4)) from ("
            "select sales_amount from raw_files.fact_internet_sales"
            " union all select sales_amount from raw_files.fact_reseller_sales)"
        ).fetchall()
    assert rows == [(121_253, Decimal("109809274.2030"))]


def planted(company: Company, quirk: str) -> dict[str, Any]:
    """What the answer key expects of one quirk."""
    (entry,) = [e for e in json.loads((company.systems / "quirks.json").read_text())["quirks"] if e["id"] == quirk]
    expected: dict[str, Any] = entry["expected"]
    return expected


@pytest.fixture(scope="module")
def late_comers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Company, list[str]]]:
    """A company whose CRM is loaded whenever a late version is on its way, and at the end; the loads' warnings too."""
    folder = tmp_path_factory.mktemp("daily")
    create_systems(folder / "demo", "S")
    server = start_crm_server(folder / "demo")
    try:
        loaded = Company(folder, server)
        warnings = list(loaded.load("salesforce")["salesforce"].warnings)
        late = planted(loaded, "O4")["modified_at_and_delay_seconds"].values()
        last = max(modified + delay for modified, delay in late)
        now = 0.0
        while now < last:
            evolve(loaded.systems, 1)
            now = demo_now(loaded.systems).replace(tzinfo=UTC).timestamp()
            if now >= last or any(modified <= now < modified + delay for modified, delay in late):
                warnings += loaded.load("salesforce")["salesforce"].warnings
        yield loaded, warnings
    finally:
        server.stop()


def test_late_rows_arrive_though_their_stamp_lies_before_the_cursor(
    late_comers: tuple[Company, list[str]], record_property: Callable[[str, object], None]
) -> None:
    """O4: a version that shows up to two days after its modification is loaded all the same."""
    company, _ = late_comers
    moments = planted(company, "O4")["modified_at_and_delay_seconds"]
    rows = company.query("select id, epoch(system_modstamp)::bigint from raw_salesforce.opportunity")
    versions = {(key, modified) for key, (modified, _) in moments.items()}
    found = finding("O4", "late-arriving versions", versions, versions & set(rows))
    record_property("quirk", found.line())
    assert found.planted
    assert not found.missed


def test_schema_events_are_accepted_quarantined_and_told(
    late_comers: tuple[Company, list[str]], record_property: Callable[[str, object], None]
) -> None:
    """O2: a new field is accepted with a warning, another type quarantines rows, a renamed field raises a warning."""
    company, warnings = late_comers
    told = " ".join(warnings)
    outcomes = {
        (f"{table}.{column}", outcome)
        for outcome, pattern in (
            ("accepted", r"Table (\w+) of salesforce: column (\w+) is not declared"),
            ("alert", r"Table (\w+) of salesforce: declared column (\w+) is missing"),
        )
        for table, column in re.findall(pattern, told)
    }
    expected = planted(company, "O2")
    quarantined = company.query(
        "select distinct table_name, regexp_extract(reason, 'column (\\w+): expected', 1) from quality.rejected_row"
    )
    by_raw_name = {raw_name(name.split(".")[0]): name.split(".")[0] for name in expected}
    outcomes |= {(f"{by_raw_name.get(table, table)}.{column}", "quarantined") for table, column in quarantined}
    events = {(key, event["outcome"]) for key, event in expected.items()}
    found = finding("O2", "schema events", events, outcomes)
    record_property("quirk", found.line())
    assert not found.missed
    # The field's new name is one more that nobody declared.
    assert {outcome for _, outcome in found.false_positives} <= {"accepted"}
