"""Placing order lines on invoices: one invoice per order, some orders in two parts, some invoices for two orders.

Then the amounts: every region, product line and month is scaled to what the plan drew for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import END_DAY, month_index
from demo.company.fx import RateBook
from demo.company.orders import PROJECT_EUR, Orders, next_business_day
from demo.company.prices import PriceBook
from demo.company.profiles import Profile
from demo.company.sales_plan import SalesPlan

CREDIT_SHARE = 0.02
"""Share of invoiced net amounts that credit notes take back; invoices are fitted to the plan before it."""


def place_invoices(orders: Orders, rng: np.random.Generator) -> pd.DataFrame:
    """Parts of order lines: line (position), document, day, share of the quantity; cancelled orders have none.

    `document` is a temporary number; a document holds lines of one customer.
    """
    head, lines = orders.head, orders.lines
    live = (head["cancelled_at"] < 0).to_numpy()
    first_day = next_business_day(head["day"].to_numpy() + rng.integers(1, 11, size=len(head)))
    document = np.arange(len(head))
    document, first_day = _group(head, document, first_day, live, rng)
    second_day = next_business_day(first_day + rng.integers(7, 26, size=len(head)))
    is_split_order = live & (rng.random(len(head)) < 0.34) & (head["kind"] == "repeat").to_numpy()
    order: Any = lines["order"].to_numpy()
    is_split = is_split_order[order] & (rng.random(len(lines)) < 0.45)
    share = np.where(is_split, rng.uniform(0.3, 0.7, size=len(lines)), 1.0)
    position = np.arange(len(lines))
    first = pd.DataFrame({"line": position, "document": document[order], "day": first_day[order], "share": share})
    second = pd.DataFrame(
        {"line": position, "document": len(head) + order, "day": second_day[order], "share": 1.0 - share}
    )
    parts: pd.DataFrame = pd.concat([first[live[order]], second[live[order] & is_split]], ignore_index=True)
    parts["is_second"] = parts["document"] >= len(head)
    return parts


def _group(head: pd.DataFrame, document: Any, first_day: Any, live: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """One order in thirty is billed together with the same customer's next order of the same fortnight."""
    order = np.lexsort((head["day"].to_numpy(), head["customer"].to_numpy()))
    customer, day = head["customer"].to_numpy()[order], head["day"].to_numpy()[order]
    plain = (head["kind"] == "repeat").to_numpy()[order] & live[order]
    near = (customer[1:] == customer[:-1]) & (day[1:] - day[:-1] <= 14) & plain[1:] & plain[:-1]
    candidates = np.flatnonzero(near)
    wanted = min(len(candidates), max(2, len(head) // 30))
    chosen = set(rng.choice(candidates, size=wanted, replace=False).tolist()) if len(candidates) else set()
    for index in sorted(chosen):
        if index - 1 in chosen:
            continue
        earlier, later = order[index], order[index + 1]
        document[earlier], first_day[earlier] = document[later], first_day[later]
    return document, first_day


def price_lines(orders: Orders, parts: pd.DataFrame, plan: SalesPlan, prices: PriceBook, profile: Profile) -> None:
    """Fill the order lines' `unit_price`, `quantity`, `net_amount` (in the order's currency)."""
    head, lines = orders.head, orders.lines
    order = lines["order"].to_numpy()
    kind = head["kind"].to_numpy()[order]
    euros = lines["weight"].to_numpy() * _factors(orders, parts, plan)
    euros = np.where(kind == "project", PROJECT_EUR * profile.scale, euros)
    days = head["day"].to_numpy()[order]
    sku = lines["sku"].to_numpy()
    discount = np.where(kind == "project", 0.0, lines["discount"].to_numpy())
    unit_eur = prices.eur(sku, days) * (1.0 - discount)
    lines["discount"] = discount
    lines["quantity"] = np.maximum(1.0, np.round(euros / unit_eur))
    lines["unit_price"] = prices.listed(sku, head["currency"].to_numpy()[order], days)
    lines["net_amount"] = (lines["quantity"] * lines["unit_price"] * (1.0 - discount)).round(2)


def _factors(orders: Orders, parts: pd.DataFrame, plan: SalesPlan) -> Any:
    """EUR per weight for each order line: its cell's, then its region's, then its month's target is met."""
    head, lines = orders.head, orders.lines
    order = lines["order"].to_numpy()
    day = head["day"].to_numpy()[order].copy()
    first = parts[~parts["is_second"]]
    day[first["line"].to_numpy()] = first["day"].to_numpy()
    month = np.clip(month_index(np.minimum(day, END_DAY)), 0, plan.drawn.shape[2] - 1)
    region = np.array([plan.regions.index(name) for name in head["region"]])[order]
    clean = np.zeros(len(lines), dtype=bool)
    clean[first["line"].to_numpy()] = True
    clean &= ~np.isin(head["kind"].to_numpy()[order], ["intercompany", "test", "project"])
    cells = (region, lines["line"].to_numpy(), month)
    target = plan.drawn / (1.0 - CREDIT_SHARE)
    summed = np.zeros(target.shape)
    np.add.at(summed, tuple(axis[clean] for axis in cells), lines["weight"].to_numpy()[clean])
    filled = summed > 0
    met = np.where(filled, target, 0.0)
    region_fit = _ratio(target.sum(axis=1), met.sum(axis=1))
    met = met * region_fit[:, None, :]
    month_fit = _ratio(target.sum(axis=(0, 1)), met.sum(axis=(0, 1)))
    factor = _ratio(met * month_fit, summed)
    usual = float(np.median(factor[filled]))
    return np.where(clean, factor[cells], usual)


def _ratio(top: Any, bottom: Any) -> Any:
    """Quotient, 1 where the divisor is nothing."""
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 1.0)


def foreign_share(head: pd.DataFrame) -> float:
    """Share of documents that are not in EUR."""
    return float((head["currency"] != "EUR").mean())


def to_eur(amounts: Any, currencies: Any, days: Any, rates: RateBook) -> Any:
    """Amounts in EUR at the dated rate."""
    return np.asarray(amounts) * rates.daily(currencies, days)
