"""What .xlsb files say beyond the values: errors, hidden parts, merged blocks, number formats, epoch.

The parts are sequences of records: a number of one or two bytes, a length of one to four, then the record itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial

from ingestion.workbook.archive import Archive
from ingestion.workbook.details import MACROS, BookDetails, SheetDetails
from ingestion.workbook.grid import CellError, NumberFormat
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.number_formats import PERCENT_IDS, read_format

_ROW, _BLANK, _ERROR, _FORMULA_STRING, _FORMULA_ERROR = 0, 1, 3, 8, 11
_LAST_CELL = 11
_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 44, 47, 617, 618
_COLUMN, _WORKBOOK, _SHEET, _MERGE, _DIMENSION = 60, 153, 156, 176, 148
UNTOLD = (
    "whether a formula was ever calculated: one without a result reads as its last number, often 0",
    "formulas that refer to other files",
)
_CODES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_details(archive: Archive, reads: Callable[[str], bool]) -> BookDetails:
    """Return the details of every worksheet that is read; WorkbookRefusedError where a record is cut off."""
    try:
        return _read(archive, reads)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise WorkbookRefusedError(f"a record of it is damaged ({error}); save it again as .xlsx") from None


def _read(archive: Archive, reads: Callable[[str], bool]) -> BookDetails:
    part = archive.main_part()
    relations = archive.relations(part)
    styles = next((target for kind, target in relations.values() if kind == "styles"), "")
    formats = _formats(archive.read(styles))
    details = BookDetails(reads, untold=UNTOLD)
    if any(name.endswith("vbaProject.bin") for name in archive.names):
        details.notes.append(MACROS)
    for kind, record in _records(archive.read(part)):
        if kind == _WORKBOOK:
            details.is_1904 = bool(record[0] & 1)
        elif kind == _SHEET:
            relation, end = _text(record, 8)
            name, _ = _text(record, end)
            target = relations.get(relation, ("", ""))
            if target[0] == "worksheet":
                details.add(name, partial(_read_part, archive, target[1], formats))
    return details


def _read_part(archive: Archive, part: str, formats: dict[int, NumberFormat]) -> SheetDetails:
    return _sheet(archive.read(part), formats)


def _sheet(content: bytes, formats: dict[int, NumberFormat]) -> SheetDetails:
    details, row = SheetDetails(), 0
    for kind, record in _records(content):
        if kind == _ROW:
            row = struct.unpack_from("<I", record)[0] + 1
            if record[11] & 0x10:
                details.hidden_rows.add(row)
        elif _BLANK < kind <= _LAST_CELL:
            _cell(details, kind, record, row, formats)
        elif kind == _COLUMN and record[16] & 1:
            first, last = struct.unpack_from("<II", record)
            details.hidden_columns |= set(range(first + 1, min(last, 16_383) + 2))
        elif kind == _MERGE:
            first_row, last_row, first_column, last_column = struct.unpack_from("<IIII", record)
            details.merged.append((first_row + 1, first_column + 1, last_row + 1, last_column + 1))
        elif kind == _DIMENSION:
            _, last_row, _, last_column = struct.unpack_from("<IIII", record)
            details.reach(last_row + 1, last_column + 1)
    return details


def _cell(details: SheetDetails, kind: int, record: bytes, row: int, formats: dict[int, NumberFormat]) -> None:
    column, style = struct.unpack_from("<II", record)
    details.reach(row, column + 1)
    if kind in (_ERROR, _FORMULA_ERROR):
        details.mark(row, column + 1, CellError(_CODES.get(record[8], "#ERROR")))
    elif (style & 0xFFFFFF) in formats:
        details.formats.add(row, column + 1, formats[style & 0xFFFFFF])


def _formats(content: bytes) -> dict[int, NumberFormat]:
    codes: dict[int, str] = {}
    found: dict[int, NumberFormat] = {}
    index = -1
    for kind, record in _records(content):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", record)[0]] = _text(record, 2)[0]
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            index = 0 if kind == _BEGIN_STYLES else -1
        elif kind == _STYLE and index >= 0:
            number = struct.unpack_from("<H", record, 2)[0]
            percent = number in PERCENT_IDS and number not in codes
            special = NumberFormat(is_percent=True) if percent else read_format(codes.get(number, ""))
            if special is not None:
                found[index] = special
            index += 1
    return found


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        kind, at = _number(content, at, 2)
        length, at = _number(content, at, 4)
        if at + length > len(content):
            raise IndexError("cut off")
        yield kind, content[at : at + length]
        at += length


def _number(content: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for position in range(most):
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << (7 * position)
        if not byte & 0x80:
            break
    return value, at


def _text(record: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", record, at)[0]
    end = at + 4 + 2 * length
    return record[at + 4 : end].decode("utf-16-le"), end
