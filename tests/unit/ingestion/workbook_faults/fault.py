"""One faulty file with its outcome, and the small workbooks from which faults are made.

The table, its usual bad layouts and its bytes are those of the demo's malformed workbooks (`demo.workbooks.malformed`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from workbook_files import TEMPLATES

from demo.workbooks.malformed.files import book_bytes, new_book
from demo.workbooks.malformed.tables import Line, Table, budget_table, without_totals

Make = Callable[[Path], Path]
"""Writes a file into a folder and returns its path."""

SHEET = "Süd"
WHOLE = 24
"""Numbers of the whole sheet."""
ONE_LESS = WHOLE - 1


@dataclass(frozen=True)
class Fault:
    """One file and its outcome.

    `count` numbers are loaded, among them those of `cells` (address → amount, or period for dates); `refused` gives
    the sentence by cell ('' for the whole file, A1 for a whole sheet); `notes` are told. `written` numbers are in the
    file: each is loaded or refused, unless the whole file or sheet is refused.
    """

    number: int
    name: str
    make: Make
    count: int = WHOLE
    cells: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    template: str = TEMPLATES
    written: int = WHOLE

    @property
    def is_refused_as_a_whole(self) -> bool:
        """Whether one sentence stands for all numbers of the file or its sheet."""
        return bool(self.refused.keys() & {"", "A1"})

    def __str__(self) -> str:
        return f"{self.number:02d} {self.name}"


def table(unit: str = "EUR") -> Table:
    """A sheet of two rows and twelve months with quarter and year totals, header in row 5, body in rows 6 and 7."""
    lines = [Line(("North", category), (amount,) * 12) for category, amount in (("Pumps", 10), ("Valves", 2))]
    return budget_table(lines, unit)


def plain(unit: str = "EUR") -> Table:
    """The same without any total, for faults that change a number."""
    return without_totals(table(unit))


def changed(whole: Table, place: tuple[int, int], value: Any) -> Table:
    """The table with another value at a 1-based row and column."""
    rows = [list(row) for row in whole.rows]
    rows[place[0] - 1][place[1] - 1] = value
    return replace(whole, rows=rows)


def xlsx(
    whole: Table | None = None,
    change: Callable[[Worksheet], None] | None = None,
    *,
    book_change: Callable[[Workbook], None] | None = None,
    at: tuple[int, int] = (1, 1),
) -> Make:
    """Return a maker of a workbook with one sheet `Süd`, its table's corner at row and column `at`."""

    def make(folder: Path) -> Path:
        book = new_book(SHEET, whole or table(), at)
        if change:
            change(book.worksheets[0])
        if book_change:
            book_change(book)
        return written(folder / "Plan_FY2024_v1.xlsx", book_bytes(book))

    return make


def content(text: bytes, name: str) -> Make:
    """Return a maker of a file with these bytes."""
    return lambda folder: written(folder / name, text)


def written(path: Path, text: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(text)
    return path
