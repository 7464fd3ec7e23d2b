"""Find a sheet's header: which rows it takes, and what stands above each column.

What belongs here: the header rows and the search for a column by its name. What does not: what a column is for
(`layout.py`, `total_columns.py`) and what the texts mean (`months.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.sources.budget.months import month_named, month_of
from ingestion.sources.budget.templates import Template
from ingestion.workbook.grid import Grid, address, clean

_FEWEST_MATCHES = 2
_MOST_NAMES = 12


class LayoutError(ValueError):
    """A sheet that is not laid out as its template says; the message says what was expected and where."""


@dataclass(frozen=True)
class Header:
    """The header rows: `texts[column]` are a column's texts from top to bottom, the last that is filled names it.

    `months` are the names of months that the template gives, for the texts that name one.
    """

    row: int
    texts: dict[int, tuple[str, ...]]
    values: dict[int, tuple[object, ...]]
    months: Sequence[str] = ()

    def name(self, column: int) -> str:
        """Return what names a column, '' where nothing stands above it."""
        return next((text for text in reversed(self.texts[column]) if text), "")

    def find(self, text: str) -> int | None:
        """Return the column of that name; LayoutError where there are several."""
        wanted = clean(text).casefold()
        found = [column for column in self.texts if self.name(column).casefold() == wanted]
        if len(found) > 1:
            places = ", ".join(address(self.row, column) for column in found)
            raise LayoutError(f"the header “{text}” occurs {len(found)} times ({places})")
        return found[0] if found else None

    def required(self, text: str, way_out: str = "") -> int:
        """Return the column of that name; LayoutError names those that there are, and may end with a `way_out`."""
        column = self.find(text)
        if column is None:
            near = self.nearest(text)
            hint = f"; did you mean “{near}”?" if near else ""
            names = self._names()
            more = ", …" if len(names) > _MOST_NAMES else ""
            there = f"it has {', '.join(names[:_MOST_NAMES])}{more}" if names else "it names none but months"
            raise LayoutError(
                f"no column “{text}” in header row {self.row} ({there}{hint}); correct the sheet or the template"
                f"{way_out}"
            )
        return column

    def nearest(self, text: str) -> str | None:
        """Return the column's name that is spelt most like `text`, None where none is near."""
        names = {name.casefold(): name for name in self._names()}
        near = difflib.get_close_matches(clean(text).casefold(), list(names), n=1, cutoff=0.75)
        return names[near[0]] if near else None

    def says(self, column: int, text: str | None) -> bool:
        """Return whether any row of the header says `text` above a column."""
        return text is None or any(part.casefold() == text.casefold() for part in self.texts[column])

    def is_month(self, column: int) -> bool:
        """Return whether any row of the header gives a month above a column."""
        named = any(month_named(text, self.months) for text in self.texts[column])
        return named or month_of(self.values[column], self.months) is not None

    def _names(self) -> list[str]:
        names = [self.name(column) for column in self.texts if not self.is_month(column)]
        return list(dict.fromkeys(name for name in names if name))


def find_header(grid: Grid, template: Template) -> Header:
    """Return the sheet's header; LayoutError where there is none."""
    first, last = _header_rows(grid, template)
    columns = range(1, grid.width + 1)
    values = {c: tuple(grid.value(row, c) for row in range(first, last + 1)) for c in columns}
    texts = {c: tuple(map(clean, parts)) for c, parts in values.items()}
    return Header(last, texts, values, template.month_names)


def _header_rows(grid: Grid, template: Template) -> tuple[int, int]:
    """Return the first and the last header row."""
    row, column = _anchored(grid, template) if template.header.anchor else _guessed(grid, template)
    block = grid.merged_block(row, column)
    first, last = (block[0], block[2]) if block else (row, row)
    return max(1, min(first, last - template.header.rows + 1)), last


def _anchored(grid: Grid, template: Template) -> tuple[int, int]:
    wanted = (template.header.anchor or "").casefold()
    for row in range(1, min(template.header.within_rows, len(grid.rows)) + 1):
        for column in range(1, grid.width + 1):
            if grid.text(row, column).casefold() == wanted:
                return row, column
    raise LayoutError(
        f"no cell “{template.header.anchor}” starts a header in the first {template.header.within_rows} rows"
    )


def _guessed(grid: Grid, template: Template) -> tuple[int, int]:
    """Return the first match in the first of those rows that hold the most declared names and months.

    As many rows are looked at together as the template says that the header has.
    """
    names = {text.casefold() for text in (*template.row_columns.values(), template.only or "") if text}
    depth, best, place = template.header.rows, 0, (0, 0)
    for last in range(1, min(template.header.within_rows, len(grid.rows)) + 1):
        window = [(row, c) for row in range(max(1, last - depth + 1), last + 1) for c in range(1, grid.width + 1)]
        matches = [cell for cell in window if _is_header_cell(grid, *cell, names, template.month_names)]
        if len(matches) > best:
            best, place = len(matches), next((cell for cell in matches if cell[0] == last), (last, 1))
    if best < _FEWEST_MATCHES:
        raise LayoutError(
            f"no row among the first {template.header.within_rows} looks like a header: none holds"
            f" {', '.join(template.row_columns.values()) or 'months'}; give an anchor in the template"
        )
    return place


def _is_header_cell(grid: Grid, row: int, column: int, names: set[str], months: Sequence[str]) -> bool:
    text = grid.text(row, column)
    if not text:
        return False
    is_month = month_named(text, months) is not None or month_of([grid.value(row, column)], months) is not None
    return text.casefold() in names or is_month
