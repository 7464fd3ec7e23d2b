"""The two small files that lie beside the workbooks: how to read them, and which names mean what.

What does not belong here: reading workbooks.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from demo.company.model import Company
from demo.workbooks.cosmetics import member_of

TEMPLATES = """\
# How to read the budget workbooks of this folder. One entry is one layout.
templates:
  - name: regional_budget
    files: "Budget_FY*.[xc]*[svx]"    # .xlsx, now and then .xls or .csv
    version: {pattern: "Budget_FY(?P<fiscal_year>\\\\d{4})_v(?P<version>\\\\d+)"}
    sheets: {exclude: ["Summary", "Notes"]}
    header: {anchor: "Territory"}
    row_columns: {territory: "Territory", product_category: "Category", sales_rep: "Rep"}
    optional_columns: [sales_rep]     # some sheets have no column Rep
    periods: {kind: fiscal_month_names, first: Feb}
    totals: {row_labels: ["Total", "Subtotal"], column_labels: ["Q1", "Q2", "Q3", "Q4", "FY"]}
    unit: {label: "Unit", values: {"EUR": [EUR, 1], "EUR thousand": [EUR, 1000], "PLN": [PLN, 1]}}
    approved: {label: "Approved"}
    numbers: {locale: de}
    measure: net_revenue
    date_shift_years: 0
    unit_factor: 1
    encoding: utf-8
"""


def write_templates(path: Path) -> None:
    """Write the template file of the company's workbooks."""
    path.write_text(TEMPLATES, encoding="utf-8")


def write_aliases(path: Path, company: Company) -> None:
    """Write ``kind,alias,member``: every member under its own name, and every alias it goes by."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["kind", "alias", "member"])
    writer.writerows(sorted(_members(company) | set(company.aliases)))
    path.write_text(target.getvalue(), encoding="utf-8")


def _members(company: Company) -> set[tuple[str, str, str]]:
    rows = [row for version in company.budgets for sheet in version.sheets for row in sheet.rows]
    found = {(kind, member_of(row, kind)) for row in rows for kind in ("territory", "category", "rep")}
    return {(kind, member, member) for kind, member in found if member}
