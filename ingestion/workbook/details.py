"""What a file knows about a sheet beyond the values that its reader gives.

Every format has one module that fills this: `xlsx.py`, `xlsb.py`, `xls.py`, `ods.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ingestion.workbook.grid import Block, CellError, FormatRuns, Uncalculated, address
from ingestion.workbook.limits import MAX_CELLS, MAX_LOOKS, WorkbookRefusedError

Mark = CellError | Uncalculated

MACROS = "it holds macros, which were not run"
OUTSIDE = "formulas refer to other files; the results stored with them were read, nothing was opened"


@dataclass
class SheetDetails:
    """Marks by row and column, merged blocks, hidden parts, number formats; all positions are 1-based.

    `extent` is the last row and column that hold anything, as far as the file says; `is_worksheet` is False for charts
    and macro sheets.
    """

    marks: dict[int, dict[int, Mark]] = field(default_factory=dict)
    merged: list[Block] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formats: FormatRuns = field(default_factory=FormatRuns)
    extent: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)

    def mark(self, row: int, column: int, mark: Mark) -> None:
        """Note what stands in a cell instead of a value."""
        self.marks.setdefault(row, {})[column] = mark

    def reach(self, row: int, column: int) -> None:
        """Note that a cell exists."""
        if row > self.extent[0] or column > self.extent[1]:
            self.extent = max(row, self.extent[0]), max(column, self.extent[1])

    @property
    def cells(self) -> int:
        """Cells of the used area, blanks counted."""
        return self.extent[0] * self.extent[1]

    def drop_unseen(self) -> None:
        """Forget hidden rows and merged blocks below or beside the used area, where nothing is read."""
        rows, columns = self.extent
        self.hidden_rows = {row for row in self.hidden_rows if row <= rows}
        self.merged = [block for block in self.merged if block[0] <= rows and block[1] <= columns]

    @property
    def looks(self) -> dict[str, int]:
        """How much there is to remember beside the values, by what it is called."""
        rows, columns = self.extent
        covered = sum(
            max(1, (min(block[2], rows) - block[0] + 1) * (min(block[3], columns) - block[1] + 1))
            for block in self.merged
        )
        return {
            "merged cells": covered,
            "hidden columns": len(self.hidden_columns),
            "changes of number format down its columns": sum(map(len, self.formats.columns.values())),
        }


@dataclass
class BookDetails:
    """What a file knows about itself: details per sheet that is read, the epoch of serial dates, remarks.

    `reads` tells by its name whether a sheet is read; `unread` names the others. `untold` is what the file's format has
    no place for, so that nobody takes silence for an answer.
    """

    reads: Callable[[str], bool]
    sheets: dict[str, SheetDetails] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    is_1904: bool = False
    notes: list[str] = field(default_factory=list)
    untold: tuple[str, ...] = ()

    def add(self, name: str, read: Callable[[], SheetDetails]) -> None:
        """Take a sheet: looked into by `read` only where it is read."""
        if self.reads(name):
            self.sheets[name] = read()
        else:
            self.unread.append(name)

    def refuse_giant(self) -> None:
        """Raise WorkbookRefusedError where the sheets together are too large to keep."""
        total = sum(sheet.cells for sheet in self.sheets.values())
        if total > MAX_CELLS:
            name, largest = max(self.sheets.items(), key=lambda item: item[1].cells)
            rows, columns = largest.extent
            raise WorkbookRefusedError(
                f"sheet {name}, cell {address(rows, columns)}: the used area ends there, {rows} rows by {columns}"
                f" columns, and the sheets that are read have {total} cells in all, more than {MAX_CELLS} cells; delete"
                " the cells far from the table or send fewer sheets"
            )
        looks: Counter[str] = Counter()
        for name, sheet in self.sheets.items():
            sheet.drop_unseen()
            looks.update(sheet.looks)
            for what, count in looks.items():
                if count > MAX_LOOKS:
                    raise WorkbookRefusedError(
                        f"sheet {name}: the file comes to {count} {what}, more than {MAX_LOOKS}; send the table alone"
                    )
