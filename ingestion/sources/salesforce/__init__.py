"""Salesforce over its REST API.

Each object: the rows changed since the highest SystemModstamp kept, less a look-back, with soft-deleted ones
(`queryAll`); then the deletion log since the last load, which becomes tombstones for what is gone for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.contract import TableContract
from ingestion.sources.salesforce.client import SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.records import to_arrow
from ingestion.sources.salesforce.tables import TABLES

_BATCH_ROWS = 20_000
# Salesforce keeps deleted records in its log for 30 days and refuses an older start.
_DELETION_LOG = timedelta(days=29)
_UNREADABLE_TYPES = {"address", "location", "base64", "complexvalue"}


def build(config: SalesforceConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all declared objects that the load includes."""

    @dlt.source(name="salesforce", max_table_nesting=0)
    def salesforce() -> Iterator[Any]:
        client = context.exits.enter_context(SalesforceClient(config))
        context.exits.callback(_note_usage, client, context)
        for contract in filter(context.wants, TABLES.values()):
            table = _Object(client, config, contract, context)
            yield context.resource(contract, table.rows, deletion_log=table.deletions)

    return salesforce()


def _note_usage(client: SalesforceClient, context: LoadContext) -> None:
    if client.api_usage:
        context.notes.append(f"Salesforce counts {client.api_usage} API requests used today.")


class _Object:
    """One Salesforce object during one load."""

    def __init__(
        self, client: SalesforceClient, config: SalesforceConfig, contract: TableContract, context: LoadContext
    ) -> None:
        self._client, self._config, self._contract, self._context = client, config, contract, context
        self._exists = True

    def rows(self, cursor: datetime | None) -> Iterator[pa.Table]:
        """Yield the records modified since `cursor` less the look-back; all of them for None."""
        available = self._client.fields(self._contract.name)
        if available is None:
            self._exists = False
            self._context.warnings.append(
                f"Salesforce has no object {self._contract.name}, or the app may not see it; its raw table stays empty."
            )
            return
        names = self._names(available)
        batch: list[dict[str, Any]] = []
        came = False
        for page in self._client.query(self._soql(names, cursor), include_deleted=bool(self._contract.soft_delete)):
            batch += page
            if len(batch) >= _BATCH_ROWS:
                yield to_arrow(batch, names, self._contract)
                batch, came = [], True
        if batch or not came:
            # An empty batch still tells which fields the org has.
            yield to_arrow(batch, names, self._contract)

    def deletions(self) -> Iterator[pa.Table]:
        """Yield the deletion log (row_key, deleted_at) since the last load, as far back as Salesforce keeps it."""
        if not self._exists:
            return
        before = self._context.last_loaded_at(self._contract)
        oldest = self._context.clock - _DELETION_LOG
        if before is not None and before < oldest:
            self._context.warnings.append(
                f"Salesforce {self._contract.name}: deletions between {before:%Y-%m-%d} and {oldest:%Y-%m-%d} cannot be"
                f" known, since its log reaches back {_DELETION_LOG.days} days; load more often."
            )
        start = oldest if before is None else max(oldest, before - self._lookback)
        entries = self._client.deleted(self._contract.name, start, self._context.clock)
        if entries:
            moments = [datetime.fromisoformat(at).astimezone(UTC).replace(tzinfo=None) for _, at in entries]
            yield pa.table(
                {
                    "row_key": pa.array([key for key, _ in entries], pa.string()),
                    "deleted_at": pa.array(moments, pa.timestamp("us")),
                }
            )

    @property
    def _lookback(self) -> timedelta:
        return timedelta(minutes=self._config.lookback_minutes)

    def _names(self, available: dict[str, str]) -> list[str]:
        declared = [column.name for column in self._contract.columns if column.name in available]
        readable = (name for name, kind in available.items() if kind not in _UNREADABLE_TYPES)
        return declared + sorted(name for name in readable if name.endswith("__c") and name not in declared)

    def _soql(self, names: list[str], cursor: datetime | None) -> str:
        query = f"SELECT {', '.join(names)} FROM {self._contract.name}"
        if cursor is None:
            return query
        since = (cursor - self._lookback).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{query} WHERE {self._contract.cursor} >= {since}"
