"""Numbers: texts, errors, formulas without results, currencies, percentages, scales."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt
from openpyxl.worksheet.worksheet import Worksheet
from workbook_formats import write_ods, write_xls, write_xlsb

from demo.workbooks.malformed.tables import number_calculated
from workbook_faults.fault import ONE_LESS, SHEET, Fault, Make, changed, plain, xlsx


def cell(place: str, value: Any, number_format: str | None = None) -> Make:
    """Return a maker of the table with one cell changed and no totals."""

    def change(sheet: Worksheet) -> None:
        sheet[place] = value
        if isinstance(value, str) and value.startswith("#"):
            sheet[place].data_type = "e"
        elif isinstance(value, str) and value[:1] in "=+@\t" and value[1:2] not in "SA1":
            sheet[place].data_type = "s"
        if number_format:
            sheet[place].number_format = number_format

    return xlsx(plain(), change)


def calculated(formula: str, result: Any) -> Make:
    """Return a maker of the table with a formula in its first cell, whose result is stored as Excel stores it."""

    def make(folder: Path) -> Path:
        path = folder / "Plan_FY2024_v1.xlsx"
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet(SHEET)
            for r, row in enumerate(plain().rows):
                sheet.write_row(r, 0, ["" if value is None else value for value in row])
            sheet.write_formula("C6", formula, None, result)
        return path

    return make


NUMBERS = [
    Fault(3, "text for a number", cell("C6", "TBD"), ONE_LESS, refused={"C6": "expected a number"}),
    Fault(3, "n/a", cell("C6", "n/a"), ONE_LESS, refused={"C6": "got “n/a”"}),
    Fault(
        3,
        "yes or no for a number",
        cell("C6", True),
        ONE_LESS,
        refused={"C6": "expected a number, got True; write the number, or give the cell a number's format"},
    ),
    Fault(3, "a dash is zero", cell("C6", "-"), cells={"C6": "0"}),
    Fault(3, "blank is missing", cell("C6", None), ONE_LESS, cells={"C6": ""}, written=ONE_LESS),
    Fault(4, "a number written as text", cell("C6", "12"), cells={"C6": "12"}),
    Fault(
        5,
        "formula without result",
        xlsx(number_calculated(plain())),
        ONE_LESS,
        refused={"C6": "the formula =5+5 has no stored result"},
    ),
    Fault(
        5,
        "formula with a stored 0 that nobody may have calculated",
        calculated("=5+5", 0),
        cells={"C6": "0"},
        notes=("cell C6: the formula's stored 0 may never have been calculated; open and save the file in Excel",),
    ),
    Fault(
        5,
        "formula without result in .xls",
        lambda folder: write_xls(
            folder / "Plan.xls",
            SHEET,
            changed(plain(), (6, 3), None).rows,
            lambda sheet: sheet.write(5, 2, xlwt.Formula("5+5")),
        ),
        ONE_LESS,
        refused={"C6": "a formula has no stored result"},
    ),
    Fault(
        5,
        "formula without result in .ods",
        lambda folder: write_ods(folder / "Plan.ods", SHEET, plain().rows, {(6, 3): {"formula": "of:=5+5"}}),
        ONE_LESS,
        refused={"C6": "the formula =5+5 has no stored result"},
    ),
    *(
        Fault(6, code, cell("C6", code), ONE_LESS, refused={"C6": f"the cell holds the error {code}"})
        for code in ("#N/A", "#DIV/0!", "#REF!")
    ),
    Fault(
        6,
        "#N/A in .xls",
        lambda folder: write_xls(
            folder / "Plan.xls",
            SHEET,
            changed(plain(), (6, 3), None).rows,
            lambda sheet: sheet.row(5).set_cell_error(2, 42),
        ),
        ONE_LESS,
        refused={"C6": "the cell holds the error #N/A"},
    ),
    Fault(
        6,
        "#N/A in .xlsb",
        lambda folder: write_xlsb(folder / "Plan.xlsb", SHEET, plain().rows, {(6, 3): 42}),
        ONE_LESS,
        refused={"C6": "the cell holds the error #N/A"},
    ),
    Fault(
        6,
        "#DIV/0! in .ods",
        lambda folder: write_ods(
            folder / "Plan.ods",
            SHEET,
            plain().rows,
            {(6, 3): {"valuetype": "string", "formula": "of:=1/0", "text": "#DIV/0!"}},
        ),
        ONE_LESS,
        refused={"C6": "the cell holds the error #DIV/0!"},
    ),
    Fault(24, "negative budget", cell("C6", -7.25), cells={"C6": "-7.25"}),
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
    *(
        Fault(
            26,
            f"another currency as format {code}",
            cell("C6", 5, code),
            ONE_LESS,
            refused={"C6": f"the cell is in {symbol}, the sheet in EUR"},
        )
        for code, symbol in (
            ("#,##0 [$₽-419]", "₽"),
            ("#,##0 [$₹-4009]", "₹"),
            ("#,##0 [$R$-416]", "R$"),
            ("[$XDR] #,##0", "XDR"),
            ('#,##0 "₺"', "₺"),
            ('#,##0 "Fr."', "Fr."),
        )
    ),
    Fault(26, "the sheet's currency as format", cell("C6", 5, "#,##0.00 [$€-407]"), cells={"C6": "5"}),
    Fault(27, "1.234,56", cell("C6", "1.234,56"), cells={"C6": "1234.56"}),
    Fault(27, "1,234.56", cell("C6", "1,234.56"), ONE_LESS, refused={"C6": "expected a number written the de way"}),
    Fault(28, "percent format", cell("C6", 0.5, "0%"), ONE_LESS, refused={"C6": "shows 0.5 as a percentage"}),
    *(
        Fault(28, f"percent format {code}", cell("C6", 5, code), ONE_LESS, refused={"C6": "as a percentage"})
        for code in ('0"%"', '[=0]"-";0%', "0\\ \\%")
    ),
    *(
        Fault(28, f"unit in the format {code}", cell("C6", 5, code), ONE_LESS, refused={"C6": f"in units of {unit};"})
        for code, unit in (
            ('#,##0 "T€"', 1_000),
            ('#,##0 "k€"', 1_000),
            ('[=0]"-";#,##0\\ \\k\\€', 1_000),
            ('0.0 "Mio. €"', 1_000_000),
            ('0.0,"M"', 1_000_000),
        )
    ),
    Fault(28, "a word that undoes the format's scale", cell("C6", 5, '[>999]#,##0, "k€";0 "€"'), cells={"C6": "5"}),
    Fault(
        28,
        "the sheet's unit in the format",
        xlsx(plain("EUR thousand"), lambda sheet: sheet["C6"].__setattr__("number_format", '#,##0 "T€"')),
        cells={"C6": "10000"},
    ),
    Fault(
        28,
        "thousands by the second section below thousands by unit",
        xlsx(
            plain("EUR thousand"),
            lambda sheet: sheet["C6"].__setattr__("number_format", "[<1000]0;#,##0,"),
        ),
        ONE_LESS,
        refused={"C6": "the cell's format divides by 1000 again"},
    ),
    Fault(28, "percent as text", cell("C6", "5%"), ONE_LESS, refused={"C6": "got “5%”"}),
    Fault(28, "parentheses", cell("C6", "(12,5)"), cells={"C6": "-12.5"}),
    Fault(28, "scientific", cell("C6", 1.5e3), cells={"C6": "1500"}),
    Fault(28, "scientific as text", cell("C6", "1e3"), ONE_LESS, refused={"C6": "got “1e3”"}),
    *(
        Fault(
            28,
            f"{value!r:.40} is more than the warehouse holds",
            cell("C6", value),
            ONE_LESS,
            refused={"C6": f"sheet Süd, cell C6: expected a number below 1e+14, found {shown}; correct it"},
        )
        for value, shown in [
            (1e25, "1e+25"),
            (-1e15, "-1.00000e+15"),
            ("9" * 30, "1.00000e+30"),
            ("99999999999999,99995", "1.00000e+14"),
        ]
    ),
    Fault(28, "as much as the warehouse holds", cell("C6", "99999999999999,9999"), cells={"C6": "99999999999999.9999"}),
    Fault(
        28,
        "more than the warehouse holds in thousands",
        xlsx(plain("EUR thousand"), lambda sheet: sheet["C6"].__setattr__("value", 10**11)),
        ONE_LESS,
        refused={"C6": "cell C6: expected a number below 1e+14, found 1.00000e+14; correct it"},
    ),
    Fault(
        28,
        "thousands by format below thousands by unit",
        xlsx(
            plain("EUR thousand"),
            lambda sheet: sheet["C6"].__setattr__("number_format", "#,##0,"),
        ),
        ONE_LESS,
        cells={"D6": "10000"},
        refused={"C6": "the cell's format divides by 1000 again"},
    ),
    *(
        Fault(30, f"{text!r} for a number", cell("C6", text), ONE_LESS, refused={"C6": "expected a number"})
        for text in ("=cmd|'/C calc'!A0", "+1+1", "-2+3", "@NOW", "\t5+5", '=HYPERLINK("https://x.example","5")')
    ),
    Fault(
        30,
        "a hyperlink's formula with its result as text",
        calculated('=HYPERLINK("https://x.example","5 EUR more")', "5 EUR more"),
        ONE_LESS,
        refused={"C6": "got “5 EUR more”"},
    ),
    Fault(
        31,
        "a formula that asks another program, with its result",
        calculated("=cmd|'/C calc'!A0", 10),
        cells={"C6": "10"},
        notes=("formulas refer to other files",),
    ),
]
