"""The HubSpot objects and properties that the warehouse reads, under HubSpot's own names.

A property of a portal's own lands too, as text; a declared one that a portal lacks lands as NULL.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.contract import TableContract, by_name, columns

_STAMPS = "id! createdAt:timestamp updatedAt:timestamp! archived:boolean archivedAt:timestamp"
_OWNED = " hubspot_owner_id hs_merged_object_ids"


@dataclass(frozen=True)
class ObjectKind:
    """One kind of CRM object: its contract, the stamp that searches compare, the kinds it is associated with."""

    contract: TableContract
    links: tuple[str, ...] = ()
    stamp: str = "hs_lastmodifieddate"

    @property
    def name(self) -> str:
        """HubSpot's name of the kind, in addresses."""
        return self.contract.name

    @property
    def properties(self) -> tuple[str, ...]:
        """The declared properties, without what every object shows beside them."""
        beside = {column.name for column in columns(_STAMPS)}
        return tuple(column.name for column in self.contract.columns if column.name not in beside)


def _object(name: str, properties: str, *links: str, stamp: str = "hs_lastmodifieddate") -> ObjectKind:
    contract = TableContract(
        name=name,
        key=("id",),
        columns=columns(f"{_STAMPS} {properties}"),
        cursor="updatedAt",
        soft_delete="archived",
        hard_deletes="key_comparison",
    )
    return ObjectKind(contract, links, stamp)


OBJECTS: dict[str, ObjectKind] = {
    kind.name: kind
    for kind in (
        _object(
            "companies",
            "name domain website country vat_number industry type segment territory hs_analytics_source"
            " hs_parent_company_id createdate:timestamp" + _OWNED,
        ),
        _object(
            "contacts",
            "firstname lastname email phone jobtitle hs_buying_role hs_email_optout:boolean associatedcompanyid"
            " createdate:timestamp" + _OWNED,
            "companies",
            stamp="lastmodifieddate",
        ),
        _object(
            "leads",
            "hs_lead_name company email lead_source hs_pipeline hs_pipeline_stage segment product_line"
            " first_response_at:timestamp qualified_at:timestamp converted_at:timestamp"
            " hs_lead_disqualification_reason hs_createdate:timestamp" + _OWNED,
            "companies",
            "deals",
        ),
        _object(
            "deals",
            "dealname pipeline dealstage amount:decimal deal_currency_code hs_deal_stage_probability:double"
            " hs_manual_forecast_category closedate:timestamp lead_source hs_analytics_source hs_next_step"
            " closed_lost_reason competitor hs_is_closed:boolean hs_is_closed_won:boolean createdate:timestamp"
            " hs_createdate:timestamp" + _OWNED,
            "companies",
            "contacts",
        ),
        _object(
            "line_items",
            "hs_product_id hs_sku name quantity:decimal price:decimal amount:decimal hs_discount_percentage:double"
            " createdate:timestamp" + _OWNED,
            "deals",
        ),
        _object("products", "hs_sku name price:decimal createdate:timestamp" + _OWNED),
        _object(
            "quotes",
            "hs_title hs_status hs_quote_amount:decimal hs_currency hs_expiration_date:timestamp hs_quote_number"
            " hs_createdate:timestamp" + _OWNED,
            "deals",
        ),
        _object(
            "calls",
            "hs_timestamp:timestamp hs_call_title hs_call_status hs_call_duration:integer hs_createdate:timestamp"
            + _OWNED,
            "companies",
            "deals",
        ),
        _object(
            "emails",
            "hs_timestamp:timestamp hs_email_subject hs_email_status hs_email_direction hs_createdate:timestamp"
            + _OWNED,
            "companies",
            "deals",
        ),
        _object(
            "meetings",
            "hs_timestamp:timestamp hs_meeting_title hs_meeting_outcome hs_activity_type"
            " hs_meeting_start_time:timestamp hs_meeting_end_time:timestamp hs_createdate:timestamp" + _OWNED,
            "companies",
            "deals",
        ),
        _object("notes", "hs_timestamp:timestamp hs_createdate:timestamp" + _OWNED, "companies", "deals"),
        _object(
            "tasks",
            "hs_timestamp:timestamp hs_task_subject hs_task_type hs_task_status hs_createdate:timestamp" + _OWNED,
            "companies",
            "deals",
        ),
    )
}

TRACKED_PROPERTIES = ("dealstage", "amount", "closedate", "hubspot_owner_id")
"""Properties of a deal whose past values are read."""
HISTORY_KEPT = 20
"""Past values of a deal's property that a portal keeps; older ones are lost to everybody."""

DEAL_HISTORY = TableContract(
    name="deal_property_history",
    key=("objectId", "property", "timestamp", "place"),
    columns=columns(
        "objectId! property! timestamp:timestamp! place:integer! value sourceType sourceId updatedByUserId"
        " is_cut_off:boolean"
    ),
    cursor="timestamp",
    provenance=("is_cut_off",),
)
ASSOCIATIONS = TableContract(
    name="associations",
    key=("fromObjectType", "fromObjectId", "toObjectType", "toObjectId", "typeId"),
    columns=columns("fromObjectType! fromObjectId! toObjectType! toObjectId! category typeId:integer! label"),
    hard_deletes="key_comparison",
)
PIPELINES = TableContract(
    name="pipelines",
    key=("objectType", "id"),
    columns=columns(
        "objectType! id! label displayOrder:integer archived:boolean createdAt:timestamp updatedAt:timestamp"
    ),
    hard_deletes="key_comparison",
)
STAGES = TableContract(
    name="pipeline_stages",
    key=("objectType", "pipelineId", "id"),
    columns=columns(
        "objectType! pipelineId! id! label displayOrder:integer probability:double isClosed:boolean archived:boolean"
        " createdAt:timestamp updatedAt:timestamp"
    ),
    hard_deletes="key_comparison",
)
OWNERS = TableContract(
    name="owners",
    key=("id",),
    columns=columns(
        "id! email firstName lastName type userId teams archived:boolean createdAt:timestamp updatedAt:timestamp"
    ),
    hard_deletes="key_comparison",
)

TABLES = by_name([*(kind.contract for kind in OBJECTS.values()), DEAL_HISTORY, ASSOCIATIONS, PIPELINES, STAGES, OWNERS])
