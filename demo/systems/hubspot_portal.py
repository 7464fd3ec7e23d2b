"""The demo company's CRM as a HubSpot portal shows it: objects, property history, associations, pipelines, owners.

What belongs here: the translation of the CRM's tables at a moment into HubSpot's shapes. What does not: HTTP, faults,
and the company itself. Ids are HubSpot's kind (digits); stages and pipelines keep the company's names as labels.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from demo.company.opportunity_tables import CLOSE_DATE_TRACKED_FROM, UNTRACKED_PIPELINE
from demo.systems.crm_state import CrmState
from demo.systems.hubspot_shapes import KINDS, TRACKED, Kind, Row, snake, stamp, text

HISTORY_KEPT = 20
"""Values per property that a portal remembers."""

TERRITORY = "territory"
"""The companies' property for their territory: HubSpot has none of its own."""

_ID_STEP = 7
_SOURCES = sorted({"User", *(str(kind.source) for kind in KINDS.values() if kind.source)})
_TRACKED_FROM = datetime(1970, 1, 1) + timedelta(seconds=CLOSE_DATE_TRACKED_FROM)
Entry = tuple[datetime, str | None]


@dataclass(frozen=True)
class Record:
    """One object of a portal; stamps are UTC without a zone. `archived_at` is set on a deleted object.

    `history` lists each tracked property's values with their times, newest first; `links` are (kind, id) of the
    objects it is associated with.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    properties: dict[str, str | None]
    history: dict[str, list[Entry]] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()


class PortalData(Protocol):
    """What the HTTP interface shows of a portal; `Portal` is one, a test may bring its own."""

    def records(self, kind: str, now: datetime) -> dict[str, Record]:
        """The objects of one kind by id, in order of id."""

    def survivor(self, kind: str, key: str, now: datetime) -> Record | None:
        """The object with this id, or the one that it was merged into."""

    def owners(self, now: datetime) -> list[dict[str, Any]]:
        """The owners in HubSpot's form."""

    def pipelines(self, now: datetime) -> list[dict[str, Any]]:
        """The deal pipelines in HubSpot's form."""


