"""Read a file whole: values by calamine, and beside them what the file says that calamine does not.

calamine gives blanks for errors and for formulas without results, leaves leading blank columns out, and does not tell
hidden rows or number formats; all of that comes from the details and is put back here. Runs in the worker's process.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from ingestion.workbook import ods, text, xls, xlsb, xlsx
from ingestion.workbook.archive import Archive
from ingestion.workbook.details import BookDetails, SheetDetails
from ingestion.workbook.file_kinds import FileKind, file_kind, name_note
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.options import Options

CHUNK_ROWS = 5_000
_CONTROL = re.compile(r"[\x00-\x1f]")

Rows = list[list[Any]]


@dataclass(frozen=True)
class ReadSheet:
    """One sheet on its way out: what is known of it, and its rows from row 1, column A on, in chunks."""

    name: str
    rows: Iterator[Rows]
    details: SheetDetails = field(default_factory=SheetDetails)
    is_hidden: bool = False
    is_1904: bool = False
    notes: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


def read_file(content: bytes, options: Options) -> Iterator[ReadSheet]:
    """Yield the sheets of a workbook that are read, or the one table of a text.

    WorkbookRefusedError where the file cannot be read.
    """
    kind = file_kind(content, options.suffix)
    if kind == "text":
        _refuse_nothing_read(options.reads(options.stem), [options.stem])
        lines = text.read_lines(content, encoding=options.encoding, delimiter=options.delimiter)
        yield ReadSheet(options.stem, _in_chunks(lines), untold=_sentences(options.suffix, text.UNTOLD))
        return
    details = _details(kind, content, options)
    _refuse_nothing_read(bool(details.sheets), details.unread)
    details.refuse_giant()
    remark = name_note(kind, options.suffix)
    notes = (*details.notes, remark) if remark else tuple(details.notes)
    yield from _worksheets(content, details, notes, _sentences(f".{kind}", details.untold))


def _refuse_nothing_read(is_any_read: bool, names: list[str]) -> None:
    if not is_any_read:
        sheets = ", ".join(names) or "none"
        raise WorkbookRefusedError(
            f"the template reads none of its sheets ({sheets}); correct the template or the workbook"
        )


def _in_chunks(lines: Rows) -> Iterator[Rows]:
    return (lines[first : first + CHUNK_ROWS] for first in range(0, len(lines), CHUNK_ROWS))


def _sentences(name: str, untold: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"not told by {name}: {what}" for what in untold)


def _details(kind: FileKind, content: bytes, options: Options) -> BookDetails:
    if kind == "xls":
        return xls.read_details(content, options.reads)
    archive = Archive(content)
    if kind == "xlsb":
        return xlsb.read_details(archive, options.reads)
    if kind == "ods":
        return ods.read_details(archive, options.reads)
    return xlsx.read_details(archive, options.reads)


def _worksheets(
    content: bytes, details: BookDetails, notes: tuple[str, ...], untold: tuple[str, ...]
) -> Iterator[ReadSheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise WorkbookRefusedError("it is protected by a password; save it without one") from None
    except CalamineError as error:
        raise WorkbookRefusedError(f"it is damaged ({error}); save it again") from None
    with book:
        _refuse_names([metadata.name for metadata in book.sheets_metadata])
        for metadata in book.sheets_metadata:
            known = details.sheets.get(metadata.name)
            if known is None:
                continue
            hidden = metadata.visible != SheetVisibleEnum.Visible
            rows = _chunks(book, metadata.name, known)
            yield ReadSheet(metadata.name, rows, known, hidden, details.is_1904, notes, untold)


def _refuse_names(names: list[str]) -> None:
    """Raise WorkbookRefusedError where a name does not tell which sheet is meant."""
    for position, name in enumerate(names):
        if name in names[:position]:
            raise WorkbookRefusedError(f"two of its sheets are named “{name}”; rename one of them")
        if _CONTROL.search(name):
            plain = _CONTROL.sub(" ", name)
            raise WorkbookRefusedError(
                f"the name of its sheet “{plain}” has a line break or the like; rename the sheet"
            )


def _chunks(book: CalamineWorkbook, name: str, details: SheetDetails) -> Iterator[Rows]:
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError as error:
        raise WorkbookRefusedError(f"sheet {name} is damaged ({error}); save it again") from None
    done = 0
    rows = _placed(sheet)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        _mark(chunk, details, done)
        done += len(chunk)
        yield chunk
    beyond = max(details.marks, default=0)
    if beyond > done:
        tail: Rows = [[] for _ in range(beyond - done)]
        _mark(tail, details, done)
        yield tail


def _placed(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield all rows from row 1 on, with the leading blank columns that calamine leaves out."""
    leading = [""] * (sheet.start[1] if sheet.start else 0)
    return (leading + row for row in sheet.iter_rows()) if leading else iter(sheet.iter_rows())


def _mark(chunk: Rows, details: SheetDetails, done: int) -> None:
    """Put errors and formulas without results where calamine left blanks."""
    if not details.marks:
        return
    for offset, row in enumerate(chunk):
        for column, mark in details.marks.get(done + offset + 1, {}).items():
            row.extend([""] * (column - len(row)))
            row[column - 1] = mark
