"""Orders and their lines: who orders what when; amounts are fitted to the plan once the invoices are placed.

One frame of orders and one of lines, both indexed by position; `invoices` adds the billing. Won deals become orders,
the rest is repeat business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END_DAY, NOW_DAY, START_DAY, is_business_day, local_to_utc, month_index
from demo.company.opportunity_life import Deal
from demo.company.parties import Customer, Parties, opens_late
from demo.company.people import SalesForce
from demo.company.products import LINES, Catalogue
from demo.company.profiles import Profile
from demo.company.sales_plan import SalesPlan, selling_day_weights

HOUSE_SALESPERSON = "S900"
PROJECT_DAY = 19_857
"""Order day of the one-off project (2024-05-14)."""
PROJECT_EUR = 1_100_000.0


@dataclass
class Orders:
    """`head`: one row per order; `lines`: one row per order line with `order` pointing into `head`."""

    head: pd.DataFrame
    lines: pd.DataFrame


def build_orders(
    profile: Profile,
    parties: Parties,
    force: SalesForce,
    catalogue: Catalogue,
    plan: SalesPlan,
    deals: list[Deal],
    rng: np.random.Generator,
) -> Orders:
    """All orders up to the horizon with customers, days, salespersons and SKUs, amounts still as weights."""
    won = _won_orders(parties, deals, rng)
    total = round(profile.rows(14_000) * (END_DAY - START_DAY) / (NOW_DAY - START_DAY))
    head = pd.concat(
        [won, _repeat_orders(max(total - len(won), 50), parties, plan, rng), _special_orders(profile, parties, rng)],
        ignore_index=True,
    )
    head = pd.concat([head, _project_order(parties)], ignore_index=True)
    head = head.sort_values(["day", "customer"], kind="stable", ignore_index=True)
    _describe(head, parties, force, rng)
    _cancel(head, profile, rng)
    return Orders(head, _lines(head, catalogue, rng))


def _main_customers(parties: Parties) -> dict[int, Customer]:
    return {c.firm: c for c in parties.customers if c.role in ("main", "erp_only", "look_alike")}


def _won_orders(parties: Parties, deals: list[Deal], rng: np.random.Generator) -> pd.DataFrame:
    main = _main_customers(parties)
    rows = []
    for deal in deals:
        firm = parties.firms[parties.accounts[deal.account - 1].firm]
        day = deal.closed_at // DAY + 1 + int(rng.integers(10))
        if deal.last["StageName"] != "Closed Won" or firm.number not in main or day >= END_DAY:
            continue
        if deal.hard_deleted < 0 and not deal.last.get("IsDeleted") and day > opens_late(firm.region):
            rows.append((main[firm.number].number, day, f"Q{deal.number:06d}", "deal", 2.2))
    return pd.DataFrame(rows, columns=["customer", "day", "quote_no", "kind", "size"])


def _repeat_orders(count: int, parties: Parties, plan: SalesPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Region and month in proportion to the plan, then a selling day and a customer of the region by weight."""
    days = np.arange(START_DAY, END_DAY)
    per_month = plan.expected.sum(axis=1)[:, month_index(days)]
    weights = per_month * selling_day_weights(days)
    cell = rng.choice(weights.size, size=count, p=(weights / weights.sum()).ravel())
    region, day = np.divmod(cell, len(days))
    customer = np.zeros(count, dtype="int64")
    for r, name in enumerate(plan.regions):
        pool = [c for c in parties.customers if _buys_in(parties, c, name)]
        weight = np.array([parties.firms[c.firm].weight for c in pool])
        numbers = np.array([c.number for c in pool])
        customer[region == r] = rng.choice(numbers, size=int((region == r).sum()), p=weight / weight.sum())
    return pd.DataFrame({"customer": customer, "day": days[day], "quote_no": None, "kind": "repeat", "size": 1.0})


def _buys_in(parties: Parties, customer: Customer, region: str) -> bool:
    return parties.firms[customer.firm].region == region and customer.role not in ("intercompany", "test")


def _special_orders(profile: Profile, parties: Parties, rng: np.random.Generator) -> pd.DataFrame:
    frames = []
    for role, at_m in (("intercompany", 60), ("test", 25)):
        customer = next(c for c in parties.customers if c.role == role)
        days = rng.integers(START_DAY + 20, NOW_DAY - 20, size=profile.planted(at_m, least=3))
        frames.append(pd.DataFrame({"customer": customer.number, "day": days, "quote_no": None, "kind": role}))
    return pd.concat(frames, ignore_index=True).assign(size=1.0)


