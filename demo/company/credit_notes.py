"""Credit notes: returns, goodwill, billing errors. Amounts are positive in the ERP and without tax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import END, NOW_DAY, dates, local_to_utc, stamps
from demo.company.frames import erp_timeline
from demo.company.invoices import Invoices
from demo.company.model import TableTimeline
from demo.company.orders import next_business_day
from demo.company.products import Catalogue
from demo.company.profiles import Profile

_REASONS = np.array(["RETURN", "GOODWILL", "BILLING_ERROR"], dtype=object)
_REASON_WEIGHTS = (740 / 1150, 250 / 1150, 160 / 1150)
_UNREFERENCED_SHARE = 85 / 740
"""Returns that name no invoice and come after the period's close."""


@dataclass
class CreditNotes:
    """`head`: one row per credit note; `lines` point into `head` by `credit`; `net` is positive, document currency."""

    head: pd.DataFrame
    lines: pd.DataFrame


def build_credit_notes(invoices: Invoices, profile: Profile, rng: np.random.Generator) -> CreditNotes:
    """Credit notes for invoices that stand, one to two lines of each."""
    plain = invoices.head["kind"].isin(["repeat", "deal"]) & (invoices.head["cancelled_at"] < 0)
    free = np.flatnonzero(plain & (invoices.head["day"] < NOW_DAY + 10))
    count = min(round(profile.rows(1150) * 1.02) + 2, len(free) // 3)
    chosen = np.sort(rng.choice(free, size=count, replace=False))
    head = invoices.head.iloc[chosen][["invoice_no", "customer_no", "currency", "salesperson_no", "day"]]
    head = head.assign(invoice=chosen).reset_index(drop=True)
    head["reason"] = _REASONS[rng.choice(3, size=count, p=_REASON_WEIGHTS)]
    blind = (head["reason"] == "RETURN") & (rng.random(count) < _UNREFERENCED_SHARE)
    delay = np.where(blind, rng.integers(35, 100, size=count), rng.integers(3, 60, size=count))
    head["day"] = next_business_day(head["day"].to_numpy() + delay)
    head["original"] = head["invoice_no"].where(~blind)
    head["issued_at"] = local_to_utc(head["day"], rng.integers(8 * 3600, 18 * 3600, size=count))
    head["posted_at"] = head["issued_at"] + rng.integers(300, 5_400, size=count)
    head = head[head["posted_at"] <= END].sort_values("posted_at", kind="stable", ignore_index=True)
    head["credit_no"] = [f"CN-{7_000 + i}" for i in range(len(head))]
    lines = _lines(head, invoices, rng)
    head["net"] = lines.groupby("credit")["net"].sum().reindex(head.index).round(2)
    return CreditNotes(head, lines)


def _lines(head: pd.DataFrame, invoices: Invoices, rng: np.random.Generator) -> pd.DataFrame:
    """The first line or two of the invoice: a part of the goods, a tenth of the price, or the whole line."""
    of_invoice = invoices.lines[invoices.lines["invoice"].isin(head["invoice"])]
    first_two = of_invoice[of_invoice["line_no"] <= 20]
    lines = first_two.merge(head.reset_index(names="credit")[["invoice", "credit", "reason", "original"]], on="invoice")
    lines = lines[(lines["line_no"] == 10) | (rng.random(len(lines)) < 0.35)].reset_index(drop=True)
    goods = np.maximum(1.0, np.floor(lines["quantity"] * rng.uniform(0.2, 1.0, size=len(lines))))
    reason = lines["reason"].to_numpy()
    quantity = np.select([reason == "RETURN", reason == "GOODWILL"], [goods, 0.0], lines["quantity"])
    unit = lines["net"] / lines["quantity"]
    goodwill = lines["net"] * rng.uniform(0.05, 0.15, size=len(lines))
    net = np.where(reason == "GOODWILL", goodwill, unit * quantity)
    out: dict[str, Any] = {
        "credit": lines["credit"],
        "original_line_no": lines["line_no"].where(lines["original"].notna()),
        "sku": lines["sku"],
        "quantity": quantity,
        "net": np.round(net, 2),
        "tax_rate": lines["tax_rate"],
    }
    frame = pd.DataFrame(out).sort_values("credit", kind="stable", ignore_index=True)
    frame["line_no"] = (frame.groupby("credit").cumcount() + 1) * 10
    return frame


def credit_note_tables(notes: CreditNotes, catalogue: Catalogue) -> list[TableTimeline]:
    """ERP credit_note and credit_note_line."""
    head, lines = notes.head, notes.lines
    skus = np.array([p.sku for p in catalogue.products], dtype=object)
    heads = erp_timeline(
        "credit_note",
        {
            "credit_no": head["credit_no"],
            "original_invoice_no": head["original"],
            "customer_no": head["customer_no"],
            "credit_date": dates(head["day"]),
            "issued_at": stamps(head["issued_at"]),
            "posted_at": stamps(head["posted_at"]),
            "currency": head["currency"],
            "reason_code": head["reason"],
            "net_amount": head["net"],
            "is_cancelled": False,
            "salesperson_no": head["salesperson_no"],
            "updated_at": stamps(head["posted_at"]),
        },
    )
    credit = lines["credit"].to_numpy()
    body = erp_timeline(
        "credit_note_line",
        {
            "credit_no": head["credit_no"].to_numpy()[credit],
            "line_no": lines["line_no"],
            "original_invoice_line_no": lines["original_line_no"],
            "sku": skus[lines["sku"].to_numpy()],
            "quantity": lines["quantity"],
            "line_amount": lines["net"],
            "tax_rate": lines["tax_rate"],
            "updated_at": stamps(head["posted_at"].to_numpy()[credit]),
        },
    )
    return [heads, body]
