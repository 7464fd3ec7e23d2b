"""What goes wrong with invoices: tax-inclusive amounts, cancelled first versions, midnight dates, late posting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demo.company.clock import DAY, NOW, NOW_DAY, add_months, day_number, local_midnight, to_date
from demo.company.model import Quirk
from demo.company.orders import Orders
from demo.company.profiles import Profile

TAX_RATES = {
    "DE": 0.19,
    "AT": 0.20,
    "PL": 0.23,
    "RO": 0.19,
    "GB": 0.20,
    "NL": 0.21,
    "IT": 0.22,
    "FR": 0.20,
    "US": 0.0,
    "CZ": 0.21,
    "HU": 0.27,
}


def plant_tax_inclusive(head: pd.DataFrame, profile: Profile, rng: np.random.Generator) -> None:
    """Q16: the web shop stores amounts with tax."""
    taxed = head["country"].map(TAX_RATES).gt(0) & (head["kind"] == "repeat")
    chosen = rng.choice(np.flatnonzero(taxed), size=profile.planted(640, least=6), replace=False)
    head.loc[chosen, "channel"] = "webshop"
    head.loc[chosen, "inclusive"] = True


def plant_cancelled(
    head: pd.DataFrame, lines: pd.DataFrame, profile: Profile, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Q15: a wrong first invoice that is cancelled; the right one with the same lines stays. Two after now."""
    old = np.flatnonzero((head["kind"] == "repeat") & (head["posted_at"] < NOW - 3 * DAY))
    chosen = rng.choice(old[:-40], size=profile.planted(120, least=4), replace=False)
    chosen = np.sort(np.concatenate([chosen, old[-2:]]))
    copies = head.iloc[chosen].copy()
    copies["copy_of"] = chosen
    copies["issued_at"] -= rng.integers(600, 7_000, size=len(chosen))
    copies["posted_at"] = copies["issued_at"] + 300
    moments = head["posted_at"].to_numpy()[chosen] + rng.integers(600, DAY, size=len(chosen))
    moments[-2:] = [NOW + 2 * DAY + 11, NOW + 6 * DAY + 23]
    copies["cancelled_at"] = moments
    where = {original: len(head) + i for i, original in enumerate(chosen.tolist())}
    copied = lines[lines["invoice"].isin(chosen)].copy()
    copied["invoice"] = copied["invoice"].map(where)
    return pd.concat([head, copies], ignore_index=True), pd.concat([lines, copied], ignore_index=True)


def plant_midnight(head: pd.DataFrame, profile: Profile, rng: np.random.Generator) -> Quirk:
    """A21: invoices of the first of a month that were issued in its first two local hours, still yesterday in UTC."""
    first = np.array([to_date(day).day <= 3 for day in head["day"]])
    plain = (head["kind"] == "repeat") & (head["copy_of"] < 0) & (head["posted_at"] < NOW) & first
    free = np.flatnonzero(plain & ~head.index.isin(head["copy_of"]))
    chosen = np.sort(rng.choice(free, size=min(len(free), profile.planted(60, least=3)), replace=False))
    starts = [add_months(to_date(day), 0) for day in head["day"].to_numpy()[chosen].tolist()]
    issued = np.array([local_midnight(start) for start in starts]) + rng.integers(60, 7_000, size=len(chosen))
    head.loc[chosen, "day"] = [day_number(start) for start in starts]
    head.loc[chosen, "issued_at"] = issued
    head.loc[chosen, "posted_at"] = issued + 120
    numbers = head["invoice_no"].to_numpy()[chosen].tolist()
    expected = {number: start.isoformat() for number, start in zip(numbers, starts, strict=True)}
    return Quirk("A21", "invoice", sorted(expected), {"business_date": expected})


def plant_late_posting(head: pd.DataFrame, lines: pd.DataFrame, profile: Profile, rng: np.random.Generator) -> Quirk:
    """F5: invoices of a month's last days that are posted one to three weeks after its close; the last after now."""
    late_in_month = np.array([to_date(day).day >= 20 for day in head["day"]])
    plain = late_in_month & (head["kind"] == "repeat") & (head["copy_of"] < 0) & ~head.index.isin(head["copy_of"])
    old = np.flatnonzero(plain & (head["day"] < NOW_DAY - 60))
    recent = np.flatnonzero(plain & (head["day"] > NOW_DAY - 24) & (head["day"] < NOW_DAY - 13))[:3]
    wanted = min(max(2, profile.planted(130, least=9) // 3), len(old))
    chosen = np.concatenate([np.sort(rng.choice(old, size=wanted, replace=False)), recent])
    days = head["day"].to_numpy()[chosen].tolist()
    closes = np.array([local_midnight(add_months(to_date(day), 1)) for day in days]) + 3 * DAY
    posted = np.where(np.isin(chosen, recent), NOW + DAY, closes) + rng.integers(0, 14 * DAY, size=len(chosen))
    head.loc[chosen, "posted_at"] = posted
    numbers = head["invoice_no"].to_numpy()[chosen].tolist()
    expected = {
        number: [to_date(day).isoformat(), str(np.datetime64(moment, "s"))]
        for number, day, moment in zip(numbers, days, posted.tolist(), strict=True)
    }
    count = int(lines["invoice"].isin(chosen).sum())
    return Quirk("F5", "invoice", sorted(expected), {"invoice_date_and_posted_at": expected, "lines": count})


def tax_quirk(head: pd.DataFrame) -> Quirk:
    """Q16's entry."""
    keys = head.loc[head["inclusive"], "invoice_no"].tolist()
    return Quirk("Q16", "invoice", keys, {"channel": "webshop", "invoices": len(keys)})


def cancelled_quirk(head: pd.DataFrame, orders: Orders) -> Quirk:
    """Q15's entry."""
    cancelled = head[head["cancelled_at"] >= 0]
    keys = cancelled["invoice_no"].tolist()
    order_nos = orders.head.loc[orders.head["cancelled_at"] >= 0, "order_no"].tolist()
    later = cancelled.loc[cancelled["cancelled_at"] > NOW, "invoice_no"].tolist()
    return Quirk("Q15", "invoice", keys, {"invoices": keys, "orders": order_nos, "invoices_cancelled_after_now": later})
