"""Turn planning files into raw rows: which of their sheets are read, and what refuses a file as a whole.

What belongs here: files and sheets. What does not: one sheet's rows (`sheet.py`), opening files
(`ingestion.workbook`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from ingestion.casting import MISFIT
from ingestion.sources.budget.header import LayoutError
from ingestion.sources.budget.layout import find_layout
from ingestion.sources.budget.members import Members
from ingestion.sources.budget.sheet import Row, SheetReader, SheetSummary, origin
from ingestion.sources.budget.templates import Template
from ingestion.sources.budget.versions import VersionedFile
from ingestion.workbook.grid import Grid
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.sandbox import read_grids

MAX_NUMBERS = 250_000
"""Numbers of one file: each becomes a row, and all rows of a file are in memory at a time."""


def read_file(
    versioned: VersionedFile,
    members: Members,
    note: Callable[[str], None],
    watch: Callable[[SheetSummary], None] | None = None,
) -> Iterator[Row]:
    """Yield the rows of all sheets that the template reads.

    `note` is told what is worth knowing, `watch` is given each sheet's summary when it has been read. A file that
    cannot be read gives one row with the reason and nothing else.
    """
    template, file = versioned.template, versioned.file
    try:
        grids = read_grids(
            file.content,
            PurePosixPath(file.name).name,
            encoding=template.encoding,
            delimiter=template.delimiter,
            include=template.sheets.include,
            exclude=template.sheets.exclude,
        )
        _refuse_many_numbers(grids, template)
    except WorkbookRefusedError as error:
        yield _refused(versioned, f"file {file.name}: {error}; nothing of the file was loaded")
        return
    taken: dict[tuple[Any, ...], str] = {}
    for grid in grids:
        sheet = SheetReader(versioned, grid, members, taken)
        yield from sheet.rows(note)
        if watch:
            watch(sheet.summary)


def _refused(versioned: VersionedFile, reason: str) -> Row:
    return origin(versioned, "", "") | {MISFIT: reason}


def _refuse_many_numbers(grids: list[Grid], template: Template) -> None:
    """Raise WorkbookRefusedError where more numbers would become rows than the memory of one load has room for."""
    count = sum(_numbers(grid, template) for grid in grids)
    if count > MAX_NUMBERS:
        raise WorkbookRefusedError(
            f"its tables hold {count} cells to load, more than {MAX_NUMBERS}; send it in several files, by year or by"
            " territory"
        )


def _numbers(grid: Grid, template: Template) -> int:
    try:
        layout = find_layout(grid, template)
    except LayoutError:
        return 0
    columns = [column - 1 for column in layout.periods]
    return sum(
        column < len(row) and row[column] not in ("", None)
        for row in grid.rows[layout.header_row :]
        for column in columns
    )
