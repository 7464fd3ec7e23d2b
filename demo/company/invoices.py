"""Invoices with lines, from the placed parts: numbers, posting, tax-inclusive channel, cancellations, late posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import END, dates, local_to_utc, stamps
from demo.company.frames import erp_timeline
from demo.company.invoice_quirks import (
    TAX_RATES,
    cancelled_quirk,
    plant_cancelled,
    plant_late_posting,
    plant_midnight,
    plant_tax_inclusive,
    tax_quirk,
)
from demo.company.model import Quirk, TableTimeline
from demo.company.orders import Orders
from demo.company.products import Catalogue
from demo.company.profiles import Profile

_TERMS = np.array([14, 30, 30, 45, 60])


@dataclass
class Invoices:
    """`head`: one row per invoice; `lines`: one row per invoice line with `invoice` pointing into `head`.

    Line amounts are in the document's currency: `net` without tax, `line_amount` as the ERP stores it.
    """

    head: pd.DataFrame
    lines: pd.DataFrame


def build_invoices(
    orders: Orders, parts: pd.DataFrame, profile: Profile, rng: np.random.Generator
) -> tuple[Invoices, list[Quirk]]:
    """All invoices issued up to the horizon, with the quirks Q15, Q16, F5 and A21 planted."""
    invoices = Invoices(*_plain(orders, parts, rng))
    plant_tax_inclusive(invoices.head, profile, rng)
    invoices.head, invoices.lines = plant_cancelled(invoices.head, invoices.lines, profile, rng)
    _number(invoices)
    quirks = [plant_midnight(invoices.head, profile, rng)]
    quirks.append(plant_late_posting(invoices.head, invoices.lines, profile, rng))
    _amounts(invoices)
    return invoices, [*quirks, tax_quirk(invoices.head), cancelled_quirk(invoices.head, orders)]


def _plain(orders: Orders, parts: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    parts = parts.assign(order=orders.lines["order"].to_numpy()[parts["line"].to_numpy()])
    parts = parts.sort_values(["day", "document", "line"], kind="stable", ignore_index=True)
    head = parts.drop_duplicates("document")[["document", "day", "order"]].reset_index(drop=True)
    for name in ("customer_no", "currency", "country", "salesperson_no", "kind"):
        head[name] = orders.head[name].to_numpy()[head["order"].to_numpy()]
    head["issued_at"] = local_to_utc(head["day"], rng.integers(8 * 3600, 18 * 3600, size=len(head)))
    head["posted_at"] = head["issued_at"] + rng.integers(300, 5_400, size=len(head))
    head["terms"] = _TERMS[rng.integers(len(_TERMS), size=len(head))]
    head["channel"] = np.where(rng.random(len(head)) < 0.22, "partner", "direct")
    head["inclusive"] = False
    head["cancelled_at"] = -1
    head["copy_of"] = -1
    position = dict(zip(head["document"].tolist(), range(len(head)), strict=True))
    lines = parts.assign(invoice=[position[d] for d in parts["document"].tolist()])
    return head, _quantities(lines, orders)


def _quantities(lines: pd.DataFrame, orders: Orders) -> pd.DataFrame:
    """Whole quantities of the parts; what the first part takes the second does not have."""
    source = orders.lines.iloc[lines["line"].to_numpy()].reset_index(drop=True)
    ordered = source["quantity"].to_numpy()
    first = np.clip(np.round(ordered * lines["share"].to_numpy()), 1, ordered)
    opposite = np.clip(np.round(ordered * (1.0 - lines["share"].to_numpy())), 1, ordered)
    quantity = np.where(lines["is_second"], ordered - opposite, first)
    price = (source["unit_price"] * (1.0 - source["discount"])).to_numpy()
    out = pd.DataFrame(
        {
            "invoice": lines["invoice"].to_numpy(),
            "order_no": orders.head["order_no"].to_numpy()[source["order"].to_numpy()],
            "order_line_no": source["line_no"].to_numpy(),
            "sku": source["sku"].to_numpy(),
            "quantity": quantity,
            "net_price": price,
        }
    )
    return out[out["quantity"] > 0].reset_index(drop=True)


def _number(invoices: Invoices) -> None:
    """Order by issue and give numbers; drop what the horizon does not reach and what lost all its lines."""
    head = invoices.head
    filled = np.isin(np.arange(len(head)), invoices.lines["invoice"].unique())
    kept = head[(head["posted_at"] <= END) & filled].sort_values(["issued_at", "document", "copy_of"], kind="stable")
    place = pd.Series(np.arange(len(kept)), index=kept.index)
    copy_of = kept["copy_of"].map(place).fillna(-1).astype("int64")
    head = kept.assign(copy_of=copy_of).reset_index(drop=True)
    head["invoice_no"] = [f"INV-{40_000 + i}" for i in range(len(head))]
    lines = invoices.lines.assign(invoice=invoices.lines["invoice"].map(place)).dropna(subset=["invoice"])
    lines = lines.assign(invoice=lines["invoice"].astype("int64"))
    lines = lines.sort_values(["invoice", "order_no", "order_line_no"], kind="stable", ignore_index=True)
    lines["line_no"] = (lines.groupby("invoice").cumcount() + 1) * 10
    invoices.head, invoices.lines = head, lines


def _amounts(invoices: Invoices) -> None:
    """Line amounts: net, as stored, and the header's sums."""
    head, lines = invoices.head, invoices.lines
    invoice = lines["invoice"].to_numpy()
    lines["tax_rate"] = head["country"].map(TAX_RATES).to_numpy()[invoice]
    inclusive = head["inclusive"].to_numpy()[invoice]
    factor = np.where(inclusive, 1.0 + lines["tax_rate"], 1.0)
    lines["unit_price"] = (lines["net_price"] * factor).round(4)
    lines["line_amount"] = (lines["net_price"] * lines["quantity"] * factor).round(2)
    lines["net"] = lines["line_amount"] / factor
    head["net"] = lines.groupby("invoice")["net"].sum().reindex(head.index).round(2)
    tax = (lines["net"] * lines["tax_rate"]).groupby(lines["invoice"]).sum()
    head["vat"] = tax.reindex(head.index).round(2)


