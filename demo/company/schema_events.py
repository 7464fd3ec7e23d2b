"""O2: the CRM's schema changes three times after now."""

from __future__ import annotations

from datetime import timedelta

from demo.company.clock import FROZEN_NOW
from demo.company.model import Quirk, SchemaEvent


def schema_events() -> list[SchemaEvent]:
    """A new field, a field whose type changes, a renamed field."""
    return [
        SchemaEvent(
            at=FROZEN_NOW + timedelta(days=2),
            object_name="Account",
            kind="add",
            field="Sustainability_Rating__c",
            new_type="text",
            values=("A", "B", "C"),
        ),
        SchemaEvent(
            at=FROZEN_NOW + timedelta(days=4),
            object_name="Campaign_Cost__c",
            kind="retype",
            field="Amount__c",
            new_type="text",
        ),
        SchemaEvent(
            at=FROZEN_NOW + timedelta(days=6),
            object_name="Contact",
            kind="rename",
            field="Role__c",
            new_field="Buying_Role__c",
        ),
    ]


def schema_quirk(events: list[SchemaEvent]) -> Quirk:
    """O2's entry: what each event must lead to."""
    outcome = {"add": "accepted", "retype": "quarantined", "rename": "alert"}
    keys = [f"{event.object_name}.{event.field}" for event in events]
    expected = {
        key: {"at": event.at.isoformat(), "kind": event.kind, "outcome": outcome[event.kind]}
        for key, event in zip(keys, events, strict=True)
    }
    return Quirk("O2", "schema", keys, expected)
