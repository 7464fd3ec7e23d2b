"""What .ods files say beyond the values: errors, formulas without results, hidden parts, merged blocks, formats."""

from __future__ import annotations

import re
from typing import Any

from ingestion.workbook.archive import Archive
from ingestion.workbook.details import BookDetails, SheetDetails
from ingestion.workbook.grid import CellError, NumberFormat, Uncalculated
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.safe_xml import local, stream

_ERROR = re.compile(r"#(N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!)|Err:\d+")
_VALUES = ("value", "date-value", "time-value", "boolean-value", "string-value")
MAX_REPEATED = 4_000_000


def read_details(archive: Archive) -> BookDetails:
    """Return the details of every sheet."""
    if b"manifest:encryption-data" in archive.read_xml("META-INF/manifest.xml"):
        raise WorkbookRefusedError("it is protected by a password; save it without one")
    content = archive.read_xml("content.xml")
    if not content:
        raise WorkbookRefusedError("it has no content.xml; save it again")
    handlers = _Handlers()
    stream(content, "content.xml", handlers)
    return BookDetails(handlers.sheets)


class _Handlers:
    """Follows content.xml; repeated rows and columns count as often as they are repeated."""

    parser: Any = None

    def __init__(self) -> None:
        self.sheets: dict[str, SheetDetails] = {}
        self._details = SheetDetails()
        self._row = self._column = self._header_column = 0
        self._row_repeats = 1
        self._cell: dict[str, str] = {}
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet an opening tag."""
        name = local(name)
        given = {local(key): value for key, value in attributes.items()}
        if name == "table":
            self._details = self.sheets.setdefault(given.get("name", ""), SheetDetails())
            self._row, self._header_column, self._row_repeats = 0, 0, 1
        elif name == "table-column":
            self._columns(given)
        elif name == "table-row":
            self._start_row(given)
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text = given, []
            self.parser.CharacterDataHandler = self._text.append

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
        if given.get("visibility", "visible") != "visible":
            self._details.hidden_columns |= set(range(first, self._header_column + 1))

    def _start_row(self, given: dict[str, str]) -> None:
        self._row += 1
        self._row_repeats, self._column = _repeats(given, "number-rows-repeated"), 0
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
        elif cell.get("value-type") == "percentage":
            self._details.formats.add(row, column, NumberFormat(is_percent=True))
        elif cell.get("value-type") == "currency" and cell.get("currency"):
            self._details.formats.add(row, column, NumberFormat(currency=cell["currency"]))

    def _merge(self, first: int) -> None:
        rows, columns = _repeats(self._cell, "number-rows-spanned"), _repeats(self._cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            self._details.merged.append((self._row, first, self._row + rows - 1, first + columns - 1))


def _repeats(given: dict[str, str], name: str) -> int:
    text = given.get(name, "1")
    return max(1, int(text)) if text.isdigit() else 1
