"""The bytes of a small table: .xlsx by openpyxl, which leaves formulas without results, and text with semicolons.

The same table gives the same bytes. What does not belong here: the old format (`biff.py`), passwords (`locked.py`).
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

from demo.workbooks.archive import canonical
from demo.workbooks.malformed.tables import Table
from demo.workbooks.sheets import text_number

_MOMENT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def new_book(name: str, table: Table, at: tuple[int, int] = (1, 1)) -> Workbook:
    """Return a workbook with one sheet that holds the table, its corner at row and column `at`."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for r, row in enumerate(table.rows):
        for c, value in enumerate(row):
            sheet.cell(r + at[0], c + at[1]).value = value
    for block in table.merged:
        sheet.merge_cells(block)
    return book


def book_bytes(book: Workbook) -> bytes:
    """Return the workbook's bytes, which do not tell when it was saved."""
    target = io.BytesIO()
    book.save(target)
    return canonical(
        target.getvalue(), {"docProps/core.xml": lambda xml: _MOMENT.sub(rb"\g<1>1980-01-01T00:00:00Z", xml)}
    )


def xlsx(name: str, table: Table) -> bytes:
    """Return the table as a workbook with one sheet."""
    return book_bytes(new_book(name, table))


def semicolon_text(table: Table) -> bytes:
    """Return the table as text with semicolons between cells and commas before decimals."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerows([_text(value) for value in row] for row in table.rows)
    return target.getvalue().encode("utf-8")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return text_number(value) if isinstance(value, int | float) else str(value)
