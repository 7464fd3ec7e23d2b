"""Read a file in a process of its own, so that no file can end or fill the process that asked.

What belongs here: starting the worker, its limits seen from outside, and sentences for however it ended.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import orjson

from ingestion.workbook.grid import Grid
from ingestion.workbook.limits import MAX_CELLS, MEMORY_BYTES, SECONDS, WorkbookRefusedError
from ingestion.workbook.wire import read_sheets
from ingestion.workbook.worker import OUT_OF_MEMORY, REFUSED

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ingestion.workbook.worker import run; run()"


def read_grids(content: bytes, name: str, *, encoding: str = "utf-8", delimiter: str | None = None) -> list[Grid]:
    """Return the sheets of the workbook or text `content`; `name` gives the suffix and names a text's only sheet.

    Raises WorkbookRefusedError with the reason where the file cannot be read within the limits.
    """
    path = Path(name)
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), path.suffix.lower(), encoding, delimiter or ""]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _too_slow() from None
    if done.returncode != 0:
        raise _refusal(done)
    grids = list(read_sheets(line for line in done.stdout.split(b"\n") if line))
    return [_named(grid, path.stem) for grid in grids]


def _refusal(done: subprocess.CompletedProcess[bytes]) -> WorkbookRefusedError:
    if done.returncode == REFUSED:
        return WorkbookRefusedError(str(orjson.loads(done.stdout.rpartition(b"\n")[2])["refused"]))
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return _too_slow()
    if done.returncode == OUT_OF_MEMORY or -done.returncode == signal.SIGABRT or b"MemoryError" in done.stderr:
        return WorkbookRefusedError(
            f"reading it takes more than the {MEMORY_BYTES >> 20} MB allowed; send a workbook that holds the table"
            f" only, of at most {MAX_CELLS} cells"
        )
    last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return WorkbookRefusedError(f"reading it failed ({last or f'exit {done.returncode}'}); save it again as .xlsx")


def _too_slow() -> WorkbookRefusedError:
    return WorkbookRefusedError(
        f"reading it takes longer than the {SECONDS} s allowed; send a workbook that holds the table only"
    )


def _named(grid: Grid, stem: str) -> Grid:
    if grid.sheet:
        return grid
    return replace(grid, sheet=stem)
