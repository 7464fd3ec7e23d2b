"""Which of the company's tables is which HubSpot object, and how its values are written.

What belongs here: names and forms. What does not: rows, history, HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of HubSpot object.

    `source` is the company's table (None: the portal has no such objects), `properties` gives HubSpot's names for its
    columns, `references` the properties that hold another record's id with that record's table; `links` are the
    associations: (kind, column, table). `hidden` columns show in no property. `forms` writes a property its own way.
    """

    name: str
    source: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    links: tuple[tuple[str, str, str], ...] = ()
    hidden: tuple[str, ...] = ()
    forms: dict[str, Callable[[Any], str | None]] = field(default_factory=dict)
    selects: Callable[[Row], bool] = lambda row: True
    merged_into: str | None = None
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"

    def form(self, name: str, value: Any) -> str | None:
        """The value as the portal writes it in the property `name`."""
        return self.forms.get(name, text)(value)


def stamp(moment: datetime) -> str:
    """A moment (UTC without a zone) as HubSpot writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def text(value: Any) -> str | None:
    """Any value as the text of a property; every value is text in HubSpot's JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def snake(name: str) -> str:
    """A property's name for a column that has none of its own: `Region_Hint__c` gives `region_hint`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.removesuffix("__c"))
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _ratio(value: Any) -> str | None:
    """A percentage as a ratio; what is no number stays as it is."""
    return text(round(value / 100.0, 6)) if isinstance(value, (int, float)) else text(value)


def _midnight(value: Any) -> str | None:
    return None if value is None else f"{value.isoformat()}T00:00:00Z"


def _milliseconds(value: Any, factor: int) -> str | None:
    return None if value is None else text(value * factor)


_STAMPS = ("Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_OWNER = {"hubspot_owner_id": ("OwnerId", "User")}
_ON = (("companies", "AccountId", "Account"), ("deals", "WhatId", "Opportunity"))


def _task(name: str, kind: str | None, properties: dict[str, str]) -> Kind:
    return Kind(
        name,
        "Task",
        {"hs_timestamp": "CompletedDateTime", **properties},
        _OWNER,
        _ON,
        (*_STAMPS, "WhoId", "Type", "Subject", "Status", "ActivityDate", "CallDurationInSeconds"),
        {"hs_call_duration": lambda value: _milliseconds(value, 1000), "hs_task_status": lambda value: value.upper()},
        lambda row: row["Type"] == kind if kind else row["Type"] not in ("Call", "Email"),
    )


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "companies",
            "Account",
            {
                "name": "Name", "website": "Website", "vat_number": "VAT_Number__c", "country": "BillingCountryCode",
                "industry": "Industry", "type": "Type", "segment": "Segment__c", "hs_analytics_source": "AccountSource",
            },
            _OWNER | {"hs_parent_company_id": ("ParentId", "Account")},
            hidden=(*_STAMPS, "MasterRecordId"),
            merged_into="MasterRecordId",
            created="createdate",
        ),
        Kind(
            "contacts",
            "Contact",
            {
                "firstname": "FirstName", "lastname": "LastName", "email": "Email", "phone": "Phone",
                "jobtitle": "Title", "hs_buying_role": "Role__c", "hs_email_optout": "HasOptedOutOfEmail",
            },
            {"associatedcompanyid": ("AccountId", "Account")},
            (("companies", "AccountId", "Account"),),
            (*_STAMPS, "MasterRecordId"),
            merged_into="MasterRecordId",
            created="createdate",
            modified="lastmodifieddate",
        ),
        Kind(
            "leads",
            "Lead",
            {
                "hs_lead_name": "LastName", "first_name": "FirstName", "company": "Company", "email": "Email",
                "lead_source": "LeadSource", "hs_pipeline_stage": "Status", "segment": "Segment__c",
                "product_line": "Product_Line__c", "first_response_at": "First_Response_At__c",
                "qualified_at": "Qualified_At__c", "converted_at": "Converted_At__c",
                "hs_lead_disqualification_reason": "Disqualify_Reason__c",
            },
            _OWNER,
            (("companies", "ConvertedAccountId", "Account"), ("deals", "ConvertedOpportunityId", "Opportunity")),
            (*_STAMPS, "MasterRecordId", "IsConverted", "ConvertedDate", "Primary_Campaign__c"),
            merged_into="MasterRecordId",
        ),
        Kind(
            "deals",
            "Opportunity",
            {
                "dealname": "Name", "pipeline": "Pipeline__c", "amount": "Amount", "deal_currency_code":
                "CurrencyIsoCode", "hs_deal_stage_probability": "Probability", "closedate": "CloseDate",
                "hs_manual_forecast_category": "ForecastCategoryName", "lead_source": "LeadSource",
                "hs_next_step": "NextStep", "closed_lost_reason": "Loss_Reason__c", "competitor": "Competitor__c",
                "hs_is_closed": "IsClosed", "hs_is_closed_won": "IsWon",
            },
            _OWNER,
            (("companies", "AccountId", "Account"),),
            (*_STAMPS, "StageName", "Merged_Into__c", "CampaignId"),
            {"hs_deal_stage_probability": _ratio, "closedate": _midnight},
            merged_into="Merged_Into__c",
            created="createdate",
        ),
        Kind(
            "line_items",
            "OpportunityLineItem",
            {
                "hs_sku": "ProductCode", "quantity": "Quantity", "price": "UnitPrice", "amount": "TotalPrice",
                "hs_discount_percentage": "Discount",
            },
            {"hs_product_id": ("Product2Id", "Product2")},
            (("deals", "OpportunityId", "Opportunity"),),
            _STAMPS,
            created="createdate",
        ),
        Kind(
            "products",
            "Product2",
            {"hs_sku": "ProductCode", "name": "Name", "product_family": "Family", "is_active": "IsActive"},
            hidden=_STAMPS,
            created="createdate",
        ),
        Kind(
            "quotes",
            "Quote",
            {
                "hs_title": "Name", "hs_status": "Status", "hs_quote_amount": "GrandTotal",
                "hs_currency": "CurrencyIsoCode", "hs_expiration_date": "ExpirationDate",
                "hs_quote_number": "QuoteNumber",
            },
            _OWNER,
            (("deals", "OpportunityId", "Opportunity"),),
            (*_STAMPS, "AccountId", "IsSyncing"),
            {"hs_expiration_date": _midnight},
        ),
        _task("calls", "Call", {"hs_call_title": "Subject", "hs_call_duration": "CallDurationInSeconds"}),
        _task("emails", "Email", {"hs_email_subject": "Subject"}),
        _task("tasks", None, {"hs_task_subject": "Subject", "hs_task_status": "Status", "hs_task_type": "Type"}),
        Kind("notes"),
        Kind(
            "meetings",
            "Event",
            {
                "hs_timestamp": "StartDateTime", "hs_meeting_title": "Subject", "hs_activity_type": "Type",
                "hs_meeting_start_time": "StartDateTime", "hs_meeting_end_time": "EndDateTime",
            },
            _OWNER,
            _ON,
            (*_STAMPS, "WhoId", "Type", "DurationInMinutes"),
        ),
    )
}  # fmt: skip

LINK_TYPES: dict[tuple[str, str], tuple[int, ...]] = {
    ("deals", "companies"): (5, 341),
    ("contacts", "companies"): (1, 279),
    ("leads", "companies"): (610,),
    ("leads", "deals"): (583,),
    ("line_items", "deals"): (20,),
    ("quotes", "deals"): (64,),
    ("calls", "companies"): (182,),
    ("calls", "deals"): (206,),
    ("emails", "companies"): (186,),
    ("emails", "deals"): (210,),
    ("meetings", "companies"): (188,),
    ("meetings", "deals"): (212,),
    ("tasks", "companies"): (192,),
    ("tasks", "deals"): (216,),
}
"""HubSpot's numbers for the associations that the portal has; those that mark the primary company come first."""
PRIMARY_TYPES = (5, 1)


STANDARD: dict[str, tuple[str, ...]] = {
    "companies": ("domain",),
    "contacts": ("hubspot_owner_id",),
    "leads": ("hs_pipeline",),
    "deals": ("dealstage", "hs_analytics_source"),
    "line_items": ("name", "hubspot_owner_id"),
    "products": ("price", "hubspot_owner_id"),
    "quotes": (),
    "calls": ("hs_call_status",),
    "emails": ("hs_email_status", "hs_email_direction"),
    "meetings": ("hs_meeting_outcome",),
    "notes": ("hs_timestamp", "hubspot_owner_id"),
    "tasks": (),
}  # fmt: skip
"""Properties that every portal has and this one leaves empty."""


@dataclass(frozen=True)
class Tracked:
    """A property with history: the company's field name in its history, and its column."""

    field: str
    column: str


TRACKED = {
    "amount": Tracked("Amount", "Amount"),
    "closedate": Tracked("CloseDate", "CloseDate"),
    "hubspot_owner_id": Tracked("Owner", "OwnerId"),
}
