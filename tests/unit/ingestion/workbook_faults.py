"""The malformed and awkward spreadsheets that people send, each with what must come of it.

One `Fault` per case. `number` is that of the list of bad spreadsheets which the warehouse promises to survive.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl
import xlsxwriter
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from workbook_files import MONTHS, TEMPLATES
from workbook_formats import Rows, change_part, write_ods, write_xls, write_xlsb

SHEET = "xl/worksheets/sheet1.xml"
DATED = """
templates:
  - name: dated
    files: "*"
    version: {label: Dated}
    header: {anchor: Date}
    periods: {kind: date_rows, date_column: Date, value_column: Budget}
    currency: EUR
"""
WHOLE = 24
"""Numbers of the whole sheet."""


@dataclass(frozen=True)
class Fault:
    """One file and its outcome.

    `count` numbers are loaded, among them those of `cells` (address → amount, or period for dates); `refused` gives
    the sentence by cell ('' for the whole file, A1 for a whole sheet); `notes` are told.
    """

    number: int
    name: str
    make: Callable[[Path], Path]
    count: int = WHOLE
    cells: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    template: str = TEMPLATES

    def __str__(self) -> str:
        return f"{self.number:02d} {self.name}"


def table(unit: str = "EUR") -> Rows:
    """A sheet of two rows and twelve months with quarter and year totals, header in row 5, body in rows 6 and 7."""
    rows: Rows = [["Plan"], ["Unit", unit], ["Approved:", "2024-01-20"], [None]]
    rows.append(["Territory", "Category", *MONTHS[:3], "Q1", *MONTHS[3:], "FY"])
    for names, value in ((("North", "Pumps"), 10), (("North", "Valves"), 2)):
        rows.append([*names, *[value] * 3, 3 * value, *[value] * 9, 12 * value])
    rows.append(["Total", None, *[12] * 3, 36, *[12] * 9, 144])
    return rows


def without_totals(rows: Rows) -> Rows:
    """The same without any total, for faults that change a number."""
    kept = [row for row in rows if row[0] != "Total"]
    return [[None if i in (5, 15) and n >= 4 else v for i, v in enumerate(row)] for n, row in enumerate(kept)]


def xlsx(
    rows: Rows | None = None,
    change: Callable[[Worksheet], None] | None = None,
    *,
    book_change: Callable[[Workbook], None] | None = None,
    name: str = "Plan_FY2024_v1.xlsx",
    at: tuple[int, int] = (1, 1),
) -> Callable[[Path], Path]:
    """Return a maker of a workbook with one sheet `Süd`, its table's corner at row and column `at`."""

    def make(folder: Path) -> Path:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Süd"
        for r, row in enumerate(table() if rows is None else rows):
            for c, value in enumerate(row):
                sheet.cell(r + at[0], c + at[1]).value = value
        if change:
            change(sheet)
        if book_change:
            book_change(book)
        path = folder / name
        book.save(path)
        return path

    return make


