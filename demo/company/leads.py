"""Leads: the beginnings of the new deals, and the many that came to nothing; duplicates among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo.company.campaigns import Campaigns
from demo.company.clock import DAY, END, END_DAY, NOW, NOW_DAY, START_DAY, dates, is_business_day, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_id, salesforce_ids
from demo.company.model import Quirk, TableTimeline
from demo.company.names import NameBook, fold, people_names
from demo.company.opportunities import LEAD_SOURCES
from demo.company.opportunity_life import Deal
from demo.company.people import SalesForce
from demo.company.products import LINES
from demo.company.profiles import Profile

_SEGMENTS = ("Enterprise", "Mid-Market", "Small")
_REASONS = ("No Budget", "No Fit", "Unreachable", "Student", "Competitor", None)
_SOURCE_WEIGHTS = np.cumsum([0.2, 0.15, 0.14, 0.09, 0.08, 0.07, 0.09, 0.08, 0.04, 0.04, 0.02])


def lead_table(
    profile: Profile, deals: list[Deal], force: SalesForce, campaigns: Campaigns, rng: np.random.Generator
) -> tuple[TableTimeline, Quirk]:
    """Lead with a version per step (created, answered, qualified, converted or disqualified), and A19."""
    base = _converted(deals, rng)
    base = pd.concat([base, _others(profile, len(base), rng)], ignore_index=True)
    base, duplicates, existing = _duplicates(base, profile, deals, rng)
    base = base.sort_values(["created", "deal"], kind="stable")
    place = pd.Series(np.arange(len(base)), index=base.index)
    base = base.reset_index(drop=True)
    ids = salesforce_ids("Lead", np.arange(1, len(base) + 1))
    _describe(base, force, campaigns, rng)
    _hand_campaign_on(base, deals)
    _copy_persons(base, [(int(place[c]), int(place[o])) for c, o in duplicates])
    rows = _versions(base)
    pairs = {ids[int(place[copy])]: ids[int(place[original])] for copy, original in duplicates}
    numbers = base["deal"].tolist()
    known = {ids[int(place[i])]: salesforce_id("Opportunity", numbers[int(place[i])]) for i in existing}
    quirk = Quirk("A19", "Lead", [*sorted(pairs), *sorted(known)], {"duplicate_of": pairs, "existing_deal": known})
    return _table(rows, base, ids), quirk


def _converted(deals: list[Deal], rng: np.random.Generator) -> pd.DataFrame:
    """A lead some weeks before each new deal, converted when the deal is created."""
    entered = [d for d in deals if d.pipeline == "new" and d.merged_into is None]
    new = [d for d in entered if d.changes[0].at > (START_DAY + 3) * DAY]
    moment = np.array([d.changes[0].at for d in new])
    wait = (rng.gamma(2.0, 7.0, size=len(new)) * DAY).astype("int64") + 7_200
    created = np.maximum(moment - wait, START_DAY * DAY + 3_600)
    return pd.DataFrame(
        {
            "created": created,
            "answered": created + ((moment - created) * 0.2).astype("int64"),
            "qualified": created + ((moment - created) * 0.7).astype("int64"),
            "ended": moment,
            "converted": True,
            "deal": [d.number for d in new],
            "account": [d.account for d in new],
            "source": [d.plan["source"] for d in new],
            "seat": [d.seat for d in new],
        }
    )


def _others(profile: Profile, converted: int, rng: np.random.Generator) -> pd.DataFrame:
    """Leads without a deal: created by the season, answered late or never, mostly disqualified."""
    total = round(profile.rows(24_000) * (END_DAY - START_DAY) / (NOW_DAY - START_DAY))
    count = max(20, total - converted - profile.planted(1010))
    days = np.arange(START_DAY, END_DAY)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12
    season = np.array([1.2, 1.1, 1.15, 1.0, 1.0, 0.9, 0.75, 0.65, 1.15, 1.2, 1.1, 0.7])[month]
    weights = season * np.where(is_business_day(days), 1.0, 0.25)
    created = rng.choice(days, size=count, p=weights / weights.sum()) * DAY + rng.integers(0, DAY, size=count)
    answered = created + (rng.exponential(20.0, size=count) * 3_600).astype("int64") + 600
    qualified = answered + (rng.gamma(2.0, 4.0, size=count) * DAY).astype("int64")
    ended = qualified + (rng.gamma(2.0, 12.0, size=count) * DAY).astype("int64") + 60
    is_qualified = rng.random(count) < 0.3
    return pd.DataFrame(
        {
            "created": created,
            "answered": np.where(rng.random(count) < 0.93, answered, -1),
            "qualified": np.where(is_qualified, qualified, -1),
            "ended": np.where(rng.random(count) < 0.9, ended, -1),
            "converted": False,
            "deal": 0,
            "account": 0,
            "source": np.array(LEAD_SOURCES, dtype=object)[np.searchsorted(_SOURCE_WEIGHTS, rng.random(count))],
            "seat": -1,
        }
    )


def _duplicates(
    base: pd.DataFrame, profile: Profile, deals: list[Deal], rng: np.random.Generator
) -> tuple[pd.DataFrame, list[tuple[int, int]], list[int]]:
    """A19: second leads of the same person, and leads converted into a deal that existed before them."""
    old = np.flatnonzero(base["created"] < NOW - 40 * DAY)
    originals = np.sort(rng.choice(old, size=min(profile.planted(700, least=4), len(old) // 3), replace=False))
    copies = base.iloc[originals].assign(converted=False, deal=0, qualified=-1, answered=-1)
    copies["created"] += rng.integers(DAY, 25 * DAY, size=len(copies))
    copies["ended"] = copies["created"] + 2 * DAY
    grown = [d for d in deals if d.pipeline != "new" and d.created < NOW - 60 * DAY]
    long = [d for d in grown if d.changes[-1].at - d.created > 30 * DAY]
    chosen = np.sort(rng.choice(len(long), size=min(profile.planted(310, least=3), len(long)), replace=False))
    late = pd.DataFrame(
        {
            "created": [long[i].created + 8 * DAY for i in chosen],
            "answered": [long[i].created + 8 * DAY + 5_000 for i in chosen],
            "qualified": [long[i].created + 10 * DAY for i in chosen],
            "ended": [long[i].created + 12 * DAY for i in chosen],
            "converted": True,
            "deal": [long[i].number for i in chosen],
            "account": [long[i].account for i in chosen],
            "source": "Web",
            "seat": [long[i].seat for i in chosen],
        }
    )
    out = pd.concat([base, copies, late], ignore_index=True)
    pairs = [(len(base) + i, int(original)) for i, original in enumerate(originals)]
    return out, pairs, list(range(len(base) + len(copies), len(out)))


def _describe(base: pd.DataFrame, force: SalesForce, campaigns: Campaigns, rng: np.random.Generator) -> None:
    count = len(base)
    seat = np.where(base["seat"] < 0, rng.integers(len(force.seat_new), size=count), base["seat"])
    base["owner"] = force.owners(seat, base["created"].to_numpy() // DAY)
    base["first"], base["last"] = people_names(rng, count)
    book = NameBook(rng)
    firms = [book.firm() for _ in range(max(20, count // 4))]
    base["company"] = [firms[i] for i in rng.integers(len(firms), size=count)]
    base["email"] = [
        f"{fold(f)}.{fold(n)}{i % 97}@{fold(c)}.example"
        for i, (f, n, c) in enumerate(zip(base["first"], base["last"], base["company"], strict=True))
    ]
    base["segment"] = np.array(_SEGMENTS, dtype=object)[rng.choice(3, size=count, p=(0.15, 0.35, 0.5))]
    base["line"] = np.array(list(LINES), dtype=object)[rng.integers(len(LINES), size=count)]
    base["reason"] = np.array(_REASONS, dtype=object)[rng.integers(len(_REASONS), size=count)]
    days = (base["created"] // DAY).tolist()
    base["campaign"] = [campaigns.running(s, d) for s, d in zip(base["source"], days, strict=True)]


def _hand_campaign_on(base: pd.DataFrame, deals: list[Deal]) -> None:
    """A deal that came from a lead keeps the lead's campaign."""
    of_number = {deal.number: deal for deal in deals}
    led = base[base["converted"] & (base["campaign"] >= 0)]
    for number, campaign in zip(led["deal"].tolist(), led["campaign"].tolist(), strict=True):
        if of_number[number].pipeline == "new":
            of_number[number].plan["campaign"] = salesforce_id("Campaign", campaign + 1)


