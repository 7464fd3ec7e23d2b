"""What a run tells its onlookers: progress while it goes, its outcome at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RunProgress:
    """How far a run is: `step` has just started or ended, `done` of `total` steps have ended."""

    step: str
    done: int
    total: int
    detail: str = ""


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended, each one sentence: failures, warnings of loads, what else is worth knowing, checks that warn."""

    run_id: str
    success: bool
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    log_file: Path | None = None
    notes: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


ProgressListener = Callable[[RunProgress], None]
