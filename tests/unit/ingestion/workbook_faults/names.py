"""Names: unknown, misspelt, with letters of other scripts, formulas."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from workbook_faults.fault import Fault, Make, changed, plain, table, xlsx


def rep(value: str, kind: str) -> Make:
    """Return a maker of the table with a rep, of whom no alias tells, in its first row."""

    def change(sheet: Worksheet) -> None:
        sheet.insert_cols(3)
        sheet["C5"], sheet["C6"] = "Rep", value
        sheet["C6"].data_type = kind

    return xlsx(plain(), change)


NAMES = [
    Fault(
        25,
        "unknown name",
        xlsx(changed(plain(), (6, 1), "Nrth")),
        12,
        refused={"C6": "territory “Nrth” is neither a member nor an alias; did you mean “North”?"},
    ),
    Fault(
        25,
        "unknown product category",
        xlsx(changed(plain(), (7, 2), "Pomps")),
        12,
        refused={"C7": "category “Pomps” is neither a member nor an alias; did you mean “Pumps”?"},
    ),
    Fault(
        29,
        "spaces and zero-width characters",
        xlsx(changed(table(), (6, 1), "\u00a0North\u200b ")),
        cells={"C6": "10"},
    ),
    Fault(
        29,
        "a Cyrillic letter",
        xlsx(changed(plain(), (6, 1), "N\u043erth")),
        12,
        refused={"C6": "(its “\u043e” is CYRILLIC SMALL LETTER O); did you mean “North”?"},
    ),
    Fault(
        30,
        "a formula for a name",
        xlsx(changed(plain(), (6, 1), "@SUM(A1)")),
        12,
        refused={"C6": "territory “@SUM(A1)” is neither a member nor an alias"},
    ),
    Fault(
        25,
        "an error for a name",
        rep("#N/A", "e"),
        12,
        refused={"D6": "sheet Süd, cell C6: expected the sales_rep, found the error #N/A; correct its formula"},
    ),
    Fault(
        25,
        "an error for a name, as text",
        rep("#REF!", "s"),
        12,
        refused={"D6": "sheet Süd, cell C6: expected the sales_rep, found the error #REF!; correct its formula"},
    ),
    Fault(
        25,
        "a formula without result for a name",
        rep("=VLOOKUP(1,X:Y,2)", "f"),
        12,
        refused={"D6": "cell C6: expected the sales_rep, found =VLOOKUP(1,X:Y,2); open and save the file in Excel"},
    ),
]
