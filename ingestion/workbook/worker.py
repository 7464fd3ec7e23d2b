"""The process that reads one file; its argument is the JSON of `Options`.

The file comes by standard input, its sheets go to standard output as `wire.py` writes them, or the sentence why it
cannot be read. Ends with 0 where it has said all; whatever else ends it, the parent puts into words.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import orjson

from ingestion.workbook.limits import MEMORY_BYTES, SECONDS, WorkbookRefusedError
from ingestion.workbook.options import Options
from ingestion.workbook.reader import read_file
from ingestion.workbook.wire import write_refusal, write_sheet

OUT_OF_MEMORY = 4
_MESSAGE_BYTES = 1 << 20


def main(options: Options, source: BinaryIO, target: BinaryIO) -> int:
    """Read the file on `source` under the limits of memory and processor time; return the exit code."""
    limit_process(MEMORY_BYTES, SECONDS)
    try:
        for sheet in read_file(source.read(), options):
            for line in write_sheet(sheet):
                target.write(line + b"\n")
    except WorkbookRefusedError as error:
        target.write(write_refusal(error))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def limit_process(memory_bytes: int, seconds: int) -> None:
    """Limit this process; where the operating system has no such limits (Windows), only the parent's clock counts."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MESSAGE_BYTES, _MESSAGE_BYTES))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def run() -> None:
    """Run `main` on this process's own argument and streams."""
    code = main(Options(**orjson.loads(sys.argv[1])), sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    sys.exit(code)
