"""The answer key of sales: totals by fiscal year, right and by the usual mistakes, from the generated documents."""

from __future__ import annotations

from typing import Any

import pandas as pd

from demo.company.billing import foreign_share
from demo.company.clock import NOW, fiscal_years
from demo.company.credit_notes import CreditNotes
from demo.company.fx import MISSING_DAYS, RateBook
from demo.company.invoices import Invoices
from demo.company.model import Quirk
from demo.company.orders import Orders
from demo.company.products import Catalogue

_OUTSIDE = ("intercompany", "test")


def sales_lines(invoices: Invoices, notes: CreditNotes, rates: RateBook) -> pd.DataFrame:
    """Lines that the ERP shows at the frozen now.

    Columns: document_type, number, kind, fiscal_year, is_cancelled, net (document currency, credits negative), eur,
    eur_stored (as a naive sum of the stored line amounts has it).
    """
    billed = invoices.lines.join(invoices.head, on="invoice", rsuffix="_head")
    billed = billed[billed["posted_at"] <= NOW]
    credited = notes.lines.join(notes.head, on="credit", rsuffix="_head")
    credited = credited[credited["posted_at"] <= NOW]
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "document_type": "invoice",
                    "number": billed["invoice_no"],
                    "kind": billed["kind"],
                    "day": billed["day"],
                    "currency": billed["currency"],
                    "is_cancelled": (billed["cancelled_at"] >= 0) & (billed["cancelled_at"] <= NOW),
                    "net": billed["net"],
                    "stored": billed["line_amount"],
                }
            ),
            pd.DataFrame(
                {
                    "document_type": "credit_note",
                    "number": credited["credit_no"],
                    "kind": "repeat",
                    "day": credited["day"],
                    "currency": credited["currency"],
                    "is_cancelled": False,
                    "net": -credited["net"],
                    "stored": -credited["net"],
                }
            ),
        ],
        ignore_index=True,
    )
    rate = rates.daily(rows["currency"], rows["day"].to_numpy())
    return rows.assign(fiscal_year=fiscal_years(rows["day"]), eur=rows["net"] * rate, eur_stored=rows["stored"] * rate)


def sales_quirks(
    orders: Orders, invoices: Invoices, notes: CreditNotes, catalogue: Catalogue, rates: RateBook
) -> list[Quirk]:
    """Q13, Q14, F2 and the entry REVENUE with the naive totals beside the right one."""
    rows = sales_lines(invoices, notes, rates)
    return [
        _multi_currency(orders, rows),
        _outside(rows, invoices),
        _project(invoices, rows),
        _revenue(rows),
        _credits(notes),
    ]


def _by_year(rows: pd.DataFrame, column: str = "eur") -> dict[str, float]:
    sums = rows.groupby("fiscal_year")[column].sum()
    return {str(year): round(float(value), 4) for year, value in sums.items()}


def _revenue(rows: pd.DataFrame) -> Quirk:
    counted = ~rows["is_cancelled"]
    inside = ~rows["kind"].isin(_OUTSIDE)
    right = rows[counted & inside]
    expected: dict[str, Any] = {
        "right": _by_year(right),
        "lines": {str(year): int(count) for year, count in right.groupby("fiscal_year").size().items()},
        "credit_notes_ignored": _by_year(right[right["document_type"] == "invoice"]),
        "tax_inclusive_summed": _by_year(right, "eur_stored"),
        "cancelled_included": _by_year(rows[inside]),
        "intercompany_and_test_included": _by_year(rows[counted]),
    }
    return Quirk("REVENUE", "company", ["net_revenue_eur_by_fiscal_year"], expected)


def _outside(rows: pd.DataFrame, invoices: Invoices) -> Quirk:
    outside = rows[rows["kind"].isin(_OUTSIDE) & ~rows["is_cancelled"]]
    customers = invoices.head[invoices.head["kind"].isin(_OUTSIDE)].groupby("kind")["customer_no"].first()
    expected: dict[str, Any] = {
        "customers": {str(kind): str(number) for kind, number in customers.items()},
        "lines": len(outside),
        "net_eur": round(float(outside["eur"].sum()), 4),
        "net_eur_by_kind": {str(k): round(float(v), 4) for k, v in outside.groupby("kind")["eur"].sum().items()},
    }
    return Quirk("Q14", "customer", [str(number) for number in customers], expected)


def _project(invoices: Invoices, rows: pd.DataFrame) -> Quirk:
    project = rows[(rows["kind"] == "project") & ~rows["is_cancelled"]]
    numbers = sorted(set(project["number"]))
    return Quirk("F2", "invoice", numbers, {"net_eur": round(float(project["eur"].sum()), 4)})


def _multi_currency(orders: Orders, rows: pd.DataFrame) -> Quirk:
    foreign = rows[rows["currency"] != "EUR"]
    expected: dict[str, Any] = {
        "missing_weekdays": [day.isoformat() for day in MISSING_DAYS],
        "max_age_days": 5,
        "share_of_orders": round(foreign_share(orders.head), 4),
        "lines": len(foreign),
        "document_amounts": {str(c): round(float(v), 2) for c, v in foreign.groupby("currency")["net"].sum().items()},
    }
    return Quirk("Q13", "document", [day.isoformat() for day in MISSING_DAYS], expected)


def _credits(notes: CreditNotes) -> Quirk:
    shown = notes.head[notes.head["posted_at"] <= NOW]
    counts = {str(reason): int(count) for reason, count in shown.groupby("reason").size().items()}
    blind = shown.loc[shown["original"].isna(), "credit_no"].tolist()
    return Quirk("Q9", "credit_note", blind, {"unreferenced": len(blind), "by_reason": counts, "total": len(shown)})
