"""Where things stand on a budget sheet: title block, two header rows, months with quarter totals, notes.

Rows and columns count from 0; `address` gives the name that a person sees. Only geometry, no numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

MONTHS = ("Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan")
"""The fiscal year's months in order: Jan is the last period and lies in the next calendar year."""

QUARTERS = (
    "1st quarter (Feb–Apr)", "2nd quarter (May–Jul)", "3rd quarter (Aug–Oct)", "4th quarter (Nov–Jan)"
)  # fmt: skip
TITLE_ROW, SUBTITLE_ROW, UNIT_ROW, APPROVED_ROW, AUTHOR_ROW = 0, 1, 2, 3, 4
QUARTER_ROW, HEADER_ROW, BODY_ROW = 6, 7, 8


@dataclass(frozen=True)
class Layout:
    """The columns of one sheet; `has_rep` adds a column for the sales rep."""

    has_rep: bool

    @property
    def members(self) -> tuple[str, ...]:
        """Header texts of the columns that name a row."""
        return ("Territory", "Category", "Rep") if self.has_rep else ("Territory", "Category")

    def month(self, index: int) -> int:
        """Column of a fiscal month, 0 = Feb."""
        return len(self.members) + index + index // 3

    def quarter(self, index: int) -> int:
        """Column of a quarter's total, 0 = the first quarter."""
        return len(self.members) + index * 4 + 3

    @property
    def year(self) -> int:
        """Column of the fiscal year's total."""
        return len(self.members) + 16

    @property
    def memo(self) -> int:
        """Column of last year's numbers, hidden where it exists."""
        return self.year + 1


def address(row: int, column: int) -> str:
    """Name of a cell, such as D9."""
    letters = ""
    rest = column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row + 1}"
