"""The process that reads one file; its arguments are the suffix, the encoding and the delimiter (empty: guess).

The file comes by standard input, its sheets go to standard output as `wire.py` writes them. Ends with 0, or with
`REFUSED` after one line of JSON with the sentence. Whatever else ends it, the parent puts into words.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

import orjson

from ingestion.workbook.limits import MEMORY_BYTES, SECONDS, WorkbookRefusedError
from ingestion.workbook.reader import read_file
from ingestion.workbook.wire import write_sheet

REFUSED = 3
OUT_OF_MEMORY = 4


def main(arguments: list[str], source: BinaryIO, target: BinaryIO) -> int:
    """Read the file on `source` under the limits of memory and processor time; return the exit code."""
    limit_process(MEMORY_BYTES, SECONDS)
    suffix, encoding, delimiter = arguments
    try:
        for sheet in read_file(source.read(), suffix, encoding=encoding, delimiter=delimiter or None):
            for line in write_sheet(sheet):
                target.write(line + b"\n")
    except WorkbookRefusedError as error:
        target.write(b"\n" + orjson.dumps({"refused": str(error)}))
        return REFUSED
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
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def run() -> None:
    """Run `main` on this process's own arguments and streams."""
    code = main(sys.argv[1:], sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    sys.exit(code)
