"""Drawing a planned budget sheet into a workbook.

What does not belong here: deciding what stands in a cell (`plan`) and how it looks (`styles`).
"""

from __future__ import annotations

from datetime import datetime

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from demo.company.model import BudgetVersion
from demo.workbooks.layout import (
    APPROVED_ROW,
    AUTHOR_ROW,
    BODY_ROW,
    HEADER_ROW,
    MONTHS,
    QUARTER_ROW,
    QUARTERS,
    SUBTITLE_ROW,
    TITLE_ROW,
    UNIT_ROW,
)
from demo.workbooks.plan import Cell, Row, SheetPlan
from demo.workbooks.styles import Styles

DASH = "–"
_NOTES = (
    "Notes: net of tax, before year-end bonuses. A dash is a planned zero; an empty cell is still open.",
    "January belongs to the fiscal year that is named by the year before.",
    "Questions to Controlling, extension 4711.",
)


def draw_sheet(book: xlsxwriter.Workbook, styles: Styles, version: BudgetVersion, plan: SheetPlan) -> None:
    """Add one region's sheet to the workbook."""
    sheet = book.add_worksheet(plan.source.region)
    _title_block(sheet, styles, version, plan)
    _header(sheet, styles, plan)
    for offset, row in enumerate(plan.rows):
        _row(sheet, styles, plan, BODY_ROW + offset, row)
    below = BODY_ROW + len(plan.rows) + 1
    for offset, note in enumerate(_NOTES):
        sheet.write_string(below + offset, 0, note, styles["note"])
    _page(sheet, plan)


def text_number(value: float) -> str:
    """A number as a German keyboard types it: 1.234,50."""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _title_block(sheet: Worksheet, styles: Styles, version: BudgetVersion, plan: SheetPlan) -> None:
    year = version.fiscal_year
    sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, 8, f"Nordwind Components – sales budget FY{year}", styles["title"])
    span = f"February {year} – January {year + 1}"
    sheet.write_string(SUBTITLE_ROW, 0, f"Region {plan.source.region}, {span}", styles["subtitle"])
    sheet.write_string(UNIT_ROW, 0, "Unit", styles["label"])
    sheet.write_string(UNIT_ROW, 1, plan.source.unit, styles["entry"])
    sheet.write_string(APPROVED_ROW, 0, "Approved", styles["label"])
    approved = datetime.combine(version.approved_at.date(), datetime.min.time())
    sheet.write_datetime(APPROVED_ROW, 1, approved, styles["entry_date"])
    sheet.write_string(AUTHOR_ROW, 0, "Prepared by", styles["label"])
    sheet.write_string(AUTHOR_ROW, 1, f"Controlling, version {version.version}", styles["entry"])


def _header(sheet: Worksheet, styles: Styles, plan: SheetPlan) -> None:
    layout = plan.layout
    for index, text in enumerate(QUARTERS):
        sheet.merge_range(
            QUARTER_ROW, layout.month(index * 3), QUARTER_ROW, layout.quarter(index), text, styles["quarter"]
        )
        sheet.write_string(HEADER_ROW, layout.quarter(index), f"Q{index + 1}", styles["header_total"])
    for index, text in enumerate(MONTHS):
        sheet.write_string(HEADER_ROW, layout.month(index), text, styles["header"])
    for index, text in enumerate(layout.members):
        sheet.write_string(HEADER_ROW, index, text, styles["header"])
    sheet.write_string(HEADER_ROW, layout.year, "FY", styles["header_total"])
    if plan.has_memo:
        sheet.write_string(HEADER_ROW, layout.memo, "PY", styles["header_total"])


def _row(sheet: Worksheet, styles: Styles, plan: SheetPlan, at: int, row: Row) -> None:
    member = "member" if row.kind == "body" else f"member_{row.kind}"
    for column, text in enumerate(row.members):
        sheet.write_string(at, column, text, styles[member])
    totals = {plan.layout.year, *(plan.layout.quarter(q) for q in range(4))}
    for column, cell in row.cells.items():
        name = "body_total" if row.kind == "body" and column in totals else row.kind
        _cell(sheet, at, column, cell, styles.number(name, plan.source.unit))
    if plan.has_memo:
        last_year = round(row.cells[plan.layout.year].value * 0.93, 2)
        sheet.write_number(at, plan.layout.memo, last_year, styles.number(row.kind, plan.source.unit))
    if row.hidden:
        sheet.set_row(at, None, None, {"hidden": True})


def _cell(sheet: Worksheet, row: int, column: int, cell: Cell, style: xlsxwriter.format.Format) -> None:
    if cell.kind == "blank":
        sheet.write_blank(row, column, None, style)
    elif cell.kind == "dash":
        sheet.write_string(row, column, DASH, style)
    elif cell.kind == "text":
        sheet.write_string(row, column, text_number(cell.value), style)
    elif cell.formula is not None:
        sheet.write_formula(row, column, cell.formula, style, cell.value)
    else:
        sheet.write_number(row, column, cell.value, style)


def _page(sheet: Worksheet, plan: SheetPlan) -> None:
    layout = plan.layout
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, len(layout.members) - 1, 22)
    sheet.set_column(layout.month(0), layout.year, 10.5)
    if plan.has_memo:
        sheet.set_column(layout.memo, layout.memo, 10.5, None, {"hidden": True})
    sheet.freeze_panes(BODY_ROW, len(layout.members))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(QUARTER_ROW, HEADER_ROW)
    sheet.set_tab_color("#1F3A5F" if plan.source.unit == "EUR" else "#C58B2B")
