"""Read a file in a process of its own, so that no file can end or fill the process that asked.

What belongs here: starting the worker, its limits seen from outside, and sentences for however it ended.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import orjson

from ingestion.workbook.grid import Grid
from ingestion.workbook.limits import MAX_ANSWER_BYTES, MAX_CELLS, MEMORY_BYTES, SECONDS, WorkbookRefusedError
from ingestion.workbook.options import Options
from ingestion.workbook.wire import read_sheets
from ingestion.workbook.worker import OUT_OF_MEMORY

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ingestion.workbook.worker import run; run()"


def read_grids(
    content: bytes,
    name: str,
    *,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> list[Grid]:
    """Return the sheets of the workbook or text `content` that `include` and `exclude` leave to be read.

    `name` gives the suffix and names a text's only sheet. Raises WorkbookRefusedError with the reason where the file
    cannot be read within the limits.
    """
    options = Options(name, encoding, delimiter, tuple(include), tuple(exclude))
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), orjson.dumps(options).decode()]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as worker,
        _Clock(worker) as clock,
    ):
        grids, garbled = _answer(worker, content)
        code = worker.wait()
        if clock.has_rung:
            raise _too_slow()
        if code != 0 or garbled is not None:
            errors.seek(0)
            raise _refusal(code, errors.read().decode("utf-8", "replace"), garbled)
    return grids


def _answer(worker: subprocess.Popen[bytes], content: bytes) -> tuple[list[Grid], Exception | None]:
    """Return what the worker says, taken as it comes, and what is wrong with it; the worker says no more then."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    threading.Thread(target=_feed, args=(worker.stdin, content), daemon=True).start()
    try:
        return list(read_sheets(_lines(worker.stdout))), None
    except WorkbookRefusedError:
        worker.kill()
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [], error
    finally:
        worker.stdout.close()


def _feed(target: IO[bytes], content: bytes) -> None:
    with contextlib.suppress(OSError):
        target.write(content)
    with contextlib.suppress(OSError):
        target.close()


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of an answer; WorkbookRefusedError where it grows beyond what one file may come to."""
    left = MAX_ANSWER_BYTES
    while line := source.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise WorkbookRefusedError(
                f"its cells come to more than the {MAX_ANSWER_BYTES >> 20} MB allowed; send a workbook that holds the"
                " table only, without long texts"
            )
        yield line


class _Clock:
    """Ends a process that takes too long."""

    def __init__(self, worker: subprocess.Popen[bytes]) -> None:
        self._worker, self._timer = worker, threading.Timer(SECONDS, self._ring)
        self.has_rung = False

    def __enter__(self) -> _Clock:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.has_rung = True
        self._worker.kill()


def _refusal(code: int, said: str, garbled: Exception | None) -> WorkbookRefusedError:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _too_slow()
    if code in (OUT_OF_MEMORY, -signal.SIGABRT) or "MemoryError" in said:
        return WorkbookRefusedError(
            f"reading it takes more than the {MEMORY_BYTES >> 20} MB allowed; send a workbook that holds the table"
            f" only, of at most {MAX_CELLS} cells"
        )
    last = said.strip().rpartition("\n")[2]
    why = last or (f"exit {code}" if code else f"its answer is garbled, {garbled}")
    return WorkbookRefusedError(f"reading it failed ({why}); save it again as .xlsx")


def _too_slow() -> WorkbookRefusedError:
    return WorkbookRefusedError(
        f"reading it takes longer than the {SECONDS} s allowed; send a workbook that holds the table only"
    )
