"""One Salesforce object during one load: its records, new and changed, and those that are gone.

What belongs here: which fields are asked for, since when, by which API, and what the deletion log leaves open. What
does not: requests (`client.py`, `bulk.py`) and the meaning of a value (`records.py`, `csv_records.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from ingestion.context import LoadContext
from ingestion.contract import TableContract
from ingestion.errors import IngestionError
from ingestion.landing import is_truncated
from ingestion.naming import raw_name
from ingestion.sources.salesforce.bulk import BulkUnavailableError, bulk_pages
from ingestion.sources.salesforce.client import Found, ObjectDescription, Record, RefusedError, SalesforceClient
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.csv_records import from_csv
from ingestion.sources.salesforce.records import to_arrow

_BATCH_ROWS = 20_000
# Salesforce keeps deleted records in its log for 30 days and refuses an older start.
_DELETION_LOG = timedelta(days=29)
# It also refuses a window of a minute or less.
_SHORTEST_WINDOW = timedelta(minutes=2)
_UNREADABLE_TYPES = {"address", "location", "base64", "complexvalue"}
# A query in an address must be short: servers refuse an address beyond 16 kB.
_LONGEST_ADDRESS_QUERY = 8_000


class SalesforceObject:
    """One object, read by `rows` and then `deletions`; `bulk` is False where the org has no job left for the day."""

    def __init__(
        self,
        client: SalesforceClient,
        config: SalesforceConfig,
        contract: TableContract,
        context: LoadContext,
        *,
        bulk: bool = True,
    ) -> None:
        self._client, self._config, self._contract, self._context = client, config, contract, context
        self._bulk = bulk
        self._described: ObjectDescription | None = None
        self._shown: set[str] = set()

    def rows(self, cursor: datetime | None) -> Iterator[pa.Table]:
        """Yield the records modified since `cursor` less the look-back.

        All of them for None, and of an object whose deletions Salesforce does not log: what is missing then is gone.
        """
        self._described = self._client.describe(self._contract.name)
        if self._described is None:
            self._say_missing()
            return
        names = self._names(self._described.fields)
        # An empty batch still tells which fields the org has.
        yield to_arrow([], names, self._contract)
        if "Id" not in names:
            return
        if self._described.logs_deletions:
            yield from self._read(names, self._soql(names, cursor))
            return
        for batch in self._read(names, self._soql(names, None)):
            self._shown.update(batch["Id"].to_pylist())
            yield batch

    def deletions(self) -> Iterator[pa.Table]:
        """Yield (row_key, deleted_at) of what was deleted since the last load.

        From the deletion log; where that does not reach back so far, or is not kept, the keys in raw are compared with
        the org's.
        """
        if self._described is None:
            return
        if not self._described.logs_deletions:
            yield from self._not_shown()
            return
        clock = self._context.clock
        before = self._context.last_loaded_at(self._contract)
        oldest = clock - _DELETION_LOG
        start = oldest if before is None else max(oldest, before - self._lookback)
        entries = self._client.deleted(self._contract.name, min(start, clock - _SHORTEST_WINDOW), clock)
        if entries:
            moments = [datetime.fromisoformat(at).astimezone(UTC).replace(tzinfo=None) for _, at in entries]
            yield _log([key for key, _ in entries], moments)
        if before is not None and (entries is None or before < oldest):
            yield from self._compare_keys(before)

    def _not_shown(self) -> Iterator[pa.Table]:
        """Yield the keys in raw that the whole object no longer has, as deleted now.

        Counted is how many records there are, not which: assignments are often all deleted and made anew.
        """
        live = self._context.live_keys(self._contract)
        gone = sorted(live - self._shown)
        if is_truncated(len(live), len(self._shown)):
            self._context.warnings.append(
                f"Salesforce {self._contract.name}: {len(gone)} of {len(live)} known records are gone; they stay as"
                " they were. Check that the app's user still sees them all."
            )
        elif gone:
            yield _log(gone, [self._context.clock] * len(gone))

    def _compare_keys(self, before: datetime) -> Iterator[pa.Table]:
        """Yield the keys in raw that the org no longer has, as deleted now."""
        self._context.warnings.append(
            f"Salesforce {self._contract.name}: the deletion log does not reach back to the last load"
            f" ({before:%Y-%m-%d %H:%M}); keys were compared instead, and what is gone counts as deleted now. Load at"
            f" least every {_DELETION_LOG.days} days."
        )
        live = self._context.live_keys(self._contract)
        pages = self._read(["Id"], f"SELECT Id FROM {self._contract.name}")
        present = {key for page in pages for key in page["Id"].to_pylist()}
        gone = sorted(live - present)
        if is_truncated(len(live), len(live) - len(gone)):
            raise IngestionError(
                f"Salesforce {self._contract.name}: {len(gone)} of {len(live)} known records are gone; nothing was"
                " loaded. Check that the app's user still sees them all."
            )
        if gone:
            yield _log(gone, [self._context.clock] * len(gone))

    def _read(self, names: list[str], soql: str) -> Iterator[pa.Table]:
        """Yield a query's rows, by a job if there are many, else page by page."""
        include_deleted = bool(self._contract.soft_delete)
        if len(soql) > _LONGEST_ADDRESS_QUERY:
            yield from self._by_job(names, soql)
            return
        try:
            found = self._client.query(soql, include_deleted=include_deleted)
        except RefusedError as refusal:
            if refusal.code != "INVALID_TYPE":
                raise
            self._described = None
            self._say_missing()
            return
        if not self._bulk or found.total <= self._config.bulk_from_rows:
            yield from self._by_page(names, found)
            return
        try:
            yield from self._by_job(names, soql)
        except BulkUnavailableError as refusal:
            self._context.notes.append(
                f"Salesforce does not run a bulk job for {self._contract.name} ({refusal}); it was read page by page."
            )
            yield from self._by_page(names, found)

    def _by_job(self, names: list[str], soql: str) -> Iterator[pa.Table]:
        fields = self._described.fields if self._described else {}
        deleted = bool(self._contract.soft_delete)
        for page in bulk_pages(self._client, self._config, soql, names, include_deleted=deleted):
            yield from_csv(page, fields, self._contract)

    def _by_page(self, names: list[str], found: Found) -> Iterator[pa.Table]:
        batch: list[Record] = []
        for page in found.pages:
            batch += page
            if len(batch) >= _BATCH_ROWS:
                yield to_arrow(batch, names, self._contract)
                batch = []
        if batch:
            yield to_arrow(batch, names, self._contract)

    def _say_missing(self) -> None:
        name = self._contract.name
        if self._context.kept_values(self._contract, [raw_name("Id")]):
            self._context.warnings.append(
                f"Salesforce no longer has the object {name}, or the app may not see it any more; its raw table stays"
                " as it was."
            )
        else:
            self._context.notes.append(
                f"Salesforce has no object {name}, or the app may not see it; its raw table stays empty."
            )

    @property
    def _lookback(self) -> timedelta:
        return timedelta(minutes=self._config.lookback_minutes)

    def _names(self, available: dict[str, str]) -> list[str]:
        declared = [column.name for column in self._contract.columns if column.name in available]
        readable = (name for name, kind in available.items() if kind not in _UNREADABLE_TYPES)
        return declared + sorted(name for name in readable if name.endswith("__c") and name not in declared)

    def _soql(self, names: list[str], cursor: datetime | None) -> str:
        query, stamp = f"SELECT {', '.join(names)} FROM {self._contract.name}", self._contract.cursor
        if cursor is None or stamp not in names:
            return query
        return f"{query} WHERE {stamp} >= {(cursor - self._lookback).strftime('%Y-%m-%dT%H:%M:%SZ')}"


def _log(keys: list[str], moments: list[datetime]) -> pa.Table:
    return pa.table(
        {"row_key": pa.array(keys, pa.string()), "deleted_at": pa.array(moments, pa.timestamp("us"))},
    )
