"""Salesforce over its REST API and, for many rows, its Bulk API 2.0.

Each object: the rows changed since the highest stamp kept, less a look-back, with soft-deleted ones (`queryAll`);
then the deletion log since the last load, which becomes tombstones for what is gone for good. An object without such a
log is read whole, and what it no longer shows becomes a tombstone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.sources.salesforce.client import SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.objects import SalesforceObject
from ingestion.sources.salesforce.tables import TABLES


def build(config: SalesforceConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all declared objects that the load includes."""

    @dlt.source(name="salesforce", max_table_nesting=0)
    def salesforce() -> Iterator[Any]:
        client = context.exits.enter_context(SalesforceClient(config))
        context.exits.callback(_note_usage, client, context)
        jobs_left = client.check_limits()
        for contract in filter(context.wants, TABLES.values()):
            table = SalesforceObject(client, config, contract, context, bulk=jobs_left is None or jobs_left > 0)
            yield context.resource(contract, table.rows, deletion_log=table.deletions)

    return salesforce()


def _note_usage(client: SalesforceClient, context: LoadContext) -> None:
    if client.usage.used is not None:
        context.notes.append(f"Salesforce counts {client.usage} API requests used today.")
