"""Names: unknown, misspelt, with letters of other scripts, formulas."""

from __future__ import annotations

from workbook_faults.fault import Fault, changed, plain, table, xlsx

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
]
