"""The CRM's accounts, their territories and their contacts, as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END_DAY, NOW_DAY, REALIGNMENT, START_DAY, dates, day_number, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_id, salesforce_ids
from demo.company.model import Quirk, TableTimeline
from demo.company.names import AWKWARD_NAMES, fold, people_names
from demo.company.parties import Account, Parties
from demo.company.people import SalesForce
from demo.company.profiles import Profile
from demo.company.territories import ANNOUNCED, TerritoryMap

_INDUSTRIES = ("Machinery", "Automotive", "Food", "Energy", "Chemicals", "Construction", "Logistics", "Water")
_SEGMENTS = ("Enterprise", "Mid-Market", "Small")
_SOURCES = ("Web", "Trade Show", "Referral", "Partner", "Cold Call")
_ROLES = ("Decision Maker", "Technical Buyer", "Economic Buyer", "User", "Influencer")


def account_id(number: int) -> str:
    """CRM id of an account number."""
    return salesforce_id("Account", number)


def account_table(parties: Parties, force: SalesForce, rng: np.random.Generator) -> tuple[TableTimeline, list[Quirk]]:
    """Account: created, moved to a successor when its owner leaves, re-classified now and then, merged."""
    versions: list[dict[str, Any]] = []
    evolving = _industry_changes(parties, rng)
    for account in parties.accounts:
        versions += _account_versions(account, parties, force, evolving.get(account.number), rng)
    at = [v.pop("at") for v in versions]
    created = [v.pop("created") for v in versions]
    columns: dict[str, Any] = {name: [v[name] for v in versions] for name in versions[0]}
    columns |= {"CreatedDate": stamps(created), "SystemModstamp": stamps(at)}
    return crm_timeline("Account", columns), _account_quirks(parties)


def _industry_changes(parties: Parties, rng: np.random.Generator) -> dict[int, int]:
    """Moments (UTC seconds) by account number: two per hundred in history, and two in the days after now."""
    main = [a.number for a in parties.accounts if a.role == "main" and a.parent < 0]
    chosen = rng.choice(main, size=max(4, len(main) // 50), replace=False).tolist()
    moments = {n: int(rng.integers(START_DAY + 90, NOW_DAY - 5)) * DAY + 36_000 for n in chosen}
    for offset, number in zip((3, 8), chosen, strict=False):
        moments[number] = (NOW_DAY + offset) * DAY + 36_000
    return moments


def _account_versions(
    account: Account, parties: Parties, force: SalesForce, moved_industry: int | None, rng: np.random.Generator
) -> list[dict[str, Any]]:
    firm = parties.firms[account.firm]
    created = account.created * DAY + 30_000 + int(rng.integers(20_000))
    industry = int(rng.integers(len(_INDUSTRIES)))
    state: dict[str, Any] = {
        "Id": account_id(account.number),
        "Name": account.name,
        "ParentId": account_id(account.parent) if account.parent > 0 else None,
        "Website": account.website,
        "VAT_Number__c": account.vat,
        "BillingCountryCode": firm.country,
        "Industry": _INDUSTRIES[industry],
        "Type": "Prospect" if firm.match == "crm_only" else "Customer",
        "Segment__c": _SEGMENTS[0 if firm.weight > 2 else 1 if firm.weight > 0.7 else 2],
        "AccountSource": _SOURCES[int(rng.integers(len(_SOURCES)))],
        "OwnerId": _owner(force, firm.seat, account.created),
        "MasterRecordId": None,
        "IsDeleted": False,
    }
    changes: list[tuple[int, dict[str, Any]]] = []
    first, *later = force.occupants[firm.seat]
    left = force.people[first - 1].left
    if later and left > account.created:
        changes.append((left * DAY + 64_000, {"OwnerId": force.people[later[0] - 1].id}))
    if moved_industry is not None and moved_industry > created:
        changes.append((moved_industry, {"Industry": _INDUSTRIES[(industry + 3) % len(_INDUSTRIES)]}))
    if account.role == "merged":
        merged_at = min(account.created + int(rng.integers(20, 300)), NOW_DAY - 1) * DAY + 40_000
        changes = [c for c in changes if c[0] < merged_at]
        changes.append((merged_at, {"IsDeleted": True, "MasterRecordId": account_id(account.of)}))
    versions = [{**state, "created": created, "at": created}]
    for at, change in sorted(changes, key=lambda c: c[0]):
        versions.append({**versions[-1], **change, "at": at})
    return versions


def _owner(force: SalesForce, seat: int, day: int) -> str:
    return force.people[int(force.owners(np.array([seat]), np.array([day]))[0]) - 1].id


def _account_quirks(parties: Parties) -> list[Quirk]:
    merged = {account_id(a.number): account_id(a.of) for a in parties.accounts if a.role == "merged"}
    duplicates = [
        {"survivor": account_id(a.of), "duplicate": account_id(a.number), "basis": "vat" if a.vat else "domain"}
        for a in parties.accounts
        if a.role == "duplicate"
    ]
    awkward = [account_id(a.number) for a in parties.accounts if a.name in AWKWARD_NAMES]
    return [
        Quirk("A4", "Account", sorted(merged), {"survivor": merged}),
        Quirk("A5", "Account", [d["duplicate"] for d in duplicates], {"pairs": duplicates}),
        Quirk("O6", "Account", awkward, {"names": {k: _name_of(parties, k) for k in awkward}}),
    ]


def _name_of(parties: Parties, key: str) -> str:
    return next(a.name for a in parties.accounts if account_id(a.number) == key)


def account_territory_table(parties: Parties, force: SalesForce, tmap: TerritoryMap) -> tuple[TableTimeline, Quirk]:
    """ObjectTerritory2Association: one row per account and period; a moved account's first row is closed."""
    turn = day_number(REALIGNMENT)
    rows: list[dict[str, Any]] = []
    moved: dict[str, dict[str, str]] = {}
    number = 0
    for account in parties.accounts:
        seat = parties.firms[account.firm].seat
        old, new = force.seat_old[seat], force.seat_new[seat]
        begin = max(account.created, START_DAY)
        periods = [(new, begin, -1)] if old == new or begin >= turn else [(old, begin, turn), (new, turn, -1)]
        if len(periods) == 2:
            moved[account_id(account.number)] = {"from": tmap.by_name(old).id, "to": tmap.by_name(new).id}
        for name, start, end in periods:
            number += 1
            created = ANNOUNCED if start == turn and end < 0 and len(periods) == 2 else start * DAY + 52_000
            base = {"n": number, "account": account_id(account.number), "t": tmap.by_name(name).id, "from": start}
            rows.append({**base, "to": -1, "at": created})
            if end >= 0:
                rows.append({**base, "to": end, "at": max(ANNOUNCED, created + 1)})
    table = crm_timeline(
        "ObjectTerritory2Association",
        {
            "Id": salesforce_ids("ObjectTerritory2Association", [r["n"] for r in rows]),
            "ObjectId": [r["account"] for r in rows],
            "Territory2Id": [r["t"] for r in rows],
            "AssociationCause": "Territory2Manual",
            "Valid_From__c": dates([r["from"] for r in rows]),
            "Valid_To__c": dates([r["to"] for r in rows]),
            "IsDeleted": False,
            "SystemModstamp": stamps([r["at"] for r in rows]),
        },
    )
    shares = [
        {"from": tmap.by_name(o).id, "to": tmap.by_name(n).id, "share": s} for o, n, s in tmap.successors if o != n
    ]
    expected: dict[str, Any] = {"effective_date": REALIGNMENT.isoformat(), "accounts": moved, "successors": shares}
    expected["territories_before"] = len(tmap.current(after=False))
    expected["territories_after"] = len(tmap.current(after=True))
    return table, Quirk("A16", "Account", sorted(moved), expected)


