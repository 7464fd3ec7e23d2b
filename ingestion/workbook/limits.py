"""How large a workbook may be, and the refusal of one that is larger or otherwise unreadable."""

from __future__ import annotations

MAX_RATIO = 100
"""Unpacked bytes per packed byte."""

MAX_UNPACKED_BYTES = 500 << 20
MAX_CELLS = 4_000_000
"""Rows × columns of one sheet's used area, blanks counted: that is what a reader must keep in memory."""

MAX_MERGED_CELLS = 500_000
MAX_TEXT = 32_767
"""Characters of one cell, as in the spreadsheet programs themselves."""

MEMORY_BYTES = 512 << 20
SECONDS = 30


class WorkbookRefusedError(ValueError):
    """A file that cannot be read as a whole; the message says why and what to do, without the file's name."""
