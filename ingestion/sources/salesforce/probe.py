"""What an org shows to the connected app: objects, fields, rows, and which history it does not keep.

Costs three requests per declared object.
"""

from __future__ import annotations

from dataclasses import replace

from ingestion.contract import TableContract
from ingestion.findings import SourceFindings, TableFinding, compare_columns
from ingestion.sources.salesforce.client import SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.tables import TABLES

_LOST_WITHOUT = {
    "OpportunityHistory": "when a deal changed its stage: stages are known from the first load on only.",
    "OpportunityFieldHistory": "earlier close dates and amounts of deals: older pushes are NULL, not 0.",
    "ObjectTerritory2Association": "which territory a customer belonged to: it follows from the rep.",
    "ForecastingQuota": "quotas.",
    "Campaign": "which campaign brought a lead.",
    "Task": "calls and mails: activity counts are too low.",
}
_ALWAYS_UNKNOWN = (
    "a value that changed twice between two loads: only the last one is shown.",
    "deletions that left the recycle bin's log before the first load.",
)


def probe(config: SalesforceConfig) -> SourceFindings:
    """Look at every declared object of the org; IngestionError if it cannot be reached or refuses the app."""
    with SalesforceClient(config) as client:
        tables = tuple(_look_at(client, contract) for contract in TABLES.values())
    empty = [table.table for table in tables if not table.rows]
    lost = tuple(f"{name}: {_LOST_WITHOUT[name]}" for name in empty if name in _LOST_WITHOUT)
    return SourceFindings("salesforce", True, True, tables, (*lost, *_ALWAYS_UNKNOWN))


def _look_at(client: SalesforceClient, contract: TableContract) -> TableFinding:
    described = client.describe(contract.name)
    if described is None:
        declared = tuple(column.name for column in contract.columns)
        return TableFinding(contract.name, missing=declared, note="no such object, or the app may not see it")
    finding = compare_columns(contract, described.fields)
    # Only custom fields land beyond the declared ones.
    finding = replace(finding, undeclared=tuple(name for name in finding.undeclared if name.endswith("__c")))
    if finding.problem:
        return finding
    return replace(finding, rows=client.count(contract.name), newest=_newest(client, contract))


def _newest(client: SalesforceClient, contract: TableContract) -> str | None:
    soql = f"SELECT {contract.cursor} FROM {contract.name} ORDER BY {contract.cursor} DESC LIMIT 1"
    for page in client.query(soql, include_deleted=bool(contract.soft_delete)).pages:
        for record in page:
            return str(record[str(contract.cursor)])
    return None
