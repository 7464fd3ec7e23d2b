"""The same small table written as .xls, .xlsb and .ods, and workbooks changed inside: what no writer will make.

Tables are lists of rows; None is a blank cell. `Looks` is what a table looks like beyond its values, in any format.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from odf.number import Number, NumberStyle
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P

from demo.workbooks.malformed.tables import Rows
from ingestion.workbook.grid import column_letters


@dataclass(frozen=True)
class Looks:
    """What one sees or does not see of a table: `formats` by 1-based position, `merged` as row, column, row, column."""

    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    is_hidden: bool = False


NO_LOOKS = Looks()
DAY = "dd.mm.yyyy"
"""Shows a number as the day that it counts."""


def write_xlsx(path: Path, sheet: str, rows: Rows, looks: Looks = NO_LOOKS) -> Path:
    """Write the rows as every other format is compared with."""
    book = openpyxl.Workbook()
    target = book.worksheets[0]
    target.title = sheet
    for r, row in enumerate(rows, start=1):
        for c, value in enumerate(row, start=1):
            cell = target.cell(r, c)
            cell.value = value
            cell.number_format = looks.formats.get((r, c), "General")
    for top, left, bottom, right in looks.merged:
        target.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    for row_number in looks.hidden_rows:
        target.row_dimensions[row_number].hidden = True
    for column in looks.hidden_columns:
        target.column_dimensions[column_letters(column)].hidden = True
    if looks.is_hidden:
        target.sheet_state = "hidden"
        book.create_sheet("Other")
        book.active = 1
    book.save(path)
    return path


def write_xls(
    path: Path, sheet: str, rows: Rows, change: Callable[[Any], None] | None = None, looks: Looks = NO_LOOKS
) -> Path:
    """Write the rows in the format of Excel 97."""
    book = xlwt.Workbook()
    target = book.add_sheet(sheet)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                code = looks.formats.get((r + 1, c + 1), "General")
                target.write(r, c, value, xlwt.easyxf(num_format_str=code))
    for top, left, bottom, right in looks.merged:
        target.merge(top - 1, bottom - 1, left - 1, right - 1)
    for row_number in looks.hidden_rows:
        target.row(row_number - 1).hidden = 1
    for column in looks.hidden_columns:
        target.col(column - 1).hidden = 1
    target.visibility = int(looks.is_hidden)
    if change:
        change(target)
    book.save(str(path))
    return path


def write_ods(
    path: Path,
    sheet: str,
    rows: Rows,
    cells: dict[tuple[int, int], dict[str, str]] | None = None,
    looks: Looks = NO_LOOKS,
) -> Path:
    """Write the rows as OpenDocument; `cells` gives attributes (and `text`) of single cells by 1-based position."""
    document = OpenDocumentSpreadsheet()
    _ods_styles(document)
    table = Table(name=sheet, stylename="Unseen" if looks.is_hidden else "Seen")
    special = dict(cells or {}) | {place: _ods_special(rows, looks, place) for place in _special(looks)}
    for column in range(1, max(map(len, rows)) + 1):
        hidden = column in looks.hidden_columns
        table.addElement(TableColumn(visibility="collapse") if hidden else TableColumn())
    for r, row in enumerate(rows, start=1):
        line = TableRow(visibility="collapse") if r in looks.hidden_rows else TableRow()
        for c, value in enumerate(row, start=1):
            line.addElement(_ods_cell(value, dict(special.get((r, c), {}))))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def _ods_styles(document: Any) -> None:
    """A hidden and a shown sheet, and a number that is shown in thousands."""
    for name, display in (("Seen", "true"), ("Unseen", "false")):
        style = Style(name=name, family="table")
        style.addElement(TableProperties(display=display))
        document.automaticstyles.addElement(style)
    thousands = NumberStyle(name="N1")
    thousands.addElement(Number(decimalplaces="0", minintegerdigits="1", grouping="true", displayfactor="1000"))
    document.automaticstyles.addElement(thousands)
    document.automaticstyles.addElement(Style(name="Thousands", family="table-cell", datastylename="N1"))


def _special(looks: Looks) -> set[tuple[int, int]]:
    return {*looks.formats, *((top, left) for top, left, _, _ in looks.merged)}


def _ods_special(rows: Rows, looks: Looks, place: tuple[int, int]) -> dict[str, str]:
    """The attributes that stand for a format code, or for the first cell of a merged block."""
    value = rows[place[0] - 1][place[1] - 1]
    code = looks.formats.get(place, "")
    found = {"value": str(value), "valuetype": "float"} if isinstance(value, int | float) else {"valuetype": "string"}
    if isinstance(value, str):
        found["text"] = value
    if code == DAY:
        day = date(1899, 12, 30) + timedelta(days=int(value))
        found = {"valuetype": "date", "datevalue": day.isoformat(), "text": f"{day:%d.%m.%Y}"}
    elif "%" in code:
        found["valuetype"] = "percentage"
    elif "€" in code:
        found |= {"valuetype": "currency", "currency": "EUR"}
    elif code.endswith(","):
        found["stylename"] = "Thousands"
    for top, left, bottom, right in looks.merged:
        if (top, left) == place:
            found |= {"numberrowsspanned": str(bottom - top + 1), "numbercolumnsspanned": str(right - left + 1)}
    return found


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


def write_xlsb(
    path: Path,
    sheet: str,
    rows: Rows,
    errors: dict[tuple[int, int], int] | None = None,
    looks: Looks = NO_LOOKS,
) -> Path:
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
            f'worksheet"/><Override PartName="/xl/styles.bin" ContentType="{binary}.styles"/></Types>',
        )
        archive.writestr("_rels/.rels", f'{start}officeDocument" Target="xl/workbook.bin"/></Relationships>')
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'{start}worksheet" Target="worksheets/sheet1.bin"/><Relationship Id="rId2" Type="{relations}/styles"'
            ' Target="styles.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", _xlsb_workbook(sheet, looks))
        archive.writestr("xl/worksheets/sheet1.bin", _xlsb_sheet(rows, errors or {}, looks))
        archive.writestr("xl/styles.bin", _xlsb_styles(looks))
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


def _xlsb_workbook(sheet: str, looks: Looks) -> bytes:
    entry = struct.pack("<II", int(looks.is_hidden), 1) + _wide("rId1") + _wide(sheet)
    return _record(131) + _record(143) + _record(156, entry) + _record(144) + _record(132)


def _xlsb_styles(looks: Looks) -> bytes:
    """The ordinary cell format, and one for each code in use, numbered from 164 on."""
    codes = sorted(set(looks.formats.values()))
    formats = b"".join(_record(44, struct.pack("<H", 164 + i) + _wide(code)) for i, code in enumerate(codes))
    cells = b"".join(
        _record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, *range(164, 164 + len(codes)))
    )
    return (
        _record(278)
        + _record(615, struct.pack("<I", len(codes)))
        + formats
        + _record(616)
        + _record(617, struct.pack("<I", len(codes) + 1))
        + cells
        + _record(618)
        + _record(279)
    )


def _xlsb_sheet(rows: Rows, errors: dict[tuple[int, int], int], looks: Looks) -> bytes:
    width = max(map(len, rows))
    codes = sorted(set(looks.formats.values()))
    body = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    for column in looks.hidden_columns:
        body += _record(60, struct.pack("<IIIIH", column - 1, column - 1, 2560, 0, 1))
    body += _record(145)
    for r, row in enumerate(rows):
        body += _record(0, struct.pack("<IIHBBBI", r, 0, 300, 0, 0x10 if r + 1 in looks.hidden_rows else 0, 0, 0))
        for c, value in enumerate(row):
            code = looks.formats.get((r + 1, c + 1))
            cell = struct.pack("<II", c, codes.index(code) + 1 if code else 0)
            if (r + 1, c + 1) in errors:
                body += _record(3, cell + bytes([errors[r + 1, c + 1]]))
            elif isinstance(value, int | float):
                body += _record(5, cell + struct.pack("<d", value))
            elif value is not None:
                body += _record(6, cell + _wide(value))
    blocks = [(top - 1, bottom - 1, left - 1, right - 1) for top, left, bottom, right in looks.merged]
    merged = b"".join(_record(176, struct.pack("<IIII", *block)) for block in blocks)
    return body + _record(146) + merged + _record(130)


def change_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change the bytes of one part of a zipped workbook; a part that is not there is added."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source:
        parts = {entry.filename: source.read(entry) for entry in source.infolist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path
