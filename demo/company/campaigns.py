"""Campaigns, who they touched, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, NOW, NOW_DAY, START_DAY, add_months, dates, day_number, stamps, to_date
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline
from demo.company.profiles import Profile

_TYPES = ("Trade Show", "Webinar", "Email", "Paid Search", "Social Media", "Print")
_LEAD_SOURCE_OF = {
    "Trade Show": "Trade Show",
    "Webinar": "Webinar",
    "Email": "Email Campaign",
    "Paid Search": "Paid Search",
    "Social Media": "Social Media",
    "Print": "Print",
}


@dataclass(frozen=True)
class Campaigns:
    """Arrays by campaign position: type, first and last day, planned cost (EUR)."""

    kinds: tuple[str, ...]
    starts: Any
    ends: Any
    budgets: Any

    def running(self, source: str, day: int) -> int:
        """Position of a campaign that explains a lead of a source on a day, -1 if none does."""
        fits = [i for i, kind in enumerate(self.kinds) if _LEAD_SOURCE_OF[kind] == source]
        live = [i for i in fits if self.starts[i] <= day <= self.ends[i] + 45]
        return live[-1] if live else -1


@dataclass(frozen=True)
class People:
    """Leads or contacts: ids, and the UTC seconds of their creation in ascending order."""

    ids: Any
    created: Any

    @classmethod
    def of(cls, table: TableTimeline) -> People:
        """The people of a Lead or Contact timeline."""
        first = table.frame.drop_duplicates("Id").sort_values("CreatedDate", kind="stable")
        created = first["CreatedDate"].to_numpy().astype("datetime64[s]").astype("int64")
        return cls(first["Id"].to_numpy(), created)


def build_campaigns(profile: Profile, rng: np.random.Generator) -> Campaigns:
    """Campaigns of all types, spread over the history."""
    count = max(12, profile.rows(60))
    kinds = tuple(_TYPES[i % len(_TYPES)] for i in range(count))
    starts = np.sort(rng.integers(START_DAY + 5, NOW_DAY - 20, size=count))
    ends = starts + rng.integers(20, 200, size=count)
    budgets = np.exp(rng.normal(9.6, 0.6, size=count)).round(-2)
    return Campaigns(kinds, starts, ends, budgets)


def campaign_tables(
    campaigns: Campaigns, profile: Profile, leads: People, contacts: People, rng: np.random.Generator
) -> list[TableTimeline]:
    """Campaign, CampaignMember (leads and contacts), Campaign_Cost__c."""
    members = _members(campaigns, profile, leads, contacts, rng)
    costs, spent = _costs(campaigns, profile, rng)
    return [_campaigns(campaigns, spent), members, costs]


def _campaigns(campaigns: Campaigns, spent: Any) -> TableTimeline:
    """A version when planned, one when completed."""
    count = len(campaigns.kinds)
    planned = (campaigns.starts - 30).clip(min=START_DAY) * DAY + 33_000
    done = campaigns.ends * DAY + 64_000
    over = np.flatnonzero(done <= END)
    index = np.concatenate([np.arange(count), over])
    completed = np.arange(len(index)) >= count
    years = [to_date(int(start)).year for start in campaigns.starts]
    names = [f"{kind} {year}-{i + 1:02d}" for i, (kind, year) in enumerate(zip(campaigns.kinds, years, strict=True))]
    return crm_timeline(
        "Campaign",
        {
            "Id": salesforce_ids("Campaign", index + 1),
            "Name": [names[i] for i in index],
            "Type": [campaigns.kinds[i] for i in index],
            "StartDate": dates(campaigns.starts[index]),
            "EndDate": dates(campaigns.ends[index]),
            "BudgetedCost": campaigns.budgets[index],
            "ActualCost": np.where(completed, spent[index], 0.0),
            "Status": np.where(completed, "Completed", "In Progress"),
            "IsActive": ~completed,
            "IsDeleted": False,
            "CreatedDate": stamps(planned[index]),
            "SystemModstamp": stamps(np.where(completed, done[index], planned[index])),
        },
    )


def _members(
    campaigns: Campaigns, profile: Profile, leads: People, contacts: People, rng: np.random.Generator
) -> TableTimeline:
    """Touches before and after the person became a lead; one in five responded, always after the touch."""
    count = profile.rows(40_000)
    position = rng.integers(len(campaigns.kinds), size=count)
    length = campaigns.ends[position] - campaigns.starts[position]
    touched = (campaigns.starts[position] + rng.random(count) * length).astype("int64") * DAY + 40_000
    touched = np.minimum(touched + rng.integers(0, 20_000, size=count), END - DAY)
    lead, contact = _known(leads, touched, rng), _known(contacts, touched, rng)
    is_lead = (rng.random(count) < 0.7) & pd.notna(lead)
    responded = rng.random(count) < 0.2
    order = np.argsort(touched, kind="stable")
    member: dict[str, Any] = {
        "Id": salesforce_ids("CampaignMember", np.arange(1, count + 1)),
        "CampaignId": salesforce_ids("Campaign", position[order] + 1),
        "LeadId": np.where(is_lead, lead, None)[order],
        "ContactId": np.where(is_lead, None, contact)[order],
        "Status": np.where(responded, "Responded", "Sent")[order],
        "HasResponded": responded[order],
        "FirstRespondedDate": dates(np.where(responded, touched // DAY + 1, -1)[order]),
        "IsDeleted": False,
        "CreatedDate": stamps(touched[order]),
        "SystemModstamp": stamps(np.minimum(touched + responded * DAY, END)[order]),
    }
    return crm_timeline("CampaignMember", member)


def _known(people: People, moments: Any, rng: np.random.Generator) -> Any:
    """Ids (object array) of people drawn among those who were known at each moment, None where nobody was."""
    newest = np.searchsorted(people.created, moments)
    chosen = (rng.random(len(moments)) * newest).astype("int64")
    return np.where(newest > 0, people.ids[chosen], None)


def _costs(campaigns: Campaigns, profile: Profile, rng: np.random.Generator) -> tuple[TableTimeline, Any]:
    """Monthly invoices of about the planned cost; and the sum by campaign."""
    per_campaign = 8
    rows: list[tuple[int, int, float]] = []
    spent = np.zeros(len(campaigns.kinds))
    for i in range(len(campaigns.kinds)):
        shares = rng.dirichlet(np.full(per_campaign, 3.0)) * campaigns.budgets[i] * rng.uniform(0.85, 1.2)
        first = to_date(int(campaigns.starts[i]))
        for k, amount in enumerate(shares.round(2).tolist()):
            rows.append((i, day_number(add_months(first, k)), amount))
            spent[i] += amount
    rows = sorted((row for row in rows if row[1] * DAY + 20 * DAY < END), key=lambda row: (row[1], row[0]))
    at = stamps([min(row[1] * DAY + 20 * DAY + 31_000, NOW + 20 * DAY) for row in rows])
    table = crm_timeline(
        "Campaign_Cost__c",
        {
            "Id": salesforce_ids("Campaign_Cost__c", np.arange(1, len(rows) + 1)),
            "Campaign__c": salesforce_ids("Campaign", [row[0] + 1 for row in rows]),
            "Invoice_Month__c": dates([row[1] for row in rows]),
            "Amount__c": [row[2] for row in rows],
            "CurrencyIsoCode": "EUR",
            "IsDeleted": False,
            "CreatedDate": at,
            "SystemModstamp": at,
        },
    )
    return table, spent.round(2)
