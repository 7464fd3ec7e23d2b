"""How the demo CRM describes its objects and fields: the JSON of describe calls.

What does not belong here: rows.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from demo.systems.crm_state import ObjectState

_PICKLISTS = {
    "Status", "StageName", "LeadSource", "Type", "Industry", "CurrencyIsoCode", "IsoCode", "ForecastCategoryName",
    "ForecastCategory", "Pipeline__c", "Region__c", "Segment__c", "Role__c", "Loss_Reason__c", "AccountSource",
}  # fmt: skip
_REFERENCES = {
    "Merged_Into__c", "Primary_Campaign__c", "Campaign__c", "From_Territory__c", "To_Territory__c",
}  # fmt: skip
WITHOUT_DELETION_LOG = frozenset({"OpportunityStage", "Territory2", "UserTerritory2Association"})
"""Objects of which Salesforce keeps no deletion log."""

_TYPES: dict[pa.DataType, str] = {
    pa.string(): "string",
    pa.int64(): "int",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "datetime",
}


def describe_object(state: ObjectState, api_path: str) -> dict[str, Any]:
    """The describe answer of one object, in the part of Salesforce's shape that extraction needs."""
    return summary(state.name, api_path) | {"fields": [_field(field) for field in state.fields]}


def summary(name: str, api_path: str) -> dict[str, Any]:
    """One object's entry in the list of objects."""
    base = f"{api_path}/sobjects/{name}"
    return {
        "name": name,
        "label": name.removesuffix("__c").replace("_", " "),
        "custom": name.endswith("__c"),
        "queryable": True,
        "retrieveable": True,
        "replicateable": name not in WITHOUT_DELETION_LOG,
        "urls": {"sobject": base, "describe": f"{base}/describe"},
    }


def _field(field: pa.Field) -> dict[str, Any]:
    kind = _salesforce_type(field)
    return {
        "name": field.name,
        "label": field.name.removesuffix("__c").replace("_", " "),
        "type": kind,
        "length": 18 if kind in ("id", "reference") else 255 if kind in ("string", "picklist", "email") else 0,
        "precision": 18 if kind in ("currency", "double", "percent") else 0,
        "scale": 4 if kind in ("currency", "double", "percent") else 0,
        "custom": field.name.endswith("__c"),
        "nillable": field.name not in ("Id", "IsDeleted", "CreatedDate", "SystemModstamp"),
        "filterable": True,
        "sortable": True,
    }


def _salesforce_type(field: pa.Field) -> str:
    if field.name == "Id":
        return "id"
    if pa.types.is_decimal(field.type):
        return "currency"
    if field.name == "Probability" and pa.types.is_floating(field.type):
        return "percent"
    if not pa.types.is_string(field.type):
        return _TYPES[field.type]
    if field.name.endswith("Id") or field.name in _REFERENCES:
        return "reference"
    return "picklist" if field.name in _PICKLISTS else "email" if field.name == "Email" else "string"
