"""A sheet as a grid of cells with their addresses.

What belongs here: values, marks and positions. What does not: opening files, what the cells mean.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_BLANKS = str.maketrans({"\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None})
ERROR_CODES = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""Errors of spreadsheet programs, as they stand in formats that know text only."""

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")

Block = tuple[int, int, int, int]
"""First row, first column, last row, last column; 1-based."""


@dataclass(frozen=True, slots=True)
class Uncalculated:
    """A formula whose result was never stored in the file; `formula` is empty where the format does not give it."""

    formula: str

    def __str__(self) -> str:
        return f"={self.formula.removeprefix('=')}" if self.formula else "a formula"


@dataclass(frozen=True, slots=True)
class CellError:
    """An error that stands in a cell instead of a value: #N/A, #DIV/0!, #REF! and so on."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a cell's number format says about its number.

    `currency` is a symbol or code shown with it; `scale` is what the shown number is divided by (`#,##0,` gives 1000);
    `named` is what a word beside the digits multiplies it by (`0 "k€"` gives 1000), 1 where it only undoes `scale`.
    """

    is_percent: bool = False
    currency: str = ""
    scale: int = 1
    named: int = 1


@dataclass
class FormatRuns:
    """Number formats of a sheet, as runs down each column: `columns[c]` lists (first row, last row, format)."""

    columns: dict[int, list[tuple[int, int, NumberFormat]]] = field(default_factory=dict)

    def add(self, row: int, column: int, number_format: NumberFormat) -> None:
        """Note one cell; cells of a column come in the order of their rows."""
        runs = self.columns.setdefault(column, [])
        if runs and runs[-1][1] + 1 == row and runs[-1][2] == number_format:
            runs[-1] = (runs[-1][0], row, number_format)
        else:
            runs.append((row, row, number_format))

    def at(self, row: int, column: int) -> NumberFormat | None:
        """Return what is known of a cell's format."""
        runs = self.columns.get(column, [])
        position = bisect_right(runs, row, key=lambda run: run[0]) - 1
        return runs[position][2] if position >= 0 and runs[position][1] >= row else None


@dataclass(frozen=True)
class Grid:
    """One sheet: `rows[r - 1][c - 1]` is the value at row r, column c, '' or None for a blank cell; a row ends with its
    last filled cell.

    A merged block (`merged`) holds its value everywhere when asked by `value`. `hidden_rows` and `hidden_columns` are
    1-based numbers; `is_hidden` is the whole sheet's state. `is_1904` tells from which day serial dates count. `notes`
    are sentences worth knowing about the sheet; `untold` are those on what its format has no place for.
    """

    sheet: str
    rows: tuple[tuple[Any, ...], ...]
    merged: tuple[Block, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formats: FormatRuns = field(default_factory=FormatRuns)
    is_hidden: bool = False
    is_1904: bool = False
    notes: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    @cached_property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    @cached_property
    def _anchors(self) -> dict[tuple[int, int], Block]:
        height = len(self.rows)
        return {
            (row, column): block
            for block in self.merged
            for row in range(block[0], min(block[2], height) + 1)
            for column in range(block[1], min(block[3], self.width) + 1)
        }

    def merged_block(self, row: int, column: int) -> Block | None:
        """Return the merged block that a cell belongs to."""
        return self._anchors.get((row, column))

    def value(self, row: int, column: int) -> Any:
        """Return the value at a 1-based position; None for a blank cell and outside the grid."""
        block = self._anchors.get((row, column))
        if block is not None:
            row, column = block[:2]
        if not 1 <= row <= len(self.rows) or not 1 <= column <= len(self.rows[row - 1]):
            return None
        value = self.rows[row - 1][column - 1]
        return None if value == "" else value

    def text(self, row: int, column: int) -> str:
        """Return the cleaned text at a position, empty for a blank cell."""
        return clean(self.value(row, column))


def clean(value: Any) -> str:
    """Return a cell's value as text: no line breaks, no-break or zero-width blanks; whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return " ".join(str(value).translate(_BLANKS).split())


def column_letters(column: int) -> str:
    """Return a column's letters: 1 is A, 28 is AB."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return a cell's address: row 7, column 2 is B7."""
    return f"{column_letters(column)}{row}"


def position(text: str) -> tuple[int, int] | None:
    """Return (row, column) of an address such as B7; None if it is none."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def block_address(block: Block) -> str:
    """Return a block's address: B7:C9."""
    return f"{address(*block[:2])}:{address(*block[2:])}"


def row_list(rows: Iterable[int]) -> str:
    """Return row numbers as people write them: 3, 5–9."""
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs(rows))


def column_list(columns: Iterable[int]) -> str:
    """Return columns as people write them: C, F–XFD."""
    ends = [(column_letters(first), column_letters(last)) for first, last in runs(columns)]
    return ", ".join(first if first == last else f"{first}–{last}" for first, last in ends)


def runs(numbers: Iterable[int]) -> list[list[int]]:
    """Return numbers as runs of a first and a last one, in order."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] + 1 == number:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
