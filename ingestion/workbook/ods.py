"""What .ods files say beyond the values: errors, formulas without results, hidden parts, merged blocks, formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from ingestion.workbook.archive import Archive
from ingestion.workbook.details import MACROS, OUTSIDE, BookDetails, SheetDetails
from ingestion.workbook.grid import CellError, NumberFormat, Uncalculated
from ingestion.workbook.limits import MAX_CELLS, WorkbookRefusedError
from ingestion.workbook.safe_xml import local, stream

_ERROR = re.compile(r"#(N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!)|Err:\d+")
_OUTSIDE = re.compile(r"'(?:file|https?|ftp)://[^']*'#|\bDDE\b", re.IGNORECASE)
_NUMBERS = ("float", "percentage", "currency")
_VALUES = ("value", "date-value", "time-value", "boolean-value", "string-value")
MAX_REPEATED = MAX_CELLS


def read_details(archive: Archive, reads: Callable[[str], bool]) -> BookDetails:
    """Return the details of every sheet that is read."""
    if b"manifest:encryption-data" in archive.read_xml("META-INF/manifest.xml"):
        raise WorkbookRefusedError("it is protected by a password; save it without one")
    content = archive.read_xml("content.xml")
    if not content:
        raise WorkbookRefusedError("it has no content.xml; save it again")
    styles = _Styles()
    if common := archive.read_xml("styles.xml"):
        stream(common, "styles.xml", styles)
    handlers = _Handlers(styles)
    stream(content, "content.xml", handlers)
    macros = any(name.startswith(("Basic/", "Scripts/")) for name in archive.names)
    details = BookDetails(reads, is_1904=handlers.is_1904, notes=[MACROS] if macros else [])
    for name, sheet in handlers.sheets.items():
        details.add(name, partial(_found, sheet))
    return details


def _found(sheet: SheetDetails) -> SheetDetails:
    return sheet


class _Styles:
    """Follows the styles of a document: by what each cell style divides the numbers that it shows."""

    parser: Any = None

    def __init__(self) -> None:
        self._factors: dict[str, int] = {}
        self._styles: dict[str, tuple[str, str]] = {}
        self._number_style = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet an opening tag."""
        name = local(name)
        if name.endswith("-style") or name in ("style", "number"):
            given = {local(key): value for key, value in attributes.items()}
            if name == "style":
                self._styles[given.get("name", "")] = (
                    given.get("data-style-name", ""),
                    given.get("parent-style-name", ""),
                )
            elif name == "number":
                self._factors[self._number_style] = _whole(given.get("display-factor", "1"))
            else:
                self._number_style = given.get("name", "")

    def end(self, name: str) -> None:
        """Meet a closing tag."""

    def scale(self, style: str) -> int:
        """Return by what a cell style divides the numbers it shows; a style has its parent's number style."""
        for _ in range(len(self._styles)):
            number_style, parent = self._styles.get(style, ("", ""))
            if number_style or not parent:
                return self._factors.get(number_style, 1)
            style = parent
        return 1


class _Handlers:
    """Follows content.xml; repeated rows and columns count as often as they are repeated."""

    parser: Any = None

    def __init__(self, styles: _Styles) -> None:
        self.sheets: dict[str, SheetDetails] = {}
        self.is_1904 = False
        self._styles = styles
        self._details = SheetDetails()
        self._row = self._column = self._header_column = 0
        self._row_repeats = 1
        self._row_style = ""
        self._column_styles: list[tuple[int, str]] = []
        """The last column that a style is usual for, and the style, from left to right."""
        self._cell: dict[str, str] = {}
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet an opening tag."""
        name = local(name)
        given = {local(key): value for key, value in attributes.items()}
        if name == "table":
            self._details = self.sheets.setdefault(given.get("name", ""), SheetDetails())
            self._row, self._header_column, self._row_repeats = 0, 0, 1
            self._column_styles = []
        elif name == "table-column":
            self._columns(given)
        elif name == "table-row":
            self._start_row(given)
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text = given, []
            self.parser.CharacterDataHandler = self._text.append
        elif name == "null-date":
            self.is_1904 = given.get("date-value", "").startswith("1904")
        else:
            self._styles.start(name, attributes)

    def end(self, name: str) -> None:
        """Meet a closing tag."""
        name = local(name)
        if name in ("table-cell", "covered-table-cell"):
            self.parser.CharacterDataHandler = None
            self._end_cell()
        elif name == "table-row":
            self._row += self._row_repeats - 1

    def _columns(self, given: dict[str, str]) -> None:
        first = self._header_column + 1
        self._header_column += min(_repeats(given, "number-columns-repeated"), 16_384)
        self._column_styles.append((self._header_column, given.get("default-cell-style-name", "")))
        if given.get("visibility", "visible") != "visible":
            self._details.hidden_columns |= set(range(first, self._header_column + 1))

    def _start_row(self, given: dict[str, str]) -> None:
        self._row += 1
        self._row_repeats, self._column = _repeats(given, "number-rows-repeated"), 0
        self._row_style = given.get("default-cell-style-name", "")
        if given.get("visibility", "visible") != "visible" and self._row_repeats < MAX_REPEATED:
            self._details.hidden_rows |= set(range(self._row, self._row + self._row_repeats))

    def _end_cell(self) -> None:
        first, repeats = self._column + 1, _repeats(self._cell, "number-columns-repeated")
        self._column += repeats
        text = "".join(self._text).strip()
        has_value = any(key in self._cell for key in _VALUES) or bool(text)
        if not has_value and "formula" not in self._cell:
            return
        last_row, last_column = self._row + self._row_repeats - 1, self._column
        self._details.reach(last_row, last_column)
        self._merge(first)
        self._note_outside()
        if self._row_repeats * repeats > MAX_REPEATED:
            return
        for row in range(self._row, last_row + 1):
            for column in range(first, last_column + 1):
                self._mark(row, column, text, has_value=has_value)

    def _mark(self, row: int, column: int, text: str, *, has_value: bool) -> None:
        cell = self._cell
        if not has_value:
            self._details.mark(row, column, Uncalculated(cell["formula"].partition(":=")[2]))
        elif cell.get("value-type") == "error" or ("formula" in cell and _ERROR.fullmatch(text)):
            self._details.mark(row, column, CellError(text))
        elif cell.get("value-type") in _NUMBERS:
            special = self._number_format(column)
            if special != NumberFormat():
                self._details.formats.add(row, column, special)

    def _number_format(self, column: int) -> NumberFormat:
        """A cell without a style has its row's, or else its column's."""
        usual = next((style for last, style in self._column_styles if column <= last), "")
        style = self._cell.get("style-name") or self._row_style or usual
        kind, currency = self._cell.get("value-type"), self._cell.get("currency", "")
        return NumberFormat(kind == "percentage", currency if kind == "currency" else "", self._styles.scale(style))

    def _note_outside(self) -> None:
        if OUTSIDE not in self._details.notes and _OUTSIDE.search(self._cell.get("formula", "")):
            self._details.notes.append(OUTSIDE)

    def _merge(self, first: int) -> None:
        rows, columns = _repeats(self._cell, "number-rows-spanned"), _repeats(self._cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            self._details.merged.append((self._row, first, self._row + rows - 1, first + columns - 1))


def _repeats(given: dict[str, str], name: str) -> int:
    return max(1, _whole(given.get(name, "1")))


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 1
