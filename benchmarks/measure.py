"""Measuring: seconds and peak memory of a block, and the line that a benchmark prints.

What belongs here: the stop-watch. What does not: what is measured.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import psutil

_SAMPLE_SECONDS = 0.05


class Measured:
    """Seconds and peak resident memory (this process and its children, in MB) of a `with` block."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.peak_mb = 0.0
        self._stop = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._started
        self._stop.set()
        self._sampler.join()

    def _sample(self) -> None:
        while True:
            self.peak_mb = max(self.peak_mb, resident_mb())
            if self._stop.wait(_SAMPLE_SECONDS):
                return


def resident_mb() -> float:
    """Resident memory of this process and its children, in MB."""
    own = psutil.Process()
    total = own.memory_info().rss
    for child in own.children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def ratio_line(name: str, seconds: float, floor_name: str, floor_seconds: float) -> str:
    """One result: how many times the floor something takes."""
    ratio = seconds / floor_seconds if floor_seconds else float("inf")
    return f"{name}: {ratio:.1f} × {floor_name} ({seconds:.2f} s against {floor_seconds:.2f} s)"
