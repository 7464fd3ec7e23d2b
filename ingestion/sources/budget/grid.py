"""A sheet as a grid of cells with their addresses, from a workbook or from delimited text.

What belongs here: opening files safely, values, merged and hidden cells. What does not: what the cells mean.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.drop_folder import DroppedFile
from ingestion.errors import IngestionError

MAX_UNPACKED_BYTES = 200 << 20
MAX_CELLS = 2_000_000


@dataclass(frozen=True)
class Uncalculated:
    """A formula whose result was never stored in the file."""

    formula: str


@dataclass(frozen=True)
class Grid:
    """One sheet: `rows[r - 1][c - 1]` is the value at row r, column c; a merged block holds its value everywhere.

    `hidden_rows` and `hidden_columns` are 1-based numbers; `is_hidden` is the whole sheet's state.
    """

    sheet: str
    rows: tuple[tuple[Any, ...], ...]
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    is_hidden: bool = False

    @property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    def value(self, row: int, column: int) -> Any:
        """Return the value at a 1-based position; None outside the grid."""
        if not 1 <= row <= len(self.rows) or not 1 <= column <= len(self.rows[row - 1]):
            return None
        return self.rows[row - 1][column - 1]

    def text(self, row: int, column: int) -> str:
        """Return the cleaned text at a position, empty for a blank cell."""
        return clean(self.value(row, column))


def clean(value: Any) -> str:
    """Return a cell's value as text without line breaks, no-break and zero-width blanks."""
    if value is None:
        return ""
    text = str(value).replace("\u200b", "").replace("\ufeff", "").replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def address(row: int, column: int) -> str:
    """Return a cell's address: row 7, column 2 is B7."""
    return f"{get_column_letter(column)}{row}"


def read_grids(file: DroppedFile, *, encoding: str, delimiter: str) -> list[Grid]:
    """Return the sheets of a workbook, or the single grid of a text file; IngestionError if it cannot be opened."""
    if file.path.suffix.lower() in (".csv", ".txt"):
        return [_read_text(file, encoding, delimiter)]
    return _read_workbook(file)


def _read_text(file: DroppedFile, encoding: str, delimiter: str) -> Grid:
    try:
        text = file.content.decode(encoding).removeprefix("\ufeff")
        lines = csv.reader(io.StringIO(text), delimiter=delimiter)
        rows = tuple(tuple(cell or None for cell in line) for line in lines)
    except (UnicodeDecodeError, LookupError, csv.Error) as error:
        raise IngestionError(
            f"Budget file {file.name} is not readable as {encoding} text: {error};"
            " save it again or correct its template."
        ) from None
    return Grid(file.path.stem, rows)


def _read_workbook(file: DroppedFile) -> list[Grid]:
    try:
        _refuse_bomb(file)
        values = openpyxl.load_workbook(io.BytesIO(file.content), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(file.content))
        return [_grid(file, values[name], formulas[name]) for name in [sheet.title for sheet in values.worksheets]]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, EOFError, SyntaxError) as error:
        raise IngestionError(
            f"Budget workbook {file.name} cannot be opened as .xlsx ({type(error).__name__});"
            " save it again in Excel, without a password."
        ) from None


def _refuse_bomb(file: DroppedFile) -> None:
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise IngestionError(
            f"Budget workbook {file.name} unpacks to {unpacked >> 20} MB, more than the {MAX_UNPACKED_BYTES >> 20} MB"
            " allowed; send a workbook that holds the budget only."
        )


def _grid(file: DroppedFile, values: Worksheet, formulas: Worksheet) -> Grid:
    if values.max_row * values.max_column > MAX_CELLS:
        raise IngestionError(
            f"Budget workbook {file.name}, sheet {values.title}: it claims {values.max_row} rows and"
            f" {values.max_column} columns; delete the empty cells far from the table."
        )
    cells: list[list[Any]] = [list(row) for row in values.iter_rows(values_only=True)]
    for row, line in enumerate(formulas.iter_rows(values_only=True)):
        for column, formula in enumerate(line):
            if cells[row][column] is None and isinstance(formula, str) and formula.startswith("="):
                cells[row][column] = Uncalculated(formula)
    for merged in values.merged_cells.ranges:
        _fill(cells, merged.min_row, merged.max_row, merged.min_col, merged.max_col)
    hidden_columns = {
        column
        for dimension in values.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min or 1, (dimension.max or 0) + 1)
    }
    return Grid(
        sheet=values.title,
        rows=tuple(tuple(row) for row in cells),
        hidden_rows=frozenset(row for row, dimension in values.row_dimensions.items() if dimension.hidden),
        hidden_columns=frozenset(hidden_columns),
        is_hidden=values.sheet_state != "visible",
    )


def _fill(cells: list[list[Any]], first_row: int, last_row: int, first_column: int, last_column: int) -> None:
    value = cells[first_row - 1][first_column - 1]
    for row in range(first_row - 1, last_row):
        for column in range(first_column - 1, last_column):
            cells[row][column] = value
