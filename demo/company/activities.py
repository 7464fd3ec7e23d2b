"""Tasks and events: more of them on deals whose customers are engaged, the rest on accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, END_DAY, NOW_DAY, START_DAY, dates, is_business_day, local_days, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline
from demo.company.opportunity_life import Deal
from demo.company.parties import Parties
from demo.company.people import SalesForce
from demo.company.profiles import Profile

_PER_DAY = 0.085
_TASKS = ("Call", "Email", "Demo Request", "Follow-up")
_EVENTS = ("Meeting", "Site Visit", "Web Demo")
_DURATIONS = np.array([30, 45, 60, 60, 90, 120])


def activity_tables(
    profile: Profile, deals: list[Deal], parties: Parties, force: SalesForce, rng: np.random.Generator
) -> list[TableTimeline]:
    """Task (three of four) and Event, each recorded when it is over."""
    total = round(profile.rows(120_000) * (END_DAY - START_DAY) / (NOW_DAY - START_DAY))
    columns = _on_deals(deals, rng)
    others = _on_accounts(max(50, total - len(columns["at"])), parties, rng)
    merged = {name: np.concatenate([columns[name], others[name]]) for name in columns}
    order = np.argsort(merged["at"], kind="stable")
    merged = {name: values[order] for name, values in merged.items()}
    merged["owner"] = force.owners(merged["seat"], merged["at"] // DAY)
    is_task = rng.random(len(order)) < 0.75
    return [
        _tasks({name: values[is_task] for name, values in merged.items()}, rng),
        _events({name: values[~is_task] for name, values in merged.items()}, rng),
    ]


def _on_deals(deals: list[Deal], rng: np.random.Generator) -> dict[str, Any]:
    """Moments between a deal's creation and its end, by its engagement; they fade out after half a year."""
    begin = np.array([d.changes[0].at for d in deals])
    ends = np.array([d.changes[-1].at if _is_over(d) else END for d in deals])
    length = np.minimum(ends - begin, 200 * DAY)
    rate = _PER_DAY * np.exp(0.45 * np.array([d.engagement for d in deals]))
    count = rng.poisson(rate * length / DAY)
    which = np.repeat(np.arange(len(deals)), count)
    at = begin[which] + (rng.random(len(which)) * length[which]).astype("int64")
    return {
        "at": _in_office(at, rng).clip(begin[which] + 60, END - 7_200),
        "deal": np.array([d.number for d in deals])[which],
        "account": np.array([d.account for d in deals])[which],
        "seat": np.array([d.seat for d in deals])[which],
        "gone": np.array([d.hard_deleted for d in deals])[which],
    }


def _is_over(deal: Deal) -> bool:
    return deal.closed_at >= 0 or bool(deal.last.get("IsDeleted")) or deal.hard_deleted >= 0


def _on_accounts(count: int, parties: Parties, rng: np.random.Generator) -> dict[str, Any]:
    main = list(parties.main_account().values())
    chosen = rng.integers(len(main), size=count)
    created = np.array([max(a.created, START_DAY) for a in main])[chosen]
    days = created + 1 + (rng.random(count) * (END_DAY - 2 - created)).astype("int64")
    return {
        "at": _in_office(days * DAY, rng).clip(None, END - 7_200),
        "deal": np.zeros(count, dtype="int64"),
        "account": np.array([a.number for a in main])[chosen],
        "seat": np.array([parties.firms[a.firm].seat for a in main])[chosen],
        "gone": np.full(count, -1),
    }


def _in_office(at: Any, rng: np.random.Generator) -> Any:
    """Moved into office hours and off most week-ends."""
    days = at // DAY
    days = np.where(is_business_day(days), days, days + 2)
    return days * DAY + 23_400 + rng.integers(0, 34_000, size=len(days))


def _common(columns: dict[str, Any], over: Any) -> dict[str, Any]:
    deal = columns["deal"]
    return {
        "WhatId": np.where(deal > 0, salesforce_ids("Opportunity", deal), None),
        "AccountId": salesforce_ids("Account", columns["account"]),
        "OwnerId": salesforce_ids("User", columns["owner"]),
        "IsDeleted": False,
        "CreatedDate": stamps(over),
        "SystemModstamp": stamps(over),
    }


def _tasks(columns: dict[str, Any], rng: np.random.Generator) -> TableTimeline:
    count = len(columns["at"])
    kind = np.array(_TASKS, dtype=object)[rng.choice(4, size=count, p=(0.4, 0.4, 0.05, 0.15))]
    called = kind == "Call"
    seconds = rng.integers(40, 1_900, size=count)
    return crm_timeline(
        "Task",
        {
            "Id": salesforce_ids("Task", np.arange(1, count + 1)),
            "Type": kind,
            "Subject": kind,
            "Status": "Completed",
            "ActivityDate": dates(local_days(columns["at"])),
            "CompletedDateTime": stamps(columns["at"]),
            "CallDurationInSeconds": pd.Series(seconds).where(called),
            **_common(columns, columns["at"] + 120),
        },
        gone=stamps(columns["gone"]),
    )


def _events(columns: dict[str, Any], rng: np.random.Generator) -> TableTimeline:
    count = len(columns["at"])
    kind = np.array(_EVENTS, dtype=object)[rng.choice(3, size=count, p=(0.6, 0.2, 0.2))]
    minutes = _DURATIONS[rng.integers(len(_DURATIONS), size=count)]
    over = columns["at"] + minutes * 60
    return crm_timeline(
        "Event",
        {
            "Id": salesforce_ids("Event", np.arange(1, count + 1)),
            "Type": kind,
            "Subject": kind,
            "StartDateTime": stamps(columns["at"]),
            "EndDateTime": stamps(over),
            "DurationInMinutes": minutes,
            **_common(columns, np.minimum(over + 60, END)),
        },
        gone=stamps(columns["gone"]),
    )
