"""HubSpot over its CRM API.

Each kind of object: those changed since the highest stamp kept, less a look-back, by search (the first time, and after
a gap, all of them by id); the archived ones; then a comparison of all ids, which becomes tombstones for what is gone
for good or was merged into another. Deals bring the past values of their tracked properties. Associations, pipelines
and owners are read whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.sources.hubspot.answers import Record
from ingestion.sources.hubspot.client import HubspotClient
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.hubspot.records import history_table, objects_table, plain_table
from ingestion.sources.hubspot.tables import (
    ASSOCIATIONS,
    DEAL_HISTORY,
    HISTORY_KEPT,
    OBJECTS,
    OWNERS,
    PIPELINES,
    STAGES,
    TRACKED_PROPERTIES,
    ObjectKind,
)

_PIPELINE_KINDS = ("deals", "leads")
_BATCH_ROWS = 2_000


def build(config: HubspotConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all declared objects that the load includes."""

    @dlt.source(name="hubspot", max_table_nesting=0)
    def hubspot() -> Iterator[Any]:
        client = context.exits.enter_context(HubspotClient(config))
        context.exits.callback(_note_usage, client, context)
        portal = _Portal(client, config, context)
        for kind in OBJECTS.values():
            if context.wants(kind.contract):
                objects = _Objects(portal, kind)
                yield context.resource(kind.contract, objects.rows, keys=objects.keys)
        for contract, rows in (
            (DEAL_HISTORY, portal.deal_history),
            (ASSOCIATIONS, portal.associations),
            (PIPELINES, portal.pipelines),
            (STAGES, portal.stages),
            (OWNERS, portal.owners),
        ):
            if context.wants(contract):
                yield context.resource(contract, rows)

    return hubspot()


def _note_usage(client: HubspotClient, context: LoadContext) -> None:
    if client.daily_limit is not None:
        context.notes.append(
            f"HubSpot answered {client.requests} requests of this load; {client.daily_left} of {client.daily_limit} are"
            " left today."
        )


class _Portal:
    """One portal during one load: what several tables need is asked for once."""

    def __init__(self, client: HubspotClient, config: HubspotConfig, context: LoadContext) -> None:
        self.client, self.context = client, context
        self.lookback = timedelta(minutes=config.lookback_minutes)
        self._ids: dict[tuple[str, bool], list[str]] = {}
        self._pipelines: dict[str, list[Record]] = {}
        self._own: dict[str, dict[str, bool] | None] = {}

    def ids(self, kind: str, *, archived: bool) -> list[str]:
        """The ids of the portal's objects of one kind."""
        if (kind, archived) not in self._ids:
            seen = self.properties(kind) is not None
            self._ids[kind, archived] = self.client.ids(kind, archived=archived) if seen else []
        return self._ids[kind, archived]

    def properties(self, kind: str) -> dict[str, bool] | None:
        """The kind's properties and whether each is the portal's own; None, with a warning, without such a kind."""
        if kind not in self._own:
            self._own[kind] = self.client.properties(kind)
            if self._own[kind] is None:
                self.context.warnings.append(
                    f"HubSpot has no objects {kind}, or the app may not see them; their raw table stays empty."
                )
        return self._own[kind]

    def deal_history(self, cursor: datetime | None) -> Iterator[pa.Table]:
        """Yield the past values of the deals that changed since `cursor`, and of those that have none here yet."""
        kept = {row[0] for row in self.context.kept_values(DEAL_HISTORY, ["object_id"])}
        changed: set[str] = set()
        if cursor is not None:
            stamp = OBJECTS["deals"].stamp
            pages = self.client.search("deals", stamp, cursor - self.lookback, ["hs_object_id"])
            changed = {row["id"] for page in pages for row in page}
        for archived in (False, True):
            ids = [key for key in self.ids("deals", archived=archived) if key not in kept or key in changed]
            pages = self.client.read("deals", ids, ["dealname"], archived=archived, history=TRACKED_PROPERTIES)
            for rows in _batches(pages):
                yield history_table(rows, HISTORY_KEPT)

    def associations(self, _cursor: None) -> Iterator[pa.Table]:
        """Yield all associations of the portal's live objects."""
        for kind in OBJECTS.values():
            for to in kind.links:
                for page in self.client.associations(kind.name, to, self.ids(kind.name, archived=False)):
                    rows = [row for result in page for row in _association_rows(kind.name, to, result)]
                    yield plain_table(rows, [column.name for column in ASSOCIATIONS.columns])

    def pipelines(self, _cursor: None) -> Iterator[pa.Table]:
        """Yield the pipelines."""
        rows = [{**pipeline, "objectType": kind} for kind, pipeline in self._all_pipelines()]
        yield plain_table(rows, [column.name for column in PIPELINES.columns])

    def stages(self, _cursor: None) -> Iterator[pa.Table]:
        """Yield the stages of all pipelines."""
        rows = [
            {**(stage.get("metadata") or {}), **stage, "objectType": kind, "pipelineId": pipeline["id"]}
            for kind, pipeline in self._all_pipelines()
            for stage in pipeline["stages"]
        ]
        yield plain_table(rows, [column.name for column in STAGES.columns])

    def owners(self, _cursor: None) -> Iterator[pa.Table]:
        """Yield the owners; a list that lacks known ones is asked for once more before they count as gone."""
        rows = self.client.owners()
        listed = {row["id"] for row in rows}
        if self.context.live_keys(OWNERS) - listed:
            rows += [row for row in self.client.owners() if row["id"] not in listed]
        yield plain_table(rows, [column.name for column in OWNERS.columns])

    def _all_pipelines(self) -> Iterator[tuple[str, Record]]:
        for kind in _PIPELINE_KINDS:
            if kind not in self._pipelines:
                self._pipelines[kind] = self.client.pipelines(kind)
            for pipeline in self._pipelines[kind]:
                yield kind, pipeline


