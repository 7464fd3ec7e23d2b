"""Small budget workbooks for tests, and the template that reads them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.sources.budget.config import BudgetConfig
from ingestion.workbook.grid import Grid
from ingestion.workbook.options import Options
from ingestion.workbook.reader import read_file
from ingestion.workbook.wire import read_sheets, write_sheet

MONTHS = ("Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan")
TEMPLATES = r"""
templates:
  - name: regional
    files: "Plan_FY*.xlsx"
    version: {pattern: "Plan_FY(?P<fiscal_year>\\d{4})_v(?P<version>\\d+)"}
    sheets: {exclude: [Notes]}
    header: {anchor: Territory}
    row_columns: {territory: Territory, product_category: Category, sales_rep: Rep}
    optional_columns: [sales_rep]
    periods: {kind: fiscal_month_names, first: Feb}
    totals: {row_labels: [Total, Subtotal], column_labels: [Q1, FY]}
    unit: {label: Unit, values: {"EUR": [EUR, 1], "EUR thousand": [EUR, 1000], "PLN": [PLN, 1]}}
    approved: {label: Approved}
    numbers: {locale: de}
"""
ALIASES = (
    "kind,alias,member\nterritory,Nord,North\nterritory,Nort ,North\ncategory,Pumps,Pumps\ncategory,Vents,Valves\n"
)
_NUMBERS = {"1.234,50": 1234.5}


def plan_rows(*, unit: str = "EUR", values: dict[str, list[Any]] | None = None) -> list[list[Any]]:
    """Return the rows of a small sheet: title, unit, approval, two header rows, body, total, note."""
    body = values or {"Nord|Pumps": [10, "1.234,50", "–", None, *[1] * 8], "North|Vents": [*[2.5] * 12]}
    rows: list[list[Any]] = [
        ["Plan"],
        ["Unit", unit],
        ["Approved:", "2024-01-20"],
        [None, None, "1st quarter", "1st quarter", "1st quarter"],
        ["Territory", "Category", *MONTHS[:3], "Q1", *MONTHS[3:], "FY"],
    ]
    sums = [0.0] * 14
    for names, cells in body.items():
        amounts = [_NUMBERS.get(cell, 0) if isinstance(cell, str) else cell or 0 for cell in cells]
        line = [*amounts[:3], sum(amounts[:3]), *amounts[3:], sum(amounts)]
        sums = [total + amount for total, amount in zip(sums, line, strict=True)]
        rows.append([*names.split("|"), *cells[:3], line[3], *cells[3:], line[13]])
    rows.append(["Total", None, *sums])
    rows.append(["Note: net of tax"])
    return rows


def write_workbook(
    folder: Path,
    name: str,
    sheets: dict[str, list[list[Any]]],
    *,
    at: int = 1_700_000_000,
    change: Callable[[Worksheet], None] | None = None,
) -> Path:
    """Write a workbook below `folder` with a fixed modification time; `change` is applied to each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if change:
            change(sheet)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    os.utime(path, (at, at))
    return path


def budget_config(folder: Path, templates: str = TEMPLATES, aliases: str | None = ALIASES) -> BudgetConfig:
    """Write templates and aliases beside the workbooks and return the settings."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "templates.yml").write_text(templates, encoding="utf-8")
    (folder / "aliases.csv").write_text(aliases or "", encoding="utf-8")
    return BudgetConfig(
        folder=folder,
        templates_file=folder / "templates.yml",
        aliases_file=folder / "aliases.csv" if aliases else None,
    )


def read_grids_here(content: bytes, name: str, **how: Any) -> list[Grid]:
    """Read a file in this process: saves the start of another in tests that are not about that."""
    sheets = read_file(content, Options(name, **how))
    return list(read_sheets(line for sheet in sheets for line in write_sheet(sheet)))
