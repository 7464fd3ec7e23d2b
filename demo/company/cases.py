"""Cases: what customers complained about or asked after an order, and when they were answered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, END_DAY, NOW_DAY, START_DAY, stamps
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline
from demo.company.orders import Orders
from demo.company.parties import Parties
from demo.company.people import SalesForce
from demo.company.profiles import Profile

_TYPES = ("Late Delivery", "Wrong Goods", "Damaged Goods", "Invoice", "Question")
_ORIGINS = ("Phone", "Email", "Web")


def case_table(
    profile: Profile, parties: Parties, force: SalesForce, orders: Orders, rng: np.random.Generator
) -> TableTimeline:
    """Case: a version when opened, when first answered and when closed. One order reference in 25 is unreadable."""
    account_of = {customer.number: parties.main_account().get(customer.firm) for customer in parties.customers}
    known = orders.head[[account_of[customer] is not None for customer in orders.head["customer"]]]
    total = round(profile.rows(9_000) * (END_DAY - START_DAY) / (NOW_DAY - START_DAY))
    head = known.iloc[np.sort(rng.integers(len(known), size=total))]
    accounts = [account for customer in head["customer"] if (account := account_of[customer])]
    opened = head["day"].to_numpy() * DAY + rng.integers(DAY, 40 * DAY, size=total)
    opened = np.maximum(opened, np.array([max(a.created, START_DAY) + 1 for a in accounts]) * DAY)
    answered = opened + (rng.exponential(9.0, size=total) * 3_600).astype("int64") + 300
    closed = answered + (rng.gamma(1.5, 3.0, size=total) * DAY).astype("int64") + 600
    seats = np.array([parties.firms[a.firm].seat for a in accounts])
    kinds = np.array(_TYPES, dtype=object)[rng.choice(5, size=total, p=(0.3, 0.15, 0.15, 0.25, 0.15))]
    readable = rng.random(total) >= 0.04
    base = pd.DataFrame(
        {
            "AccountId": salesforce_ids("Account", [a.number for a in accounts]),
            "OwnerId": salesforce_ids("User", force.owners(seats, opened // DAY)),
            "Subject": kinds,
            "Type": kinds,
            "Status": "New",
            "Priority": np.array(("Low", "Medium", "High"), dtype=object)[rng.choice(3, size=total, p=(0.3, 0.5, 0.2))],
            "Origin": np.array(_ORIGINS, dtype=object)[rng.integers(3, size=total)],
            "Order_Reference__c": np.where(readable, head["order_no"].to_numpy(), "see mail"),
            "IsClosed": False,
            "IsDeleted": False,
            "CreatedDate": stamps(opened),
        }
    )
    base = base.assign(opened=opened, answered=answered, closed=closed).sort_values("opened", kind="stable")
    base = base[base["opened"] <= END].reset_index(drop=True)
    base.insert(0, "Id", salesforce_ids("Case", np.arange(1, len(base) + 1)))
    base.insert(1, "CaseNumber", [f"{n:08d}" for n in range(1001, len(base) + 1001)])
    return crm_timeline("Case", _versions(base))


def _versions(base: pd.DataFrame) -> pd.DataFrame:
    response = stamps(base["answered"])
    steps = [
        base.assign(SystemModstamp=stamps(base["opened"]), at=base["opened"]),
        base.assign(Status="Working", First_Response_At__c=response, SystemModstamp=response, at=base["answered"]),
        base.assign(
            Status="Closed",
            First_Response_At__c=response,
            IsClosed=True,
            ClosedDate=stamps(base["closed"]),
            SystemModstamp=stamps(base["closed"]),
            at=base["closed"],
        ),
    ]
    rows = pd.concat([step[step["at"] <= END] for step in steps], ignore_index=True)
    return rows.drop(columns=["opened", "answered", "closed", "at"])