def contact_table(parties: Parties, profile: Profile, rng: np.random.Generator) -> tuple[TableTimeline, list[Quirk]]:
    """Contact: three per account, roles one in eight blank; some merged into another one of their account."""
    count = max(profile.rows(3600), 2 * len(parties.accounts))
    numbers = np.arange(1, count + 1)
    accounts = np.array([a.number for a in parties.accounts if a.role != "merged"])
    more = rng.integers(len(accounts), size=count - len(accounts))
    owner = np.sort(np.concatenate([accounts, accounts[more]]))
    created_by_account = np.array([a.created for a in parties.accounts])
    created = np.minimum(created_by_account[owner - 1] + rng.integers(0, 400, size=count), END_DAY - 1) * DAY
    created = created + rng.integers(25_000, 55_000, size=count)
    first, last = people_names(rng, count)
    awkward = rng.choice(count, size=2, replace=False)
    for position, name in zip(awkward, AWKWARD_NAMES[1:3], strict=True):
        last[position] = name
    firms = [parties.firms[parties.accounts[a - 1].firm] for a in owner]
    role = np.array(_ROLES, dtype=object)[rng.integers(len(_ROLES), size=count)]
    role[rng.random(count) < 0.12] = None
    ids = salesforce_ids("Contact", numbers)
    columns: dict[str, Any] = {
        "Id": ids,
        "AccountId": salesforce_ids("Account", owner),
        "FirstName": first,
        "LastName": last,
        "Email": [f"{fold(f)}.{fold(n)[:30]}@{firm.domain}" for f, n, firm in zip(first, last, firms, strict=True)],
        "Phone": [f"+49 5{n % 900 + 100} {n:06d}" for n in numbers],
        "Title": np.array(["Buyer", "Engineer", "Plant Manager", "CFO"], dtype=object)[numbers % 4],
        "Role__c": role,
        "HasOptedOutOfEmail": rng.random(count) < 0.15,
        "MasterRecordId": None,
        "IsDeleted": False,
        "CreatedDate": stamps(created),
        "SystemModstamp": stamps(created),
    }
    victims = _merge_victims(owner, created, profile.planted(120), rng)
    quirks = [
        Quirk("A4", "Contact", [ids[v] for v in victims], {"survivor": {ids[v]: ids[v - 1] for v in victims}}),
        Quirk("O6", "Contact", [ids[p] for p in awkward], {"names": {ids[p]: last[p] for p in awkward}}),
    ]
    return crm_timeline("Contact", _with_merges(columns, victims, created, rng)), quirks


def _merge_victims(owner: Any, created: Any, count: int, rng: np.random.Generator) -> list[int]:
    """Positions of contacts whose predecessor belongs to the same account and survives."""
    same = np.flatnonzero((owner[1:] == owner[:-1]) & (created[1:] < (NOW_DAY - 40) * DAY)) + 1
    same = same[same % 2 == 1]
    return sorted(rng.choice(same, size=min(count, len(same)), replace=False).tolist())


def _with_merges(columns: dict[str, Any], victims: list[int], created: Any, rng: np.random.Generator) -> pd.DataFrame:
    """Append the version in which each victim is merged away."""
    frame = pd.DataFrame(columns)
    gone = frame.iloc[victims].copy()
    gone["IsDeleted"] = True
    gone["MasterRecordId"] = frame["Id"].to_numpy()[np.array(victims) - 1]
    later = np.minimum(created[victims] + rng.integers(10 * DAY, 200 * DAY, size=len(victims)), (NOW_DAY - 1) * DAY)
    gone["SystemModstamp"] = stamps(later)
    return pd.concat([frame, gone], ignore_index=True)
