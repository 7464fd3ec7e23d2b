"""Layouts: merged cells, headers, totals in odd places, tables that start elsewhere, budgets given twice."""

from __future__ import annotations

from openpyxl.workbook import Workbook

from demo.workbooks.layout import MONTHS
from demo.workbooks.malformed.tables import (
    Table,
    names_merged_down,
    number_merged_right,
    totals_above,
    two_header_rows,
)
from workbook_faults.fault import WHOLE, Fault, changed, plain, table, xlsx


def _add_sheet(book: Workbook) -> None:
    again = book.create_sheet("West")
    for row in plain().rows:
        again.append(row)


def _subtotals() -> Table:
    rows = table().rows
    first = ["Subtotal", None, *rows[5][2:]]
    second = ["Subtotal", None, *rows[6][2:]]
    return Table([*rows[:6], first, rows[6], second, rows[7]])


def _calendar_year() -> Table:
    header = ["Territory", "Category", "Jan", *MONTHS[:-1]]
    return Table([*table().rows[:4], header, ["North", "Pumps", *([1] * 12)]])


LAYOUTS = [
    Fault(1, "merged header cells", xlsx(two_header_rows(table())), cells={"C6": "10", "P7": ""}),
    Fault(2, "names merged down", xlsx(names_merged_down(table())), cells={"C7": "2"}),
    Fault(
        2,
        "a number merged over two months",
        xlsx(number_merged_right(plain())),
        WHOLE - 2,
        refused={"C6": "the number is merged over C6:D6", "D6": "the number is merged over C6:D6"},
    ),
    Fault(
        19,
        "duplicate headers",
        xlsx(changed(table(), (5, 2), "Territory")),
        0,
        refused={"A1": "the header “Territory” occurs 2 times (A5, B5)"},
    ),
    Fault(
        20,
        "duplicate month",
        xlsx(changed(table(), (5, 4), "Feb")),
        0,
        refused={"A1": "the column of period 1 occurs twice"},
    ),
    Fault(
        21,
        "missing month",
        xlsx(changed(table(), (5, 4), None)),
        0,
        refused={"A1": "the column of period 2 is missing"},
    ),
    Fault(22, "table that starts at D12", xlsx(at=(12, 4)), cells={"F17": "10", "R18": "2"}),
    Fault(23, "subtotals and a total below", xlsx(_subtotals()), cells={"C6": "10", "C8": "2", "C7": "", "C10": ""}),
    Fault(23, "totals above", xlsx(totals_above(table())), cells={"C7": "10", "C8": "2", "C6": ""}),
    Fault(
        23,
        "a wrong total",
        xlsx(changed(table(), (8, 4), 21)),
        0,
        refused={"C6": "cell D8: the total says 21, the body adds up to 12"},
    ),
    Fault(
        23,
        "a wrong total on the right",
        xlsx(changed(table(), (7, 16), 42)),
        0,
        refused={"C6": "cell P7: the total says 42, the body adds up to 24"},
    ),
    Fault(
        33,
        "the same budget on two sheets",
        xlsx(plain(), book_change=_add_sheet),
        refused={"West!C6": "this budget is given twice, first in sheet Süd, cell C6"},
        written=2 * WHOLE,
    ),
    Fault(
        34,
        "calendar year for a fiscal year",
        xlsx(_calendar_year()),
        0,
        refused={"A1": "cell C5: the months begin with Jan, the fiscal year with Feb"},
    ),
]
