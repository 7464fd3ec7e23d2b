"""How large a workbook may be, and the refusal of one that is larger or otherwise unreadable."""

from __future__ import annotations

MAX_RATIO = 100
"""Unpacked bytes per packed byte."""

MAX_UNPACKED_BYTES = 500 << 20
MAX_CELLS = 2_500_000
"""Rows × columns of the used areas of all sheets that are read, blanks counted: what a reader must keep in memory."""

MAX_LOOKS = 500_000
"""Merged cells, hidden columns and changes of number format, of each in all sheets that are read."""

MAX_ANSWER_BYTES = 64 << 20
"""What one file may come to on its way from the process that reads it."""

MAX_TEXT = 32_767
"""Characters of one cell, as in the spreadsheet programs themselves."""

MEMORY_BYTES = 512 << 20
SECONDS = 30


class WorkbookRefusedError(ValueError):
    """A file that cannot be read as a whole; the message says why and what to do, without the file's name."""
