"""The format of Excel 97 to 2003 (.xls): a table of texts and numbers in one sheet, without formulas or merges.

What does not belong here: the container around it (`compound.py`).
"""

from __future__ import annotations

import struct
from typing import Any

from demo.workbooks.malformed.compound import compound_file
from demo.workbooks.malformed.tables import Table

_BOF, _EOF, _CODE_PAGE, _FONT, _CELL_FORMAT, _STYLE, _SHEET = 0x0809, 0x000A, 0x0042, 0x0031, 0x00E0, 0x0293, 0x0085
_DIMENSIONS, _WINDOW, _NUMBER, _LABEL = 0x0200, 0x023E, 0x0203, 0x0204
_GLOBALS, _WORKSHEET = 0x0005, 0x0010
_STYLE_FORMATS, _CELL = 15, 15
"""How many formats of styles come first; the format of cells is the next."""


def xls(name: str, table: Table) -> bytes:
    """Return the table as a workbook with one sheet."""
    sheet = _sheet(table)
    before, after = _globals(), _record(_EOF)
    offset = len(before) + len(_bound_sheet(name, 0)) + len(after)
    content = before + _bound_sheet(name, offset) + after + sheet
    return compound_file({"Workbook": content})


def _globals() -> bytes:
    font = struct.pack("<HHHHHBBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 5, 0) + b"Arial"
    # four fonts stand for five: number 4 is never written
    fonts = _record(_FONT, font) * 4
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0xF4, 0, 0, 0x20C0)
    cell = struct.pack("<HHHBBBBIIH", 0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    formats = _record(_CELL_FORMAT, style) * _STYLE_FORMATS + _record(_CELL_FORMAT, cell)
    normal = _record(_STYLE, struct.pack("<HBB", 0x8000, 0, 0xFF))
    return _beginning(_GLOBALS) + _record(_CODE_PAGE, struct.pack("<H", 0x04B0)) + fonts + formats + normal


def _bound_sheet(name: str, offset: int) -> bytes:
    return _record(_SHEET, struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + name.encode("utf-16-le"))


def _sheet(table: Table) -> bytes:
    width = max(map(len, table.rows))
    body = _record(_DIMENSIONS, struct.pack("<IIHHH", 0, len(table.rows), 0, width, 0))
    for r, row in enumerate(table.rows):
        body += b"".join(_cell(r, c, value) for c, value in enumerate(row) if value is not None)
    window = _record(_WINDOW, struct.pack("<HHHIHHI", 0x06B6, 0, 0, 0x40, 0, 0, 0))
    return _beginning(_WORKSHEET) + body + window + _record(_EOF)


def _cell(row: int, column: int, value: Any) -> bytes:
    place = struct.pack("<HHH", row, column, _CELL)
    if isinstance(value, int | float):
        return _record(_NUMBER, place + struct.pack("<d", value))
    text = str(value)
    return _record(_LABEL, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def _beginning(kind: int) -> bytes:
    return _record(_BOF, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content
