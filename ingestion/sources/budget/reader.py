"""Turn planning files into raw rows: which of their sheets are read, and what refuses a file as a whole.

What belongs here: files and sheets. What does not: one sheet's rows (`sheet.py`), opening files
(`ingestion.workbook`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from typing import Any

from ingestion.casting import MISFIT
from ingestion.sources.budget.members import Members
from ingestion.sources.budget.sheet import Row, SheetReader, SheetSummary, origin
from ingestion.sources.budget.templates import Template
from ingestion.sources.budget.versions import VersionedFile
from ingestion.workbook.grid import Grid
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.sandbox import read_grids


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
        grids = read_grids(file.content, file.path.name, encoding=template.encoding, delimiter=template.delimiter)
    except WorkbookRefusedError as error:
        yield _refused(versioned, f"file {file.name}: {error}; nothing of the file was loaded")
        return
    chosen = [grid for grid in grids if _is_read(grid, template)]
    if not chosen:
        sheets = ", ".join(grid.sheet for grid in grids) or "none"
        yield _refused(
            versioned,
            f"file {file.name}: template {template.name} reads none of its sheets ({sheets}); correct the template or"
            " the workbook",
        )
    taken: dict[tuple[Any, ...], str] = {}
    for grid in chosen:
        sheet = SheetReader(versioned, grid, members, taken)
        yield from sheet.rows(note)
        if watch:
            watch(sheet.summary)


def _refused(versioned: VersionedFile, reason: str) -> Row:
    return origin(versioned, "", "") | {MISFIT: reason}


def _is_read(grid: Grid, template: Template) -> bool:
    name = grid.sheet.casefold()
    if template.sheets.include:
        return any(fnmatch(name, pattern.casefold()) for pattern in template.sheets.include)
    return not any(fnmatch(name, pattern.casefold()) for pattern in template.sheets.exclude)
