"""A load that gets a kill -9 at any moment leaves nothing that counts: the next one makes raw as if there were none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_server import HubspotServer, portal_app
from demo.systems.store import create_systems, demo_now, erp_address
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.salesforce.config import SalesforceConfig
from tests.integration.killed_loads import Killer, Task

ONLY = {
    "salesforce": frozenset({"opportunity", "quote"}),
    "hubspot": frozenset({"deals", "deal_property_history", "owners"}),
    "erp": frozenset({"customer", "invoice", "invoice_line"}),
}
"""Tables that are enough for a load in several parts; other sources are read whole."""
SOURCES = ("salesforce", "hubspot", "erp", "budget", "fx", "files", "calendar")
WORKBOOKS = ("Budget_FY2022_v1", "Budget_FY2024_v2")
"""Of the company's budgets, two: one whole, one with a sheet that is rejected."""
KILLS = 10


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer()


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Task]]:
    """A load of every source of the small company."""
    folder = tmp_path_factory.mktemp("killed") / "demo"
    create_systems(folder, "S")
    drop = folder / "drop"
    for workbook in (drop / "budget").rglob("Budget_*"):
        if workbook.stem not in WORKBOOKS:
            workbook.unlink()
    rates = FileTable(
        name="rate", address=str(drop / "fx" / "fx_daily_FY2023.csv"), key=("date", "from", "to", "type"), delimiter=";"
    )
    with CrmServer(folder, faults=CrmFaults()) as crm, HubspotServer(portal_app(folder, FaultPlan())) as portal:
        configs = {
            "salesforce": SalesforceConfig(
                base_url=crm.url, client_id=crm.client_id, client_secret=crm.client_secret, page_rows=500,
                bulk_from_rows=1000,
            ),
            "hubspot": HubspotConfig(base_url=portal.url, token=portal.token),
            "erp": ErpConfig(url=erp_address(folder)),
            "budget": BudgetConfig(
                folder=drop / "budget",
                templates_file=drop / "budget" / "templates.yml",
                aliases_file=drop / "budget" / "aliases.csv",
            ),
            "fx": FxConfig(folder=drop / "fx"),
            "files": FilesConfig(tables=(rates,)),
            "calendar": CalendarConfig(country="RO", first_year=2021, last_year=2027),
        }  # fmt: skip
        now = demo_now(folder)
        yield {name: Task(name, config, now, ONLY.get(name)) for name, config in configs.items()}


@pytest.mark.parametrize("source", SOURCES)
def test_ten_kills_at_random_moments_leave_no_trace(
    tasks: dict[str, Task], killer: Killer, tmp_path: Path, source: str
) -> None:
    """The kills follow each other on one state file, so each also starts on what the one before left behind."""
    task = tasks[source]
    steps = killer.undisturbed(task, tmp_path / "whole")
    killed = killer.kill(task, tmp_path / "killed", times=KILLS, steps=steps, seed=11)
    assert killed >= KILLS - 3
    killer.undisturbed(task, tmp_path / "killed")
    whole = task.raw(tmp_path / "whole")
    assert task.raw(tmp_path / "killed") == whole
    assert any(whole.values())