class _Objects:
    """One kind of object during one load."""

    def __init__(self, portal: _Portal, kind: ObjectKind) -> None:
        self._portal, self._kind = portal, kind

    def rows(self, cursor: datetime | None) -> Iterator[pa.Table]:
        """Yield the objects modified since `cursor` less the look-back, all of them for None; archived ones always."""
        available = self._portal.properties(self._kind.name)
        if available is None:
            return
        declared = [name for name in self._kind.properties if name in available]
        own = sorted(name for name, is_own in available.items() if is_own and name not in declared)
        for rows in _batches(self._pages(cursor, declared + own)):
            yield objects_table(rows, declared + own)
        # Even without rows it tells which properties the portal has.
        yield objects_table([], declared + own)

    def keys(self) -> Iterable[pa.Table]:
        """Yield the ids of all objects that the portal has now, archived ones included.

        A list that changes while it is paged may leave one out: what raw knows and neither list shows is asked for.
        """
        listed: set[str] = set()
        for archived in (False, True):
            ids = self._portal.ids(self._kind.name, archived=archived)
            listed.update(ids)
            yield _ids_table(ids)
        if self._portal.properties(self._kind.name) is None:
            return
        missing = sorted(self._portal.context.live_keys(self._kind.contract) - listed)
        for archived in (False, True):
            for page in self._portal.client.read(self._kind.name, missing, [], archived=archived):
                yield _ids_table([row["id"] for row in page])

    def _pages(self, cursor: datetime | None, properties: list[str]) -> Iterator[list[Record]]:
        """Yield each object once: where it is listed decides whether it is archived, since searches lag behind."""
        name, client = self._kind.name, self._portal.client
        live, archived = (self._portal.ids(name, archived=state) for state in (False, True))
        gone = set(archived) - set(live)
        yield from client.read(name, sorted(gone), properties, archived=True)
        if cursor is None:
            yield from client.read(name, live, properties, archived=False)
            return
        found: set[str] = set()
        for page in client.search(name, self._kind.stamp, cursor - self._portal.lookback, properties):
            found |= {row["id"] for row in page}
            yield [row for row in page if row["id"] not in gone]
        yield from client.read(name, sorted(self._restored(live) - found), properties, archived=False)

    def _restored(self, live: list[str]) -> set[str]:
        """The live ids that were archived once: their return need not change their stamp."""
        kept = self._portal.context.kept_values(self._kind.contract, ["id", "archived"])
        return {key for key, was_archived in kept if was_archived} & set(live)


def _ids_table(ids: list[str]) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.string())})


def _batches(pages: Iterable[list[Record]]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for page in pages:
        batch += page
        if len(batch) >= _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _association_rows(kind: str, to: str, result: Record) -> Iterator[Record]:
    for end in result["to"]:
        for link in end["associationTypes"]:
            yield {
                "fromObjectType": kind,
                "fromObjectId": result["from"]["id"],
                "toObjectType": to,
                "toObjectId": str(end["toObjectId"]),
                **link,
            }
