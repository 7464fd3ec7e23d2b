"""The same small table written as .xls, .xlsb and .ods, and workbooks changed inside: what no writer will make.

Tables are lists of rows; None is a blank cell.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = list[list[Any]]


def write_xls(path: Path, sheet: str, rows: Rows, change: Callable[[Any], None] | None = None) -> Path:
    """Write the rows in the format of Excel 97."""
    book = xlwt.Workbook()
    target = book.add_sheet(sheet)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                target.write(r, c, value)
    if change:
        change(target)
    book.save(str(path))
    return path


def write_ods(path: Path, sheet: str, rows: Rows, cells: dict[tuple[int, int], dict[str, str]] | None = None) -> Path:
    """Write the rows as OpenDocument; `cells` gives attributes (and `text`) of single cells by 1-based position."""
    document = OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    for r, row in enumerate(rows, start=1):
        line = TableRow()
        for c, value in enumerate(row, start=1):
            line.addElement(_ods_cell(value, dict((cells or {}).get((r, c), {}))))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def _ods_cell(value: Any, special: dict[str, str]) -> TableCell:
    if special:
        text = special.pop("text", "")
        cell = TableCell(**special)
        if text:
            cell.addElement(P(text=text))
        return cell
    if value is None:
        return TableCell()
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=str(value))
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


def write_xlsb(path: Path, sheet: str, rows: Rows, errors: dict[tuple[int, int], int] | None = None) -> Path:
    """Write the rows in Excel's binary format; no library writes it, so the few records needed are put down here.

    `errors` gives error codes by 1-based position (42 is #N/A).
    """
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    start = f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{relations}/'
    binary = "application/vnd.ms-excel"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            f'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.bin" ContentType="{binary}.'
            f'sheet.binary.macroEnabled.main"/><Override PartName="/xl/worksheets/sheet1.bin" ContentType="{binary}.'
            'worksheet"/></Types>',
        )
        archive.writestr("_rels/.rels", f'{start}officeDocument" Target="xl/workbook.bin"/></Relationships>')
        archive.writestr(
            "xl/_rels/workbook.bin.rels", f'{start}worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
        )
        archive.writestr("xl/workbook.bin", _xlsb_workbook(sheet))
        archive.writestr("xl/worksheets/sheet1.bin", _xlsb_sheet(rows, errors or {}))
    return path


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(content), b""
    while length > 127:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + size + bytes([length]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_workbook(sheet: str) -> bytes:
    entry = struct.pack("<II", 0, 1) + _wide("rId1") + _wide(sheet)
    return _record(131) + _record(143) + _record(156, entry) + _record(144) + _record(132)


def _xlsb_sheet(rows: Rows, errors: dict[tuple[int, int], int]) -> bytes:
    width = max(map(len, rows))
    body = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)) + _record(145)
    for r, row in enumerate(rows):
        body += _record(0, struct.pack("<IIHBBBI", r, 0, 300, 0, 0, 0, 0))
        for c, value in enumerate(row):
            cell = struct.pack("<II", c, 0)
            if (r + 1, c + 1) in errors:
                body += _record(3, cell + bytes([errors[r + 1, c + 1]]))
            elif isinstance(value, int | float):
                body += _record(5, cell + struct.pack("<d", value))
            elif value is not None:
                body += _record(6, cell + _wide(value))
    return body + _record(146) + _record(130)


def change_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change the bytes of one part of a zipped workbook; a part that is not there is added."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source:
        parts = {entry.filename: source.read(entry) for entry in source.infolist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path
