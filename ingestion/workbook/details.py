"""What a file knows about a sheet beyond the values that its reader gives.

Every format has one module that fills this: `xlsx.py`, `xlsb.py`, `xls.py`, `ods.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.workbook.grid import Block, CellError, FormatRuns, Uncalculated, address
from ingestion.workbook.limits import MAX_CELLS, MAX_MERGED_CELLS, WorkbookRefusedError

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

    def refuse_giant(self, sheet: str) -> None:
        """Raise WorkbookRefusedError where the sheet's used area or its merged blocks are too large to keep."""
        rows, columns = self.extent
        if rows * columns > MAX_CELLS:
            raise WorkbookRefusedError(
                f"sheet {sheet}, cell {address(rows, columns)}: the used area ends there, {rows} rows by {columns}"
                f" columns, more than {MAX_CELLS} cells; delete the cells far from the table"
            )
        covered = sum(
            max(0, min(block[2], rows) - block[0] + 1) * max(0, min(block[3], columns) - block[1] + 1)
            for block in self.merged
        )
        if covered > MAX_MERGED_CELLS:
            raise WorkbookRefusedError(
                f"sheet {sheet}: its merged blocks cover {covered} cells, more than {MAX_MERGED_CELLS}; unmerge them"
            )


@dataclass
class BookDetails:
    """What a file knows about itself: details per sheet name, the epoch of serial dates, remarks.

    `untold` is what its format has no place for, so that nobody takes silence for an answer.
    """

    sheets: dict[str, SheetDetails] = field(default_factory=dict)
    is_1904: bool = False
    notes: list[str] = field(default_factory=list)
    untold: tuple[str, ...] = ()
