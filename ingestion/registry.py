"""All sources: a new one is a folder under `sources/` and one line here."""

from __future__ import annotations

from ingestion.context import SourceDefinition
from ingestion.sources import budget, calendar, erp, files, fx, hubspot, salesforce
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.tables import TABLES as BUDGET_TABLES
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.calendar.tables import TABLES as CALENDAR_TABLES
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.tables import TABLES as ERP_TABLES
from ingestion.sources.files.config import FilesConfig
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.fx.tables import TABLES as FX_TABLES
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.hubspot.tables import TABLES as HUBSPOT_TABLES
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.tables import TABLES as SALESFORCE_TABLES

SOURCES: dict[str, SourceDefinition] = {
    "salesforce": SourceDefinition("salesforce", SalesforceConfig, SALESFORCE_TABLES, salesforce.build),
    "hubspot": SourceDefinition("hubspot", HubspotConfig, HUBSPOT_TABLES, hubspot.build),
    "erp": SourceDefinition("erp", ErpConfig, ERP_TABLES, erp.build, erp.tables_of),
    "budget": SourceDefinition("budget", BudgetConfig, BUDGET_TABLES, budget.build),
    "fx": SourceDefinition("fx", FxConfig, FX_TABLES, fx.build),
    "files": SourceDefinition("files", FilesConfig, {}, files.build, files.tables_of),
    "calendar": SourceDefinition("calendar", CalendarConfig, CALENDAR_TABLES, calendar.build),
}
