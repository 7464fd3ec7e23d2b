"""A delimited text file as one grid: every cell is text."""

from __future__ import annotations

import csv
import io
from collections import Counter

from ingestion.workbook.grid import address
from ingestion.workbook.limits import MAX_CELLS, MAX_TEXT, WorkbookRefusedError

_DELIMITERS = (";", "\t", "|", ",")
_LOOKED_AT = 50
UNTOLD = ("hidden rows and columns, merged cells, number formats, formulas and their errors",)

Lines = list[list[str]]


def read_lines(content: bytes, *, encoding: str, delimiter: str | None) -> Lines:
    """Return the cells of a text; without a `delimiter` the one by which most of its first lines are alike."""
    text = _decoded(content, encoding)
    lines = _split(text, delimiter or _guessed(text))
    width = max((len(line) for line in lines), default=0)
    if len(lines) * width > MAX_CELLS:
        raise WorkbookRefusedError(f"it has {len(lines)} lines of up to {width} cells, more than {MAX_CELLS} in all")
    for row, line in enumerate(lines, start=1):
        for column, cell in enumerate(line, start=1):
            if len(cell) > MAX_TEXT:
                raise WorkbookRefusedError(f"cell {address(row, column)} holds {len(cell)} characters")
    return lines


def _split(text: str, separator: str) -> Lines:
    """Return the cells of each record; refused is a quote that stands alone, which would swallow the lines after it."""
    lines: Lines = []
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    begun = 1
    try:
        for line in reader:
            if any(_holds_a_line(cell, separator, len(line)) for cell in line):
                raise WorkbookRefusedError(_stray_quote(begun, "takes in whole lines"))
            lines.append(line)
            begun = reader.line_num + 1
    except csv.Error as error:
        raise WorkbookRefusedError(_stray_quote(begun, f"is not closed as it should be ({error})")) from None
    return lines


def _holds_a_line(cell: str, separator: str, width: int) -> bool:
    """Return whether a quoted cell holds line breaks and, in one of its lines, as many separators as a record."""
    return width > 1 and "\n" in cell and any(part.count(separator) >= width - 1 for part in cell.splitlines())


def _stray_quote(line: int, problem: str) -> str:
    return f'a quote (") of line {line} {problem}; close it, or write it twice where it is part of a name'


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        raise WorkbookRefusedError(
            f"it is not readable as {encoding} text: {error}; save it again or correct the template's encoding"
        ) from None


def _guessed(text: str) -> str:
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    return max(_DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return how many lines a delimiter parts into equally many cells, and into how many; more than one."""
    try:
        cells = Counter(len(line) for line in csv.reader(lines, delimiter=delimiter) if len(line) > 1)
    except csv.Error:
        return 0, 0
    return max(((count, width) for width, count in cells.items()), default=(0, 0))
