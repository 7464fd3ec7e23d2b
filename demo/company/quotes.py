"""Quotes: what was offered for a deal, version by version, and the contracts that some accounts signed.

A deal that reaches the offer stage gets one family of quotes (`Family__c`, the number that the ERP's orders refer to);
a revision is a quote of its own. What does not belong here: the deal's own lines, which are only copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, END_DAY, START_DAY, dates, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline
from demo.company.opportunity_life import Deal
from demo.company.parties import CURRENCY_OF, Parties
from demo.company.people import SalesForce
from demo.company.profiles import Profile

_OFFERS = ("Proposal", "Offer")
_VALID_DAYS = 45
_TERMS_MONTHS = (12, 24, 36)
_FREQUENCIES = {"Monthly": 12, "Quarterly": 4, "Yearly": 1}


@dataclass(frozen=True)
class _Version:
    """One quote: its deal, its number within the family, and when it was issued, sent and settled (-1: not yet)."""

    deal: Deal
    number: int
    issued: int
    sent: int
    settled: int
    accepted: bool


def quote_tables(deals: list[Deal], lines: TableTimeline, rng: np.random.Generator) -> list[TableTimeline]:
    """Quote (a row version when issued, when sent and when settled) and QuoteLineItem."""
    versions = [version for deal in deals for version in _family(deal, rng)]
    items = _items(versions, lines)
    return [_quotes(versions, items), _quote_lines(versions, items)]


def contract_table(profile: Profile, parties: Parties, force: SalesForce, rng: np.random.Generator) -> TableTimeline:
    """Contract: drafted, then activated when the customer has signed."""
    count = max(6, profile.rows(610))
    main = list(parties.main_account().values())
    accounts = [main[i] for i in rng.integers(len(main), size=count)]
    begin = np.array([max(a.created, START_DAY) for a in accounts])
    signed = begin + 3 + (rng.random(count) * (END_DAY - 5 - begin)).astype("int64")
    frequency = [list(_FREQUENCIES)[i] for i in rng.integers(len(_FREQUENCIES), size=count)]
    yearly = np.exp(rng.normal(9.4, 0.7, size=count))
    firms = [parties.firms[a.firm] for a in accounts]
    term = np.array(_TERMS_MONTHS)[rng.integers(3, size=count)]
    first = {
        "Id": salesforce_ids("Contract", np.arange(1, count + 1)),
        "ContractNumber": [f"{n:08d}" for n in range(100, count + 100)],
        "AccountId": salesforce_ids("Account", [a.number for a in accounts]),
        "OwnerId": salesforce_ids("User", force.owners(np.array([f.seat for f in firms]), signed)),
        "Status": "Draft",
        "StartDate": dates(signed + 10),
        "EndDate": dates(signed + 10 + (term * 30.4375).astype("int64")),
        "ContractTerm": term,
        "Billing_Frequency__c": frequency,
        "Amount__c": [round(a / _FREQUENCIES[f], 2) for a, f in zip(yearly.tolist(), frequency, strict=True)],
        "CurrencyIsoCode": [CURRENCY_OF.get(f.country, "EUR") for f in firms],
        "IsDeleted": False,
        "CreatedDate": stamps((signed - 2) * DAY + 30_000),
        "SystemModstamp": stamps((signed - 2) * DAY + 30_000),
    }
    draft = pd.DataFrame(first)
    at = stamps(signed * DAY + 50_000)
    active = draft.assign(Status="Activated", CustomerSignedDate=dates(signed), ActivatedDate=at, SystemModstamp=at)
    return crm_timeline("Contract", pd.concat([draft, active], ignore_index=True))


def _family(deal: Deal, rng: np.random.Generator) -> list[_Version]:
    """The quotes of a deal; a revision ends the one before it, the deal's end settles the last."""
    offers = [change.at for change in deal.stage_changes() if change.fields["StageName"] in _OFFERS]
    if not offers or deal.hard_deleted >= 0 or deal.last.get("IsDeleted"):
        return []
    issued = offers[0] + int(rng.integers(3_600, 6 * DAY))
    end = deal.closed_at if deal.closed_at > issued else -1
    moments = [issued]
    while rng.random() < 0.27:
        moments.append(moments[-1] + int(rng.integers(2 * DAY, 12 * DAY)))
    moments = [at for at in moments if at < (end if end >= 0 else END) - DAY] or [issued]
    won = deal.last["StageName"] == "Closed Won"
    return [
        _Version(deal, n + 1, at, _sent(at, moments, n, end), _settled(moments, n, end), won and n + 1 == len(moments))
        for n, at in enumerate(moments)
        if at < END - DAY
    ]


def _sent(at: int, moments: list[int], place: int, end: int) -> int:
    """A working day after it was issued, but before the version's end."""
    limit = _settled(moments, place, end)
    sent = at + 20_000
    return sent if (limit < 0 or sent < limit) and sent < END else -1