def _copy_persons(base: pd.DataFrame, pairs: list[tuple[int, int]]) -> None:
    """A duplicate is the same person at the same firm, perhaps from another source."""
    copies, originals = [p[0] for p in pairs], [p[1] for p in pairs]
    for name in ("first", "last", "company", "email", "segment", "line"):
        values = base[name].to_numpy().copy()
        values[copies] = values[originals]
        base[name] = values


def _versions(base: pd.DataFrame) -> pd.DataFrame:
    """One row per step that a lead took by the horizon: lead position, step, moment."""
    steps = []
    for step, name in enumerate(("created", "answered", "qualified", "ended")):
        moment = base[name].to_numpy()
        steps.append(pd.DataFrame({"lead": np.arange(len(base)), "step": step, "at": moment}))
    rows = pd.concat(steps, ignore_index=True)
    rows = rows[(rows["at"] >= 0) & (rows["at"] <= END)]
    return rows.sort_values(["lead", "step"], kind="stable", ignore_index=True)


def _table(rows: pd.DataFrame, base: pd.DataFrame, ids: Any) -> TableTimeline:
    lead, step = rows["lead"].to_numpy(), rows["step"].to_numpy()
    of = base.iloc[lead].reset_index(drop=True)
    converted = of["converted"].to_numpy() & (step == 3)
    status = np.array(["Open", "Working", "Qualified", "Disqualified"], dtype=object)[step]
    accounts = salesforce_ids("Account", of["account"])
    campaign = salesforce_ids("Campaign", of["campaign"] + 1)
    columns: dict[str, Any] = {
        "Id": ids[lead],
        "FirstName": of["first"],
        "LastName": of["last"],
        "Company": of["company"],
        "Email": of["email"],
        "LeadSource": of["source"],
        "Primary_Campaign__c": np.where(of["campaign"] >= 0, campaign, None),
        "Status": np.where(converted, "Converted", status),
        "OwnerId": salesforce_ids("User", of["owner"]),
        "Segment__c": of["segment"],
        "Product_Line__c": of["line"],
        "First_Response_At__c": stamps(np.where(step >= 1, of["answered"], -1)),
        "Qualified_At__c": stamps(np.where(step >= 2, of["qualified"], -1)),
        "IsConverted": converted,
        "ConvertedDate": dates(np.where(converted, of["ended"] // DAY, -1)),
        "Converted_At__c": stamps(np.where(converted, of["ended"], -1)),
        "ConvertedAccountId": np.where(converted, accounts, None),
        "ConvertedOpportunityId": np.where(converted, salesforce_ids("Opportunity", of["deal"]), None),
        "Disqualify_Reason__c": of["reason"].where((step == 3) & ~converted),
        "IsDeleted": False,
        "CreatedDate": stamps(of["created"]),
        "SystemModstamp": stamps(rows["at"]),
    }
    return crm_timeline("Lead", columns)
