"""Read an exported file back, cell by cell, the way a spreadsheet would open it.

Here: the long frame that the suite `exports/report_file` looks at. Not here: writing files and the rules themselves.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_from_string

CELL_COLUMNS = ["sheet", "row_no", "column_no", "header_text", "body_row", "formula_text"]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def report_cells(path: Path) -> pd.DataFrame:
    """The cells of a CSV or XLSX report, one row each.

    Out: sheet (the file's stem for CSV), row_no and column_no from 1, header_text (of header cells; empty text where
    the header is blank), body_row (1, 2, … below the header; NaN elsewhere), formula_text (of cells that a spreadsheet
    would compute). The first row of a CSV file is its header; in a workbook, the row above the frozen pane is, and a
    sheet without one is a title page. Raises ValueError for another kind of file.
    """
    readers = {".csv": _csv_cells, ".xlsx": _workbook_cells}
    if path.suffix.lower() not in readers:
        raise ValueError(f"The report file {path.name} is neither CSV nor XLSX; its cells cannot be checked.")
    cells = pd.DataFrame(readers[path.suffix.lower()](path), columns=CELL_COLUMNS)
    cells["body_row"] = cells["body_row"].astype("float64")
    return cells.astype({"header_text": object, "formula_text": object})


def body_row_count(cells: pd.DataFrame) -> int:
    """How many rows of data the file has below its headers, over all sheets; `cells` as `report_cells` gives them."""
    return len(cells[["sheet", "body_row"]].dropna().drop_duplicates())


def _csv_cells(path: Path) -> list[tuple[Any, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [
            _cell(path.stem, row_no, column_no, 1, text, _is_live_text(text))
            for row_no, row in enumerate(csv.reader(stream), start=1)
            for column_no, text in enumerate(row, start=1)
        ]


def _workbook_cells(path: Path) -> list[tuple[Any, ...]]:
    book = load_workbook(path)
    try:
        return [
            _cell(sheet.title, row_no, column_no, _header_row(sheet.freeze_panes), cell.value, cell.data_type == "f")
            for sheet in book.worksheets
            for row_no, row in enumerate(sheet.iter_rows(), start=1)
            for column_no, cell in enumerate(row, start=1)
        ]
    finally:
        book.close()


def _header_row(freeze_panes: str | None) -> int | None:
    return coordinate_from_string(freeze_panes)[1] - 1 if freeze_panes else None


def _cell(
    sheet: str, row_no: int, column_no: int, header_row: int | None, value: Any, is_live: bool
) -> tuple[Any, ...]:
    text = "" if value is None else str(value)
    header_text = text if row_no == header_row else None
    body_row = row_no - header_row if header_row is not None and row_no > header_row else None
    return sheet, row_no, column_no, header_text, body_row, text if is_live else None


def _is_live_text(text: str) -> bool:
    """Whether a spreadsheet that opens the CSV file would compute the text; a signed number is only a number."""
    if not text.startswith(FORMULA_STARTS):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False