def _settled(moments: list[int], place: int, end: int) -> int:
    if place + 1 < len(moments):
        return moments[place + 1]
    return end if moments[place] < end <= END else -1


def _items(versions: list[_Version], lines: TableTimeline) -> pd.DataFrame:
    """One row per quote and line: the deal's lines as they are in the end, each revision two per cent cheaper."""
    last = lines.frame.drop_duplicates("Id", keep="last")
    last = last[~last["IsDeleted"].astype(bool)]
    quotes = pd.DataFrame(
        {
            "quote": np.arange(len(versions)),
            "OpportunityId": salesforce_ids("Opportunity", [v.deal.number for v in versions]),
            "cut": [2.0 * (v.number - 1) for v in versions],
        }
    )
    items = quotes.merge(last, on="OpportunityId", how="inner").sort_values(["quote", "Id"], ignore_index=True)
    items["LineNumber"] = (items.groupby("quote").cumcount() + 1).astype(str)
    items["subtotal"] = items["TotalPrice"].astype(float).round(2)
    items["total"] = (items["subtotal"] * (1 - items["cut"] / 100)).round(2)
    return items


def _quotes(versions: list[_Version], items: pd.DataFrame) -> TableTimeline:
    sums = items.groupby("quote")[["subtotal", "total"]].sum().reindex(range(len(versions)), fill_value=0.0).round(2)
    steps = [(i, step, at) for i, v in enumerate(versions) for step, at in _steps(v)]
    of = [versions[i] for i, _, _ in steps]
    place = [i for i, _, _ in steps]
    status = [step for _, step, _ in steps]
    at = np.array([moment for _, _, moment in steps])
    sent = [v.sent if step != "Draft" else -1 for v, step in zip(of, status, strict=True)]
    accepted = [v.settled if step == "Accepted" else -1 for v, step in zip(of, status, strict=True)]
    return crm_timeline(
        "Quote",
        {
            "Id": salesforce_ids("Quote", np.array(place) + 1),
            "QuoteNumber": [f"Q{v.deal.number:06d}-{v.number}" for v in of],
            "Name": [f"{v.deal.plan['name']} v{v.number}" for v in of],
            "OpportunityId": salesforce_ids("Opportunity", [v.deal.number for v in of]),
            "AccountId": salesforce_ids("Account", [v.deal.account for v in of]),
            "OwnerId": salesforce_ids("User", [v.deal.owner for v in of]),
            "Status": status,
            "Version__c": [v.number for v in of],
            "Family__c": [f"Q{v.deal.number:06d}" for v in of],
            "IssuedDate__c": dates([v.issued // DAY for v in of]),
            "Sent_At__c": stamps(sent),
            "ExpirationDate": dates([v.issued // DAY + _VALID_DAYS for v in of]),
            "Accepted_At__c": stamps(accepted),
            "IsSyncing": [v.accepted for v in of],
            "Subtotal": sums["subtotal"].to_numpy()[place],
            "Discount": [2.0 * (v.number - 1) for v in of],
            "TotalPrice": sums["total"].to_numpy()[place],
            "GrandTotal": sums["total"].to_numpy()[place],
            "CurrencyIsoCode": [v.deal.plan["currency"] for v in of],
            "IsDeleted": False,
            "CreatedDate": stamps([v.issued for v in of]),
            "SystemModstamp": stamps(at),
        },
    )


def _steps(version: _Version) -> list[tuple[str, int]]:
    """Status and moment of each change of a quote, up to the horizon."""
    steps = [("Draft", version.issued), ("Presented", version.sent)]
    steps.append(("Accepted" if version.accepted else "Denied", version.settled))
    return [(status, at) for status, at in steps if 0 <= at <= END]


def _quote_lines(versions: list[_Version], items: pd.DataFrame) -> TableTimeline:
    issued: Any = stamps([versions[i].issued for i in items["quote"]])
    return crm_timeline(
        "QuoteLineItem",
        {
            "Id": salesforce_ids("QuoteLineItem", np.arange(1, len(items) + 1)),
            "QuoteId": salesforce_ids("Quote", items["quote"].to_numpy() + 1),
            "OpportunityLineItemId": items["Id"].to_numpy(),
            "Product2Id": items["Product2Id"].to_numpy(),
            "LineNumber": items["LineNumber"].to_numpy(),
            "Quantity": items["Quantity"].to_numpy(),
            "UnitPrice": (items["subtotal"] / items["Quantity"]).round(4).to_numpy(),
            "Discount": items["cut"].to_numpy(),
            "TotalPrice": items["total"].to_numpy(),
            "IsDeleted": False,
            "CreatedDate": issued,
            "SystemModstamp": issued,
        },
    )
