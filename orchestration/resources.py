"""Dagster resources built from settings.

What belongs here: the writing run (lock, clock, files) as a resource. What does not: what assets do with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import dagster as dg

from orchestration.environment import Environment, code_version, resolve_clock
from orchestration.lock import writer_lock
from orchestration.settings import Settings
from orchestration.state import prepare_state


@dataclass(frozen=True)
class WritingRun:
    """What an asset needs of the run it is part of: settings, files, the clock and the code's version.

    `clock` is the run's 'now', a naive UTC time that stays the same from its first asset to its last.
    """

    settings: Settings
    environment: Environment
    clock: datetime
    code_version: str


def writing_run(settings: Settings) -> dg.ResourceDefinition:
    """The resource that makes a run the one writer of its environment for its whole length.

    Raises `WriterBusyError` when another run holds the lock.
    """

    @dg.resource(description="The one writer: holds the environment's lock and clock while the run lasts.")
    def resource(context: dg.InitResourceContext) -> Iterator[WritingRun]:
        environment = Environment.of(settings)
        run_id = (context.run_id or "")[:8]
        with writer_lock(environment.lock_file, f"Dagster run {run_id}", settings.lock_wait_seconds):
            clock = resolve_clock(settings)
            prepare_state(environment.state_file, clock)
            yield WritingRun(settings, environment, clock, code_version(settings))

    return resource
