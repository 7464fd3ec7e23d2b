"""One writer at a time: an operating-system file lock that dies with its process.

What belongs here: taking the lock, and saying who has it. What does not: what the writer does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

_GRACE_SECONDS = 1.0
"""How long even a run that does not wait tries: `saleswh status` holds the lock for a moment, which is no refusal."""


class WriterBusyError(Exception):
    """Another run is writing; the message says which process, since when, and what to do."""


@contextmanager
def writer_lock(lock_file: Path, purpose: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the environment's writer lock for the block.

    `purpose` names the run for whoever is kept waiting. Waits up to `wait_seconds`, but a second at least; then raises
    `WriterBusyError`.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file)
    holder_file = lock_file.with_suffix(".holder.json")
    try:
        lock.acquire(timeout=max(wait_seconds, _GRACE_SECONDS))
    except Timeout:
        raise WriterBusyError(_busy_sentence(lock_file, holder_file, wait_seconds)) from None
    try:
        _name_holder(holder_file, purpose)
        yield
    finally:
        holder_file.unlink(missing_ok=True)
        lock.release()


def check_free(lock_file: Path, wait_seconds: float = 0) -> None:
    """Wait until nobody writes, and let go at once; for a clear word before a run is prepared."""
    with writer_lock(lock_file, "a run that is about to start", wait_seconds):
        pass


def _name_holder(holder_file: Path, purpose: str) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    holder = {"purpose": purpose, "process": os.getpid(), "since": since}
    partial = holder_file.with_suffix(".partial")
    partial.write_text(json.dumps(holder), encoding="utf-8")
    partial.replace(holder_file)


def _busy_sentence(lock_file: Path, holder_file: Path, wait_seconds: float) -> str:
    try:
        holder = json.loads(holder_file.read_text(encoding="utf-8"))
        who = f"{holder['purpose']} (process {holder['process']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        who = "another run, which has just started"
    waited = f" after {wait_seconds:g} s of waiting" if wait_seconds else ""
    return (
        f"The warehouse {lock_file.parent.name} is being written by {who}; nothing was started or changed{waited}."
        " Let it end, or set SALESWH_LOCK_WAIT_SECONDS to wait for it."
    )
