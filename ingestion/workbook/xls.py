"""What .xls files say beyond the values. A formula whose result is empty text counts as one without a result."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import xlrd
from xlrd.book import Book
from xlrd.sheet import Sheet

from ingestion.workbook.details import MACROS, BookDetails, SheetDetails
from ingestion.workbook.grid import CellError, Uncalculated
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.number_formats import read_format

UNTOLD = (
    "whether a formula with a number was ever calculated: one without a result reads as its last number, often 0",
    "formulas that refer to other files",
)
_MACRO_STORAGE = "_VBA_PROJECT".encode("utf-16-le")


def read_details(content: bytes, reads: Callable[[str], bool]) -> BookDetails:
    """Return the details of every worksheet that is read."""
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, AssertionError, IndexError, KeyError, ValueError) as error:
        if "ncrypted" in str(error):
            raise WorkbookRefusedError("it is protected by a password; save it without one") from None
        raise WorkbookRefusedError(f"it is damaged or no workbook ({error}); save it again as .xlsx") from None
    notes = [MACROS] if _MACRO_STORAGE in content else []
    details = BookDetails(reads, is_1904=book.datemode == 1, notes=notes, untold=UNTOLD)
    for sheet in book.sheets():
        details.add(sheet.name, partial(_details, book, sheet))
    return details


def _details(book: Book, sheet: Sheet) -> SheetDetails:
    details = SheetDetails()
    details.reach(sheet.nrows, sheet.ncols)
    details.merged = [(r1 + 1, c1 + 1, r2, c2) for r1, r2, c1, c2 in sheet.merged_cells]
    details.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
    details.hidden_columns = {column + 1 for column, info in sheet.colinfo_map.items() if info.hidden}
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            _note(book, details, (row + 1, column + 1), cell)
    return details


def _note(book: Book, details: SheetDetails, place: tuple[int, int], cell: xlrd.sheet.Cell) -> None:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        details.mark(*place, CellError(xlrd.error_text_from_code.get(cell.value, "#ERROR")))
    elif cell.ctype == xlrd.XL_CELL_TEXT and cell.value == "":
        details.mark(*place, Uncalculated(""))
    elif cell.ctype == xlrd.XL_CELL_NUMBER:
        code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        special = read_format(code)
        if special is not None:
            details.formats.add(*place, special)
