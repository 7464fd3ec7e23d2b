"""The writer lock: one holder, a word about who it is, gone with its process."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from orchestration.lock import WriterBusyError, check_free, writer_lock

_HOLDER = """
import sys, time
from pathlib import Path
from orchestration.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "the other run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    """A lock file in an environment named odd_env."""
    return tmp_path / "odd_env" / "writer.lock"


def _hold_elsewhere(lock_file: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, str(lock_file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_second_process_is_told_who_holds_the_lock(lock_file: Path) -> None:
    process = _hold_elsewhere(lock_file)
    try:
        told = rf"odd_env is being written by the other run \(process {process.pid}"
        with pytest.raises(WriterBusyError, match=told):
            check_free(lock_file)
    finally:
        process.kill()
        process.wait()


def test_lock_dies_with_its_process(lock_file: Path) -> None:
    process = _hold_elsewhere(lock_file)
    process.kill()
    process.wait()
    check_free(lock_file, wait_seconds=5)


def test_waiting_ends_when_the_holder_ends(lock_file: Path) -> None:
    process = _hold_elsewhere(lock_file)
    process.terminate()
    started = time.monotonic()
    with writer_lock(lock_file, "patient", wait_seconds=30):
        assert time.monotonic() - started < 30
    process.wait()


def test_a_short_look_refuses_nobody(lock_file: Path) -> None:
    """`saleswh status` takes the lock for a moment; a run that starts just then does start."""
    look = FileLock(lock_file, thread_local=False)
    lock_file.parent.mkdir(parents=True)
    look.acquire()
    release = threading.Timer(0.2, look.release)
    release.start()
    check_free(lock_file)
    release.join()


def test_holder_is_forgotten_afterwards(lock_file: Path) -> None:
    with writer_lock(lock_file, "first"):
        assert lock_file.with_suffix(".holder.json").is_file()
    assert not lock_file.with_suffix(".holder.json").exists()