class Portal:
    """The company in `folder` as a portal, computed for the moment asked for and kept for the next request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = CrmState(folder)
        self._ids: dict[str, dict[str, str]] = {}
        self._kept: dict[str, tuple[datetime, dict[str, Record]]] = {}

    def records(self, kind: str, now: datetime) -> dict[str, Record]:
        """The portal's objects of one kind by id, archived ones included, in order of id."""
        if kind not in self._kept or self._kept[kind][0] != now:
            self._kept[kind] = now, self._translate(KINDS[kind], now)
        return self._kept[kind][1]

    def survivor(self, kind: str, key: str, now: datetime) -> Record | None:
        """The object with this id, or the one that it was merged into."""
        records = self.records(kind, now)
        if key in records:
            return records[key]
        merged = (r for r in records.values() if key in (r.properties.get("hs_merged_object_ids") or "").split(";"))
        return next(merged, None)

    def owners(self, now: datetime) -> list[dict[str, Any]]:
        """The portal's owners; people who have left are archived."""
        return [
            {
                "id": self._id("User", row["Id"]),
                "email": row["Email"],
                "firstName": row["FirstName"],
                "lastName": row["LastName"],
                "type": "PERSON",
                "userId": int(self._id("User", row["Id"])) + 3,
                "teams": [{"id": row["Team__c"], "name": row["Team__c"], "primary": True}] if row["Team__c"] else [],
                "createdAt": stamp(row["CreatedDate"]),
                "updatedAt": stamp(row["SystemModstamp"]),
                "archived": row["IsActive"] is False,
            }
            for row in self._rows("User", now)
        ]

    def pipelines(self, now: datetime) -> list[dict[str, Any]]:
        """The deal pipelines with their stages; a stage that was removed is archived."""
        stages = sorted(self._rows("OpportunityStage", now), key=lambda row: row["SortOrder"])
        return [
            {
                "id": name,
                "label": name.capitalize(),
                "displayOrder": place,
                "archived": False,
                "createdAt": stamp(min((row["CreatedDate"] for row in stages), default=now)),
                "updatedAt": stamp(max((row["SystemModstamp"] for row in stages), default=now)),
                "stages": [self._stage(name, row) for row in stages],
            }
            for place, name in enumerate(self._pipeline_names())
        ]

    def _stage(self, pipeline: str, row: Row) -> dict[str, Any]:
        return {
            "id": self._stage_id(pipeline, row["MasterLabel"]),
            "label": row["MasterLabel"],
            "displayOrder": row["SortOrder"],
            "metadata": {
                "isClosed": text(row["IsClosed"]),
                "probability": text((row["DefaultProbability"] or 0.0) / 100.0),
            },
            "archived": row["IsActive"] is False,
            "createdAt": stamp(row["CreatedDate"]),
            "updatedAt": stamp(row["SystemModstamp"]),
        }

    def _translate(self, kind: Kind, now: datetime) -> dict[str, Record]:
        if kind.source is None:
            return {}
        rows = [row for row in self._rows(kind.source, now) if kind.selects(row)]
        merged = self._merged(kind, rows)
        histories = self._histories(now) if kind.name == "deals" else {}
        territories = self._territories(now) if kind.name == "companies" else {}
        records = {}
        for row in rows:
            if row["Id"] in merged:
                continue
            record = self._record(kind, row, histories.get(row["Id"], {}))
            if row["Id"] in territories:
                record = _placed(kind, record, *territories[row["Id"]])
            records[record.id] = record
        for loser, winner in merged.items():
            self._note_merge(kind, records, next(r for r in rows if r["Id"] == loser), winner)
        return dict(sorted(records.items(), key=lambda item: int(item[0])))

    def _merged(self, kind: Kind, rows: Iterable[Row]) -> dict[str, str]:
        """Each record that was merged away, and the one that is left in the end."""
        into = {row["Id"]: row[kind.merged_into] for row in rows if kind.merged_into and row[kind.merged_into]}
        return {loser: _last(into, winner) for loser, winner in into.items()}

    def _note_merge(self, kind: Kind, records: dict[str, Record], loser: Row, winner: str) -> None:
        key = self._id(str(kind.source), winner)
        if key not in records:
            return
        before = records[key]
        ids = [*filter(None, (before.properties["hs_merged_object_ids"] or "").split(";"))]
        ids.append(self._id(str(kind.source), loser["Id"]))
        updated = max(before.updated_at, loser["SystemModstamp"])
        changed: dict[str, str | None] = {"hs_merged_object_ids": ";".join(ids), kind.modified: stamp(updated)}
        records[key] = replace(before, updated_at=updated, properties=before.properties | changed)

    def _record(self, kind: Kind, row: Row, history: dict[str, list[Entry]]) -> Record:
        key = self._id(str(kind.source), row["Id"])
        created, updated = row["CreatedDate"], row["SystemModstamp"]
        properties: dict[str, str | None] = {
            "hs_object_id": key,
            kind.created: stamp(created),
            kind.modified: stamp(updated),
            "hs_merged_object_ids": None,
        }
        for name, column in kind.properties.items():
            if column in row:
                properties[name] = kind.form(name, row[column])
        for name, (column, target) in kind.references.items():
            properties[name] = self._id(target, row[column]) if row[column] else None
        known = {*kind.properties.values(), *kind.hidden, *(column for column, _ in kind.references.values())}
        known |= {column for _, column, _ in kind.links}
        for column in row.keys() - known:
            properties[snake(column)] = text(row[column])
        if kind.name == "deals":
            properties["dealstage"] = self._stage_id(row["Pipeline__c"], row["StageName"])
            began = min((entries[-1][0] for name, entries in history.items() if name == "dealstage"), default=created)
            properties["hs_createdate"] = stamp(began)
        links = tuple((to, self._id(target, row[column])) for to, column, target in kind.links if row[column])
        deleted = updated if row.get("IsDeleted") else None
        return Record(key, created, updated, deleted, properties, history, links)

    def _territories(self, now: datetime) -> dict[str, tuple[str, datetime]]:
        """Per account (the company's id): the name of its territory today, and when that was entered."""
        names = {row["Id"]: row["Name"] for row in self._rows("Territory2", now)}
        return {
            row["ObjectId"]: (names[row["Territory2Id"]], row["SystemModstamp"])
            for row in sorted(
                self._rows("ObjectTerritory2Association", now), key=lambda r: (r["SystemModstamp"], r["Id"])
            )
            if not row["IsDeleted"] and row["Valid_From__c"] <= now.date() < (row["Valid_To__c"] or date.max)
        }

    def _histories(self, now: datetime) -> dict[str, dict[str, list[Entry]]]:
        """Per deal (the company's id) and property: the values kept, newest first."""
        deals = {row["Id"]: row for row in self._rows("Opportunity", now)}
        found: dict[str, dict[str, list[Entry]]] = {key: defaultdict(list) for key in deals}
        for row in sorted(self._rows("OpportunityHistory", now), key=lambda r: (r["CreatedDate"], r["Id"])):
            if row["OpportunityId"] in deals:
                stage = self._stage_id(deals[row["OpportunityId"]]["Pipeline__c"], row["StageName"])
                entries = found[row["OpportunityId"]]["dealstage"]
                if not entries or entries[-1][1] != stage:
                    entries.append((row["CreatedDate"], stage))
        changes: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in sorted(self._rows("OpportunityFieldHistory", now), key=lambda r: (r["CreatedDate"], r["Id"])):
            changes[row["OpportunityId"], row["Field"]].append(row)
        for key, deal in deals.items():
            began = min((at for at, _ in found[key]["dealstage"]), default=deal["CreatedDate"])
            for name, tracked in TRACKED.items():
                rows = changes.get((key, tracked.field), [])
                first = rows[0]["OldValue"] if rows else text(deal[tracked.column])
                values = [(began, first), *((row["CreatedDate"], row["NewValue"]) for row in rows)]
                found[key][name] = [(at, self._tracked(name, value)) for at, value in values]
            if deal["Pipeline__c"] == UNTRACKED_PIPELINE:
                found[key]["closedate"] = [e for e in found[key]["closedate"] if e[0] >= _TRACKED_FROM]
        return {
            key: {name: entries[-HISTORY_KEPT:][::-1] for name, entries in properties.items() if entries}
            for key, properties in found.items()
        }

    def _tracked(self, name: str, value: str | None) -> str | None:
        if value is None:
            return None
        if name == "hubspot_owner_id":
            return self._id("User", value)
        return f"{value}T00:00:00Z" if name == "closedate" else value

    def _rows(self, source: str, now: datetime) -> list[Row]:
        state = self._state.object_at(source, now)
        return state.raw.to_pylist() if state else []

    def _id(self, source: str, key: str) -> str:
        """The portal's id of one of the company's: from its place among all that the company will ever have."""
        if source not in self._ids:
            keys = sorted(set(self._timeline(source, ["Id"])["Id"].to_pylist()))
            base = (1 + _SOURCES.index(source)) * 1_000_000_000
            self._ids[source] = {key: str(base + _ID_STEP * place) for place, key in enumerate(keys)}
        return self._ids[source].get(key, f"99{zlib.crc32(key.encode()):010d}")

    def _stage_id(self, pipeline: str, label: str) -> str:
        if "stage" not in self._ids:
            rows = self._timeline("OpportunityStage", ["Id", "MasterLabel"]).to_pylist()
            self._ids["stage"] = {row["MasterLabel"]: row["Id"][6:15].lstrip("0") for row in rows}
        return f"{pipeline}_{self._ids['stage'].get(label) or snake(label)}"

    def _pipeline_names(self) -> list[str]:
        return sorted(set(filter(None, self._timeline("Opportunity", ["Pipeline__c"])["Pipeline__c"].to_pylist())))

    def _timeline(self, source: str, columns: list[str]) -> pa.Table:
        return pq.read_table(self._folder / "timeline" / "crm" / f"{source}.parquet", columns=columns)


def _placed(kind: Kind, record: Record, territory: str, at: datetime) -> Record:
    """A company with its territory, a property that this portal's owners have made."""
    updated = max(record.updated_at, at)
    changed: dict[str, str | None] = {TERRITORY: territory, kind.modified: stamp(updated)}
    archived = updated if record.archived_at else None
    return replace(record, updated_at=updated, archived_at=archived, properties=record.properties | changed)


def _last(into: dict[str, str], key: str) -> str:
    """The end of a chain of merges."""
    while key in into:
        key = into[key]
    return key