def _project_order(parties: Parties) -> pd.DataFrame:
    customer = next(
        c for c in parties.customers if c.currency == "EUR" and c.role == "main" and _buys_in(parties, c, "North")
    )
    row = {"customer": customer.number, "day": PROJECT_DAY, "quote_no": "Q900001", "kind": "project", "size": 1.0}
    return pd.DataFrame([row])


def _describe(head: pd.DataFrame, parties: Parties, force: SalesForce, rng: np.random.Generator) -> None:
    """Columns that follow from customer and day; orders of week-ends move to the next business day."""
    head["day"] = next_business_day(head["day"].to_numpy())
    customers = [parties.customers[n - 1] for n in head["customer"]]
    seats = np.array([parties.firms[c.firm].seat for c in customers])
    special = head["kind"].isin(["intercompany", "test"]).to_numpy()
    persons = force.owners(seats, head["day"].to_numpy())
    head["customer_no"] = [c.customer_no for c in customers]
    head["currency"] = [c.currency for c in customers]
    head["country"] = [c.country for c in customers]
    head["region"] = [parties.firms[c.firm].region for c in customers]
    head["salesperson_no"] = np.where(special, HOUSE_SALESPERSON, [f"S{p:03d}" for p in persons])
    head["order_no"] = [f"SO{1_000_000 + 3 * i}" for i in range(len(head))]
    head["ordered_at"] = local_to_utc(head["day"], rng.integers(8 * 3600, 18 * 3600, size=len(head)))
    head["promised"] = next_business_day(head["day"].to_numpy() + rng.integers(3, 20, size=len(head)))


def _cancel(head: pd.DataFrame, profile: Profile, rng: np.random.Generator) -> None:
    """Some orders are cancelled before anything is billed."""
    head["cancelled_at"] = -1
    old = np.flatnonzero((head["kind"] == "repeat") & (head["day"] < NOW_DAY - 12))
    chosen = np.sort(rng.choice(old, size=min(profile.planted(310, least=4), len(old) // 4), replace=False))
    moments = head["ordered_at"].to_numpy()[chosen] + rng.integers(DAY, 9 * DAY, size=len(chosen))
    head.loc[chosen, "cancelled_at"] = moments


def _lines(head: pd.DataFrame, catalogue: Catalogue, rng: np.random.Generator) -> pd.DataFrame:
    """One to many lines per order with SKU, weight and discount; each SKU can be sold in its month."""
    counts = 1 + rng.poisson(2.43, size=len(head))
    counts[head["kind"].to_numpy() == "project"] = 1
    order = np.repeat(np.arange(len(head)), counts)
    month = np.clip(month_index(head["day"].to_numpy()[order]), 0, catalogue.sellable.shape[1] - 1)
    sku = _draw_skus(catalogue, month, rng)
    lumpy = np.array([p.demand == "lumpy" for p in catalogue.products])[sku]
    weight = np.exp(rng.normal(0.0, 0.8, size=len(order)) + lumpy * rng.normal(0.6, 0.8, size=len(order)))
    return pd.DataFrame(
        {
            "order": order,
            "line_no": np.concatenate([np.arange(1, c + 1) for c in counts]) * 10,
            "sku": sku,
            "line": _line_index(catalogue)[sku],
            "weight": weight * head["size"].to_numpy()[order],
            "discount": np.array([0.0, 0.0, 0.0, 0.03, 0.05, 0.1])[rng.integers(6, size=len(order))],
        }
    )


def _line_index(catalogue: Catalogue) -> Any:
    names = list(LINES)
    return np.array([names.index(p.line) for p in catalogue.products])


def _draw_skus(catalogue: Catalogue, month: Any, rng: np.random.Generator) -> Any:
    """SKU indexes by weight; draws that cannot be sold in their month are repeated."""
    weights = np.cumsum([p.weight for p in catalogue.products])
    always = np.flatnonzero(catalogue.sellable.all(axis=1))
    sku = np.zeros(len(month), dtype="int64")
    bad = np.ones(len(month), dtype=bool)
    for _ in range(60):
        draw = np.searchsorted(weights, rng.random(int(bad.sum())) * weights[-1])
        sku[bad] = np.minimum(draw, len(weights) - 1)
        bad = ~catalogue.sellable[sku, month]
        if not bad.any():
            break
    sku[bad] = always[rng.integers(len(always), size=int(bad.sum()))]
    return sku


def next_business_day(days: Any) -> Any:
    """The days themselves, or the next business day where they are none."""
    out = np.array(days, dtype="int64")
    for _ in range(6):
        out = np.where(is_business_day(out), out, out + 1)
    return out
