"""Files: passwords, bombs, giants, macros, other formats and names, damage, links and entities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbook_formats import change_part, write_ods, write_xlsb

from demo.workbooks.layout import MONTHS
from demo.workbooks.malformed.biff import xls
from demo.workbooks.malformed.locked import locked
from workbook_faults.fault import SHEET, Fault, Make, content, table, written, xlsx
from workbook_faults.numbers import calculated, cell

PART = "xl/worksheets/sheet1.xml"
BOMB = b"<x>" + b"0" * (30 << 20) + b"</x>"
XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
EMPTY_TEXT = "Territory;Category;" + ";".join(MONTHS) + "\n"


def inside(make: Make, part: str, change: Callable[[bytes], bytes]) -> Make:
    """Return a maker that changes a part of the workbook that `make` writes."""
    return lambda folder: change_part(make(folder), part, change)


def renamed(make: Make, suffix: str) -> Make:
    """Return a maker whose file gets another suffix."""

    def rename(folder: Path) -> Path:
        path = make(folder)
        return path.rename(path.with_suffix(suffix))

    return rename


def encrypted(folder: Path) -> Path:
    """A workbook behind a password."""
    path = xlsx()(folder)
    return written(path, locked(path.read_bytes(), "secret"))


def old_format(folder: Path) -> Path:
    """A workbook of Excel 97."""
    return written(folder / "Plan.xls", xls(SHEET, table()))


def _far(row: int, column: str) -> Callable[[bytes], bytes]:
    line = f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row></sheetData>'.encode()
    return lambda xml: xml.replace(b"</sheetData>", line)


FILES = [
    Fault(13, "password", encrypted, 0, refused={"": "it is protected by a password"}),
    Fault(
        14,
        "zip bomb",
        inside(xlsx(), "xl/media/picture.xml", lambda _: BOMB),
        0,
        refused={"": "its part xl/media/picture.xml unpacks to"},
    ),
    Fault(
        15,
        "sparse giant",
        inside(xlsx(), PART, _far(1_048_576, "XFD")),
        0,
        refused={"": "sheet Süd, cell XFD1048576: the used area ends there"},
    ),
    Fault(
        15,
        "sparse giant that claims to be small",
        inside(inside(xlsx(), PART, _far(1_048_576, "XFD")), PART, lambda x: x.replace(b"A1:XFD1048576", b"A1:P8")),
        0,
        refused={"": "sheet Süd, cell XFD1048576: the used area ends there"},
    ),
    Fault(
        16,
        "macros",
        renamed(inside(xlsx(), "xl/vbaProject.bin", lambda _: b"\xd0\xcf\x11\xe0"), ".xlsm"),
        cells={"C6": "10"},
        notes=("it holds macros, which were not run",),
    ),
    Fault(17, "xls", old_format, cells={"C6": "10", "O7": "2"}),
    Fault(
        17, "xlsb", lambda folder: write_xlsb(folder / "Plan.xlsb", SHEET, table().rows), cells={"C6": "10", "O7": "2"}
    ),
    Fault(17, "ods", lambda folder: write_ods(folder / "Plan.ods", SHEET, table().rows), cells={"C6": "10", "O7": "2"}),
    Fault(
        17,
        "xls by another name",
        renamed(old_format, ".xlsx"),
        notes=("its name ends in .xlsx, its content is .xls",),
    ),
    Fault(
        17,
        "text with the name of a workbook",
        content(EMPTY_TEXT.encode(), "Plan.xlsx"),
        0,
        refused={"": "it is text with the name of a workbook (.xlsx)"},
    ),
    Fault(
        17,
        "HTML with the name of a workbook",
        content(b"<html><table></table></html>", "Plan.xls"),
        0,
        refused={"": "it is an HTML page with the name of a workbook (.xls)"},
    ),
    Fault(
        17,
        "HTML with the name of today's workbooks",
        content(b"<!doctype html><html><table></table></html>", "Plan.xlsx"),
        0,
        refused={"": "it is an HTML page with the name of a workbook (.xlsx)"},
    ),
    Fault(18, "empty file", content(b"", "Plan.xlsx"), 0, refused={"": "it is empty"}),
    Fault(18, "truncated zip", content(b"PK\x03\x04 cut", "Plan.xlsx"), 0, refused={"": "it is damaged or cut off"}),
    Fault(
        18,
        "truncated xls",
        content(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Plan.xls"),
        0,
        refused={"": "it is damaged or no workbook"},
    ),
    Fault(
        18,
        "damaged sheet",
        inside(xlsx(), PART, lambda xml: xml[: len(xml) // 2]),
        0,
        refused={"": f"{PART} is damaged"},
    ),
    Fault(
        31,
        "link to another file",
        calculated("='[Other.xlsx]Plan'!A1*2", 10),
        cells={"C6": "10"},
        notes=("formulas refer to other files",),
    ),
    Fault(
        31,
        "external entity",
        inside(xlsx(), PART, lambda xml: XXE + xml),
        0,
        refused={"": f"{PART}: its XML declares a document type"},
    ),
    Fault(
        32,
        "a cell in the last row",
        inside(xlsx(), PART, _far(1_048_576, "A")),
        0,
        refused={"": "sheet Süd, cell P1048576: the used area ends there"},
    ),
    Fault(32, "a cell in the last column", inside(xlsx(), PART, _far(9, "XFD")), cells={"C6": "10"}),
    Fault(
        32,
        "a cell of 32,767 letters",
        cell("A6", "x" * 32_767),
        12,
        refused={"C6": "territory “" + "x" * 40},
    ),
    *(
        Fault(
            18,
            f"a sheet whose name is {name!r} beside Süd",
            inside(
                xlsx(book_change=lambda book: book.create_sheet("Other")),
                "xl/workbook.xml",
                lambda xml, name=name: xml.replace(b'name="Other"', f'name="{name}"'.encode()),  # type: ignore[misc]
            ),
            0,
            refused={"": sentence},
        )
        for name, sentence in (
            (SHEET, "two of its sheets are named “Süd”"),
            ("Ot\nher", "the name of its sheet “Ot her” has a line break"),
        )
    ),
]
