"""The small demo company's systems with servers that fail at nothing, and settings of loads that read a part of them.

What belongs here: what is served and read. What does not: how loads are killed, and what must come of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_server import HubspotServer, portal_app
from demo.systems.store import erp_address
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.salesforce.config import SalesforceConfig


@contextmanager
def served(systems: Path) -> Iterator[dict[str, Any]]:
    """Serve the company in `systems` for the block; the settings of each source that reads it."""
    drop = systems / "drop"
    rates = FileTable(
        name="rate", address=str(drop / "fx" / "fx_daily_FY2023.csv"), key=("date", "from", "to", "type"), delimiter=";"
    )
    with CrmServer(systems, faults=CrmFaults()) as crm, HubspotServer(portal_app(systems, FaultPlan())) as portal:
        yield {
            "salesforce": SalesforceConfig(
                base_url=crm.url, client_id=crm.client_id, client_secret=crm.client_secret, page_rows=500,
                bulk_from_rows=1000,
            ),
            "hubspot": HubspotConfig(base_url=portal.url, token=portal.token),
            "erp": ErpConfig(url=erp_address(systems)),
            "budget": BudgetConfig(
                folder=drop / "budget",
                templates_file=drop / "budget" / "templates.yml",
                aliases_file=drop / "budget" / "aliases.csv",
            ),
            "fx": FxConfig(folder=drop / "fx"),
            "files": FilesConfig(tables=(rates,)),
            "calendar": CalendarConfig(country="RO", first_year=2021, last_year=2027),
        }  # fmt: skip


def keep_workbooks(systems: Path, names: Iterable[str]) -> None:
    """Take all budget workbooks away but those of these names below the budget folder: fewer are read sooner."""
    folder = systems / "drop" / "budget"
    kept = {folder / name for name in names}
    for workbook in set(folder.rglob("Budget_*.xlsx")) - kept:
        workbook.unlink()