def inside(make: Callable[[Path], Path], part: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    """Return a maker that changes a part of the workbook that `make` writes."""
    return lambda folder: change_part(make(folder), part, change)


def content(text: bytes, name: str) -> Callable[[Path], Path]:
    """Return a maker of a file with these bytes."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(text)
        return folder / name

    return make


def renamed(make: Callable[[Path], Path], suffix: str) -> Callable[[Path], Path]:
    """Return a maker whose file gets another suffix."""

    def rename(folder: Path) -> Path:
        path = make(folder)
        return path.rename(path.with_suffix(suffix))

    return rename


def cell(place: str, value: Any, number_format: str | None = None) -> Callable[[Path], Path]:
    """Return a maker of the table with one cell changed and no totals."""

    def change(sheet: Worksheet) -> None:
        sheet[place] = value
        if isinstance(value, str) and value.startswith("#"):
            sheet[place].data_type = "e"
        elif isinstance(value, str) and value[:1] in "=+@\t" and value[1:2] not in "SA1":
            sheet[place].data_type = "s"
        if number_format:
            sheet[place].number_format = number_format

    return xlsx(without_totals(table()), change)


def calculated(folder: Path) -> Path:
    """A workbook whose formula refers to another file; its result is stored."""
    path = folder / "Plan_FY2024_v1.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Süd")
        for r, row in enumerate(without_totals(table())):
            sheet.write_row(r, 0, ["" if value is None else value for value in row])
        sheet.write_formula("C6", "='[Other.xlsx]Plan'!A1*2", None, 10)
    return path


def encrypted(folder: Path) -> Path:
    """A workbook behind a password."""
    plain = xlsx()(folder)
    target = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain.read_bytes())).encrypt("secret", target)
    plain.write_bytes(target.getvalue())
    return plain


def dated(rows: Rows, *, is_1904: bool = False) -> Callable[[Path], Path]:
    """Return a maker of a list of dates with one number each."""

    def epoch(book: Workbook) -> None:
        if is_1904:
            book.epoch = CALENDAR_MAC_1904

    return xlsx([["Date", "Budget"], *rows], book_change=epoch)


def hidden_sheet(state: str) -> Callable[[Workbook], None]:
    """Return a change that hides the first sheet before another one."""

    def change(book: Workbook) -> None:
        book.create_sheet("Notes")
        book.worksheets[0].sheet_state = state
        book.active = 1

    return change


def _merged_header(sheet: Worksheet) -> None:
    for place in ("A4:A5", "B4:B5"):
        sheet[place[:2]] = sheet[f"{place[0]}5"].value
        sheet.merge_cells(place)
    sheet["C4"] = "1st quarter"
    sheet.merge_cells("C4:F4")


def _merged_names(sheet: Worksheet) -> None:
    sheet["A7"] = None
    sheet.merge_cells("A6:A7")


def _hidden_parts(sheet: Worksheet) -> None:
    sheet.row_dimensions[7].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.auto_filter.ref = "A5:P8"


def _add_sheet(book: Workbook) -> None:
    again = book.create_sheet("West")
    for row in without_totals(table()):
        again.append(row)


def _far(row: int, column: str) -> Callable[[bytes], bytes]:
    line = f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row></sheetData>'.encode()
    return lambda xml: xml.replace(b"</sheetData>", line)


def _totals_above() -> Rows:
    rows = table()
    return [*rows[:5], rows[7], *rows[5:7]]


def _subtotals() -> Rows:
    rows = table()
    first = ["Subtotal", None, *rows[5][2:]]
    second = ["Subtotal", None, *rows[6][2:]]
    return [*rows[:6], first, rows[6], second, rows[7]]


def _calendar_year() -> Rows:
    header = ["Territory", "Category", "Jan", *MONTHS[:-1]]
    return [*table()[:4], header, ["North", "Pumps", *([1] * 12)]]


def _changed(rows: Rows, place: tuple[int, int], value: Any) -> Rows:
    rows[place[0] - 1][place[1] - 1] = value
    return rows


def _formula(folder: Path) -> Path:
    return xlsx(without_totals(table()), lambda sheet: sheet.cell(6, 3).__setattr__("value", "=5+5"))(folder)


BOMB = b"<x>" + b"0" * (30 << 20) + b"</x>"
XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
EMPTY_TEXT = "Territory;Category;" + ";".join(MONTHS) + "\n"
ONE_LESS = WHOLE - 1

FAULTS = [
    Fault(1, "merged header cells", xlsx(change=_merged_header), cells={"C6": "10", "P7": ""}),
    Fault(2, "names merged down", xlsx(change=_merged_names), cells={"C7": "2"}),
    Fault(
        2,
        "a number merged over two months",
        xlsx(without_totals(table()), lambda sheet: sheet.merge_cells("C6:D6")),
        WHOLE - 2,
        refused={"C6": "the number is merged over C6:D6", "D6": "the number is merged over C6:D6"},
    ),
    Fault(3, "text for a number", cell("C6", "TBD"), ONE_LESS, refused={"C6": "expected a number"}),
    Fault(3, "n/a", cell("C6", "n/a"), ONE_LESS, refused={"C6": "got “n/a”"}),
    Fault(3, "a dash is zero", cell("C6", "-"), cells={"C6": "0"}),
    Fault(3, "blank is missing", cell("C6", None), ONE_LESS, cells={"C6": ""}),
    Fault(4, "a number written as text", cell("C6", "12"), cells={"C6": "12"}),
    Fault(5, "formula without result", _formula, ONE_LESS, refused={"C6": "the formula =5+5 has no stored result"}),
    *(
        Fault(6, code, cell("C6", code), ONE_LESS, refused={"C6": f"the cell holds the error {code}"})
        for code in ("#N/A", "#DIV/0!", "#REF!")
    ),
    Fault(7, "1904 dates", dated([[datetime(2024, 2, 29), 5]], is_1904=True), 1, {"B2": "2024-02-29"}, template=DATED),
    Fault(
        8,
        "a text date in no declared order",
        dated([["03/04/2024", 5]]),
        0,
        refused={"B2": "cell A2: expected a date (iso), found “03/04/2024”; say in the template"},
        template=DATED,
    ),
    Fault(8, "d/m/y", dated([["03/04/2024", 5]]), 1, {"B2": "2024-04-03"}, template=DATED + "    dates: dmy\n"),
    Fault(8, "m/d/y", dated([["03/04/2024", 5]]), 1, {"B2": "2024-03-04"}, template=DATED + "    dates: mdy\n"),
    Fault(
        9,
        "a serial date",
        dated([[45351, 5]]),
        1,
        {"B2": "2024-02-29"},
        notes=("A2: 45351 is 2024-02-29",),
        template=DATED,
    ),
    Fault(
        9,
        "a serial date of 1904",
        dated([[43889, 5]], is_1904=True),
        1,
        {"B2": "2024-02-29"},
        notes=("A2: 43889 is 2024-02-29",),
        template=DATED,
    ),
    Fault(
        9,
        "a serial date with hours",
        dated([[45351.5, 5]]),
        0,
        refused={"B2": "cell A2: expected a date, found the number 45351.5"},
        template=DATED,
    ),
    Fault(10, "hidden first sheet", xlsx(book_change=hidden_sheet("hidden")), notes=("the sheet is hidden",)),
    Fault(
        11,
        "hidden row, column and filter",
        xlsx(change=_hidden_parts),
        cells={"D7": "2"},
        notes=("rows 7 are hidden", "column D is hidden"),
    ),
    Fault(12, "very hidden sheet", xlsx(book_change=hidden_sheet("veryHidden")), notes=("the sheet is hidden",)),
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
        inside(xlsx(), SHEET, _far(1_048_576, "XFD")),
        0,
        refused={"": "sheet Süd, cell XFD1048576: the used area ends there"},
    ),
    Fault(
        15,
        "sparse giant that claims to be small",
        inside(inside(xlsx(), SHEET, _far(1_048_576, "XFD")), SHEET, lambda x: x.replace(b"A1:XFD1048576", b"A1:P8")),
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
    Fault(17, "xls", lambda folder: write_xls(folder / "Plan.xls", "Süd", table()), cells={"C6": "10", "O7": "2"}),
    Fault(17, "xlsb", lambda folder: write_xlsb(folder / "Plan.xlsb", "Süd", table()), cells={"C6": "10", "O7": "2"}),
    Fault(17, "ods", lambda folder: write_ods(folder / "Plan.ods", "Süd", table()), cells={"C6": "10", "O7": "2"}),
    Fault(
        17,
        "xls by another name",
        renamed(lambda folder: write_xls(folder / "Plan.xls", "Süd", table()), ".xlsx"),
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
        6,
        "#N/A in .xls",
        lambda folder: write_xls(
            folder / "Plan.xls",
            "Süd",
            without_totals(_changed(table(), (6, 3), None)),
            lambda sheet: sheet.row(5).set_cell_error(2, 42),
        ),
        ONE_LESS,
        refused={"C6": "the cell holds the error #N/A"},
    ),
    Fault(
        5,
        "formula without result in .xls",
        lambda folder: write_xls(
            folder / "Plan.xls",
            "Süd",
            without_totals(_changed(table(), (6, 3), None)),
            lambda sheet: sheet.write(5, 2, xlwt.Formula("5+5")),
        ),
        ONE_LESS,
        refused={"C6": "a formula has no stored result"},
    ),
    Fault(
        6,
        "#N/A in .xlsb",
        lambda folder: write_xlsb(folder / "Plan.xlsb", "Süd", without_totals(table()), {(6, 3): 42}),
        ONE_LESS,
        refused={"C6": "the cell holds the error #N/A"},
    ),
    Fault(
        6,
        "#DIV/0! in .ods",
        lambda folder: write_ods(
            folder / "Plan.ods",
            "Süd",
            without_totals(table()),
            {(6, 3): {"valuetype": "string", "formula": "of:=1/0", "text": "#DIV/0!"}},
        ),
        ONE_LESS,
        refused={"C6": "the cell holds the error #DIV/0!"},
    ),
    Fault(
        5,
        "formula without result in .ods",
        lambda folder: write_ods(folder / "Plan.ods", "Süd", without_totals(table()), {(6, 3): {"formula": "of:=5+5"}}),
        ONE_LESS,
        refused={"C6": "the formula =5+5 has no stored result"},
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
        inside(xlsx(), SHEET, lambda xml: xml[: len(xml) // 2]),
        0,
        refused={"": f"{SHEET} is damaged"},
    ),
    Fault(
        19,
        "duplicate headers",
        xlsx(_changed(table(), (5, 2), "Territory")),
        0,
        refused={"A1": "the header “Territory” occurs 2 times (A5, B5)"},
    ),
    Fault(
        20,
        "duplicate month",
        xlsx(_changed(table(), (5, 4), "Feb")),
        0,
        refused={"A1": "the column of period 1 occurs twice"},
    ),
    Fault(
        21,
        "missing month",
        xlsx(_changed(table(), (5, 4), None)),
        0,
        refused={"A1": "the column of period 2 is missing"},
    ),
    Fault(22, "table that starts at D12", xlsx(at=(12, 4)), cells={"F17": "10", "R18": "2"}),
    Fault(23, "subtotals and a total below", xlsx(_subtotals()), cells={"C6": "10", "C8": "2", "C7": "", "C10": ""}),
    Fault(23, "totals above", xlsx(_totals_above()), cells={"C7": "10", "C8": "2", "C6": ""}),
    Fault(
        23,
        "a wrong total",
        xlsx(_changed(table(), (8, 4), 21)),
        0,
        refused={"C6": "cell D8: the total says 21, the body adds up to 12"},
    ),
    Fault(
        23,
        "a wrong total on the right",
        xlsx(_changed(table(), (7, 16), 42)),
        0,
        refused={"C6": "cell P7: the total says 42, the body adds up to 24"},
    ),
    Fault(24, "negative budget", cell("C6", -7.25), cells={"C6": "-7.25"}),
    Fault(
        25,
        "unknown name",
        xlsx(_changed(without_totals(table()), (6, 1), "Nrth")),
        12,
        refused={"C6": "territory “Nrth” is neither a member nor an alias; did you mean “North”?"},
    ),
    Fault(26, "currency as text", cell("C6", "€ 1.234,50"), cells={"C6": "1234.50"}),
    Fault(
        26,
        "another currency as text",
        cell("C6", "1.234,50 zł"),
        ONE_LESS,
        refused={"C6": "the cell is in zł, the sheet in EUR"},
    ),
    Fault(
        26,
        "another currency as format",
        cell("C6", 5, "#,##0.00 [$zł-415]"),
        ONE_LESS,
        refused={"C6": "the cell is in zł, the sheet in EUR"},
    ),
    Fault(26, "the sheet's currency as format", cell("C6", 5, "#,##0.00 [$€-407]"), cells={"C6": "5"}),
    Fault(27, "1.234,56", cell("C6", "1.234,56"), cells={"C6": "1234.56"}),
    Fault(27, "1,234.56", cell("C6", "1,234.56"), ONE_LESS, refused={"C6": "expected a number written the de way"}),
    Fault(28, "percent format", cell("C6", 0.5, "0%"), ONE_LESS, refused={"C6": "the cell shows the percentage 50"}),
    Fault(28, "percent as text", cell("C6", "5%"), ONE_LESS, refused={"C6": "got “5%”"}),
    Fault(28, "parentheses", cell("C6", "(12,5)"), cells={"C6": "-12.5"}),
    Fault(28, "scientific", cell("C6", 1.5e3), cells={"C6": "1500"}),
    Fault(28, "scientific as text", cell("C6", "1e3"), ONE_LESS, refused={"C6": "got “1e3”"}),
    Fault(
        28,
        "thousands by format below thousands by unit",
        xlsx(
            without_totals(table("EUR thousand")),
            lambda sheet: sheet["C6"].__setattr__("number_format", "#,##0,"),
        ),
        ONE_LESS,
        cells={"D6": "10000"},
        refused={"C6": "the cell's format divides by 1000 again"},
    ),
    Fault(
        29,
        "spaces and zero-width characters",
        xlsx(_changed(table(), (6, 1), "\u00a0North\u200b ")),
        cells={"C6": "10"},
    ),
    Fault(
        29,
        "a Cyrillic letter",
        xlsx(_changed(without_totals(table()), (6, 1), "N\u043erth")),
        12,
        refused={"C6": "(its “\u043e” is CYRILLIC SMALL LETTER O); did you mean “North”?"},
    ),
    *(
        Fault(30, f"{text!r} for a number", cell("C6", text), ONE_LESS, refused={"C6": "expected a number"})
        for text in ("=cmd|'/C calc'!A0", "+1+1", "@NOW", "\t5+5")
    ),
    Fault(
        30,
        "a formula for a name",
        xlsx(_changed(without_totals(table()), (6, 1), "@SUM(A1)")),
        12,
        refused={"C6": "territory “@SUM(A1)” is neither a member nor an alias"},
    ),
    Fault(31, "link to another file", calculated, cells={"C6": "10"}, notes=("formulas refer to other files",)),
    Fault(
        31,
        "external entity",
        inside(xlsx(), SHEET, lambda xml: XXE + xml),
        0,
        refused={"": f"{SHEET}: its XML declares a document type"},
    ),
    Fault(
        32,
        "a cell in the last row",
        inside(xlsx(), SHEET, _far(1_048_576, "A")),
        0,
        refused={"": "sheet Süd, cell P1048576: the used area ends there"},
    ),
    Fault(32, "a cell in the last column", inside(xlsx(), SHEET, _far(9, "XFD")), cells={"C6": "10"}),
    Fault(
        32,
        "a cell of 32,767 letters",
        cell("A6", "x" * 32_767),
        12,
        refused={"C6": "territory “" + "x" * 40},
    ),
    Fault(
        33,
        "the same budget on two sheets",
        xlsx(without_totals(table()), book_change=_add_sheet),
        refused={"West!C6": "this budget is given twice, first in sheet Süd, cell C6"},
    ),
    Fault(
        34,
        "29 February of no leap year",
        dated([["2023-02-29", 5]]),
        0,
        refused={"B2": "cell A2: expected a date (iso), found “2023-02-29”"},
        template=DATED,
    ),
    Fault(
        34,
        "calendar year for a fiscal year",
        xlsx(_calendar_year()),
        0,
        refused={"A1": "cell C5: the months begin with Jan, the fiscal year with Feb"},
    ),
]
