"""The ERP's customers, salespersons and orders as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, NOW, NOW_DAY, START_DAY, dates, stamps
from demo.company.frames import erp_timeline
from demo.company.invoices import Invoices
from demo.company.model import TableTimeline
from demo.company.orders import HOUSE_SALESPERSON, Orders
from demo.company.parties import Parties
from demo.company.people import SalesForce
from demo.company.products import Catalogue

_TERMS = (14, 30, 30, 45, 60)


def customer_table(parties: Parties, rng: np.random.Generator) -> TableTimeline:
    """Customer: created before history or in its first days; a few change terms or are blocked after now."""
    customers = parties.customers
    created = np.array([START_DAY * DAY - int(rng.integers(1, 900)) * DAY + 36_000 for _ in customers])
    accounts = {a.number: a.firm for a in parties.accounts}
    parent_firm = {a.firm: accounts[a.parent] for a in parties.accounts if a.parent > 0}
    main = {c.firm: c.customer_no for c in customers if c.role == "main"}
    first = pd.DataFrame(
        {
            "customer_no": [c.customer_no for c in customers],
            "name": [c.name for c in customers],
            "vat_no": [c.vat for c in customers],
            "email": [c.email for c in customers],
            "country": [c.country for c in customers],
            "currency": [c.currency for c in customers],
            "payment_terms_days": [_TERMS[int(rng.integers(5))] for _ in customers],
            "credit_limit": [float(rng.integers(1, 40)) * 5_000 for _ in customers],
            "bill_to_no": [main.get(parent_firm.get(c.firm, -1), c.customer_no) for c in customers],
            "ship_to_country": [c.country for c in customers],
            "is_intercompany": [c.role == "intercompany" for c in customers],
            "is_test": [c.role == "test" for c in customers],
            "blocked": False,
            "created_at": stamps(created),
            "updated_at": stamps(np.maximum(created, START_DAY * DAY)),
        }
    )
    changed = first.iloc[rng.choice(len(first) - 2, size=4, replace=False)].copy()
    changed["payment_terms_days"] = 60
    changed["blocked"] = [True, False, False, False]
    changed["updated_at"] = stamps([(NOW_DAY + n) * DAY + 33_000 for n in (-40, 2, 7, 15)])
    return erp_timeline("customer", pd.concat([first, changed], ignore_index=True))


def salesperson_table(force: SalesForce) -> TableTimeline:
    """Salesperson: one per rep with the CRM user id, and the house account without one."""
    reps = [p for p in force.people if p.seat >= 0]
    return erp_timeline(
        "salesperson",
        {
            "salesperson_no": [f"S{p.number:03d}" for p in reps] + [HOUSE_SALESPERSON],
            "name": [p.name for p in reps] + ["House Account"],
            "crm_user_id": [p.id for p in reps] + [None],
            "updated_at": stamps([max(p.hired, START_DAY) * DAY + 29_000 for p in reps] + [START_DAY * DAY]),
        },
    )


def order_tables(orders: Orders, invoices: Invoices, catalogue: Catalogue) -> list[TableTimeline]:
    """Sales_order (open, then invoiced or cancelled) and sales_order_line; one open order vanishes after now."""
    head = orders.head[orders.head["ordered_at"] <= END].copy()
    head["at"], head["status"], head["shown"] = head["ordered_at"], "open", -1
    posted = invoices.lines.assign(at=invoices.head["posted_at"].to_numpy()[invoices.lines["invoice"].to_numpy()])
    billed_at = posted.groupby("order_no")["at"].max()
    billed = head[head["order_no"].isin(billed_at.index)].copy()
    billed["at"], billed["status"] = billed["order_no"].map(billed_at), "invoiced"
    cancelled = head[(head["cancelled_at"] >= 0) & (head["cancelled_at"] <= END)].copy()
    cancelled["at"], cancelled["status"] = cancelled["cancelled_at"], "cancelled"
    cancelled["shown"] = cancelled["cancelled_at"]
    rows = pd.concat([head, billed[billed["at"] > billed["ordered_at"]], cancelled], ignore_index=True)
    doomed = _vanishing(head, set(billed_at.index))
    table = erp_timeline(
        "sales_order",
        {
            "order_no": rows["order_no"],
            "customer_no": rows["customer_no"],
            "quote_no": rows["quote_no"],
            "ordered_at": stamps(rows["ordered_at"]),
            "order_date": dates(rows["day"]),
            "promised_date": dates(rows["promised"]),
            "currency": rows["currency"],
            "status": rows["status"],
            "salesperson_no": rows["salesperson_no"],
            "cancelled_at": stamps(rows["shown"]),
            "updated_at": stamps(rows["at"]),
        },
        gone=stamps(np.where(rows["order_no"].isin(doomed), NOW + 4 * DAY, -1)),
    )
    return [table, _order_lines(orders, catalogue, doomed)]


def _vanishing(head: pd.DataFrame, billed: set[str]) -> list[str]:
    """The last cancelled order of the history: it is deleted outright four days after now."""
    candidates = head[(head["cancelled_at"] >= 0) & (head["cancelled_at"] < NOW) & ~head["order_no"].isin(billed)]
    return candidates["order_no"].tolist()[-1:]


def _order_lines(orders: Orders, catalogue: Catalogue, doomed: list[str]) -> TableTimeline:
    head = orders.head
    lines = orders.lines[head["ordered_at"].to_numpy()[orders.lines["order"].to_numpy()] <= END]
    order = lines["order"].to_numpy()
    skus = np.array([p.sku for p in catalogue.products], dtype=object)
    order_no = head["order_no"].to_numpy()[order]
    return erp_timeline(
        "sales_order_line",
        {
            "order_no": order_no,
            "line_no": lines["line_no"].to_numpy(),
            "sku": skus[lines["sku"].to_numpy()],
            "quantity": lines["quantity"].to_numpy(),
            "unit_price": lines["unit_price"].to_numpy(),
            "discount_ratio": lines["discount"].to_numpy(),
            "net_amount": lines["net_amount"].to_numpy(),
            "updated_at": stamps(head["ordered_at"].to_numpy()[order]),
        },
        gone=stamps(np.where(np.isin(order_no, doomed), NOW + 4 * DAY, -1)),
    )
