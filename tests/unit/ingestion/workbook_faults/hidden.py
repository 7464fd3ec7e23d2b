"""What a person who opens the file does not see: hidden sheets, rows and columns."""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbook_faults.fault import Fault, xlsx


def hidden_sheet(state: str) -> Callable[[Workbook], None]:
    """Return a change that hides the first sheet before another one."""

    def change(book: Workbook) -> None:
        book.create_sheet("Notes")
        book.worksheets[0].sheet_state = state
        book.active = 1

    return change


def _hidden_parts(sheet: Worksheet) -> None:
    sheet.row_dimensions[7].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.auto_filter.ref = "A5:P8"


HIDDEN = [
    Fault(10, "hidden first sheet", xlsx(book_change=hidden_sheet("hidden")), notes=("the sheet is hidden",)),
    Fault(
        11,
        "hidden row, column and filter",
        xlsx(change=_hidden_parts),
        cells={"D7": "2"},
        notes=("rows 7 are hidden", "column D is hidden"),
    ),
    Fault(12, "very hidden sheet", xlsx(book_change=hidden_sheet("veryHidden")), notes=("the sheet is hidden",)),
]
