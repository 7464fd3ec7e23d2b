"""Whole workbooks: every budget delivery of the company as a file's bytes, and what was planted in it.

What does not belong here: where deliveries are put.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter

from demo.company.model import BudgetSheet, BudgetVersion, Company, Quirk
from demo.workbooks.answers import delivery_quirks, resend_quirks
from demo.workbooks.archive import canonical
from demo.workbooks.cosmetics import choose
from demo.workbooks.plan import SheetPlan, plan_sheet
from demo.workbooks.sheets import draw_sheet
from demo.workbooks.styles import Styles

_ASSUMPTIONS = (
    "Basis: order intake of the last twelve months and the plans of the regions.",
    "Exchange rates: budget rates of the fiscal year.",
    "Prices as of 1 February; a general price rise is planned in the months it takes effect.",
    "Rows of positions that are not filled yet are planned as vacant.",
)


@dataclass(frozen=True)
class Delivery:
    """One workbook as it arrives: its name, when, and its bytes."""

    file_name: str
    delivered_at: datetime
    is_resend: bool
    content: bytes


def render_budgets(company: Company) -> tuple[list[Delivery], list[Quirk]]:
    """Render all deliveries in order of time; the second part is their share of the answer key."""
    deliveries: list[Delivery] = []
    quirks: list[Quirk] = []
    ordered = sorted(company.budgets, key=lambda v: (v.delivered_at, v.file_name))
    for position, version in enumerate(ordered):
        cosmetics = choose(version, company.aliases, company.seed, position)
        plans = [plan_sheet(sheet, cosmetics, _shower(company, version, sheet)) for sheet in version.sheets]
        content = _render(version, plans)
        deliveries.append(Delivery(version.file_name, version.delivered_at, version.is_resend, content))
        quirks.extend(delivery_quirks(version, plans, cosmetics))
    return deliveries, quirks + resend_quirks([(d.file_name, d.is_resend, d.content) for d in deliveries])


def _render(version: BudgetVersion, plans: list[SheetPlan]) -> bytes:
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties(
            {
                "title": f"Sales budget FY{version.fiscal_year}, version {version.version}",
                "author": "Controlling",
                "company": "Nordwind Components",
                "created": version.delivered_at,
            }
        )
        styles = Styles(book)
        _summary(book, styles, version, plans)
        for plan in plans:
            draw_sheet(book, styles, version, plan)
        _notes(book, styles)
    return canonical(target.getvalue())


def _summary(book: xlsxwriter.Workbook, styles: Styles, version: BudgetVersion, plans: list[SheetPlan]) -> None:
    """A cover with each region's total in its own unit; it repeats the sheets and is not a source."""
    sheet = book.add_worksheet("Summary")
    sheet.write_string(0, 0, f"Nordwind Components – sales budget FY{version.fiscal_year}", styles["title"])
    for column, text in enumerate(("Region", "Unit", "FY")):
        sheet.write_string(2, column, text, styles["header"])
    for row, plan in enumerate(plans, start=3):
        sheet.write_string(row, 0, plan.source.region, styles["member"])
        sheet.write_string(row, 1, plan.source.unit, styles["member"])
        sheet.write_number(row, 2, plan.total, styles.number("body", plan.source.unit))
    sheet.set_column(0, 2, 18)
    sheet.hide_gridlines(2)


def _notes(book: xlsxwriter.Workbook, styles: Styles) -> None:
    sheet = book.add_worksheet("Notes")
    sheet.write_string(0, 0, "Assumptions", styles["title"])
    for row, text in enumerate(_ASSUMPTIONS, start=2):
        sheet.write_string(row, 0, text, styles["text"])
    sheet.set_column(0, 0, 90)
    sheet.hide_gridlines(2)


def _shower(company: Company, version: BudgetVersion, sheet: BudgetSheet) -> Callable[[float], float]:
    """How the sheet shows an amount in EUR: thousands with all their decimals, other currencies to the cent."""
    if sheet.unit.endswith("thousand"):
        return lambda amount: round(amount / 1000, 5)
    rate = 1.0 if sheet.currency == "EUR" else _budget_rate(company, sheet.currency, version.fiscal_year)
    return lambda amount: round(amount / rate, 2)


def _budget_rate(company: Company, currency: str, fiscal_year: int) -> float:
    """EUR per unit at the budget rate of the fiscal year, which begins on 1 February."""
    fx = company.fx
    chosen = fx[(fx["rate_type"] == "budget") & (fx["from_currency"] == currency)]
    dated = [(str(day)[:10], float(rate)) for day, rate in zip(chosen["rate_date"], chosen["rate"], strict=True)]
    known = [rate for day, rate in sorted(dated) if day <= f"{fiscal_year}-02-01"]
    if not known:
        raise ValueError(f"Budget FY{fiscal_year}: no budget rate for {currency}; a sheet is planned in it.")
    return known[-1]
