"""Dates: the epoch of 1904, orders of day and month, serial numbers, days that there are not."""

from __future__ import annotations

from datetime import datetime

from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook

from demo.workbooks.malformed.tables import Rows, Table
from workbook_faults.fault import Fault, Make, xlsx

DATED = """
templates:
  - name: dated
    files: "*"
    version: {label: Dated}
    header: {anchor: Date}
    periods: {kind: date_rows, date_column: Date, value_column: Budget}
    currency: EUR
"""


def dated(rows: Rows, *, is_1904: bool = False) -> Make:
    """Return a maker of a list of dates with one number each."""

    def epoch(book: Workbook) -> None:
        if is_1904:
            book.epoch = CALENDAR_MAC_1904

    return xlsx(Table([["Date", "Budget"], *rows]), book_change=epoch)


DATES = [
    Fault(
        7,
        "1904 dates",
        dated([[datetime(2024, 2, 29), 5]], is_1904=True),
        1,
        {"B2": "2024-02-29"},
        template=DATED,
        written=1,
    ),
    Fault(
        8,
        "a text date in no declared order",
        dated([["03/04/2024", 5]]),
        0,
        refused={"B2": "cell A2: expected a date (iso), found “03/04/2024”; say in the template"},
        template=DATED,
        written=1,
    ),
    Fault(
        8, "d/m/y", dated([["03/04/2024", 5]]), 1, {"B2": "2024-04-03"}, template=DATED + "    dates: dmy\n", written=1
    ),
    Fault(
        8, "m/d/y", dated([["03/04/2024", 5]]), 1, {"B2": "2024-03-04"}, template=DATED + "    dates: mdy\n", written=1
    ),
    Fault(
        9,
        "a serial date",
        dated([[45351, 5]]),
        1,
        {"B2": "2024-02-29"},
        notes=("A2: 45351 is 2024-02-29",),
        template=DATED,
        written=1,
    ),
    Fault(
        9,
        "a serial date of 1904",
        dated([[43889, 5]], is_1904=True),
        1,
        {"B2": "2024-02-29"},
        notes=("A2: 43889 is 2024-02-29",),
        template=DATED,
        written=1,
    ),
    Fault(
        9,
        "a serial date with hours",
        dated([[45351.5, 5]]),
        0,
        refused={"B2": "cell A2: expected a date, found the number 45351.5"},
        template=DATED,
        written=1,
    ),
    Fault(
        34,
        "29 February of no leap year",
        dated([["2023-02-29", 5]]),
        0,
        refused={"B2": "cell A2: expected a date (iso), found “2023-02-29”"},
        template=DATED,
        written=1,
    ),
    *(
        Fault(
            34,
            f"a date with {what} behind it",
            dated([[text, 5]]),
            0,
            refused={"B2": f"cell A2: expected a date (iso), found “{text}”"},
            template=DATED,
            written=1,
        )
        for what, text in [
            ("another", "2024-02-29 – 2024-12-31"),
            ("a word", "2024-02-29 latest"),
            ("a number", "2024-02-29 12"),
        ]
    ),
    Fault(
        34,
        "a date with a time behind it",
        dated([["2024-02-29 00:00:00", 5]]),
        1,
        {"B2": "2024-02-29"},
        template=DATED,
        written=1,
    ),
    Fault(
        34,
        "a number too large for a date",
        dated([[1e300, 5]]),
        0,
        refused={"B2": "cell A2: expected a date, found the number 1e+300"},
        template=DATED,
        written=1,
    ),
]