def invoice_tables(invoices: Invoices, catalogue: Catalogue) -> list[TableTimeline]:
    """ERP invoice and invoice_line."""
    return [_head_table(invoices), _line_table(invoices, catalogue)]


def _head_table(invoices: Invoices) -> TableTimeline:
    """A version when posted, another when cancelled."""
    posted = invoices.head.assign(at=invoices.head["posted_at"], is_cancelled=False, shown=-1)
    cancelled = posted[posted["cancelled_at"] >= 0].copy()
    cancelled["at"] = np.maximum(cancelled["cancelled_at"], cancelled["posted_at"] + 1)
    cancelled["is_cancelled"] = True
    cancelled["shown"] = cancelled["at"]
    rows = pd.concat([posted, cancelled[cancelled["at"] <= END]], ignore_index=True)
    columns: dict[str, Any] = {name: rows[name] for name in ("invoice_no", "customer_no", "currency", "channel")}
    return erp_timeline(
        "invoice",
        columns
        | {
            "invoice_date": dates(rows["day"]),
            "issued_at": stamps(rows["issued_at"]),
            "posted_at": stamps(rows["posted_at"]),
            "due_date": dates(rows["day"] + rows["terms"]),
            "payment_terms_days": rows["terms"],
            "prices_include_tax": rows["inclusive"],
            "net_amount": rows["net"],
            "vat_amount": rows["vat"],
            "is_cancelled": rows["is_cancelled"],
            "cancelled_at": stamps(rows["shown"]),
            "salesperson_no": rows["salesperson_no"],
            "updated_at": stamps(rows["at"]),
        },
    )


def _line_table(invoices: Invoices, catalogue: Catalogue) -> TableTimeline:
    lines = invoices.lines
    invoice = lines["invoice"].to_numpy()
    skus = np.array([p.sku for p in catalogue.products], dtype=object)
    return erp_timeline(
        "invoice_line",
        {
            "invoice_no": invoices.head["invoice_no"].to_numpy()[invoice],
            "line_no": lines["line_no"],
            "order_no": lines["order_no"],
            "order_line_no": lines["order_line_no"],
            "sku": skus[lines["sku"].to_numpy()],
            "quantity": lines["quantity"],
            "unit_price": lines["unit_price"],
            "line_amount": lines["line_amount"],
            "tax_rate": lines["tax_rate"],
            "updated_at": stamps(invoices.head["posted_at"].to_numpy()[invoice]),
        },
    )
