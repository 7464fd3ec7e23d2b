"""Which company lies in a folder and what time it is there: ``company.json``.

What does not belong here: what the systems show at that time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from demo.company.clock import FROZEN_NOW, HORIZON_DAYS
from demo.systems.errors import DemoError

SCHEMA_VERSION = 3
"""Version of the folder's layout; a folder of another version cannot be read."""


@dataclass(frozen=True)
class Clock:
    """The company of a profile and seed, at a moment (UTC without a zone)."""

    profile: str
    seed: int
    now: datetime
    schema_version: int = SCHEMA_VERSION

    @property
    def days(self) -> int:
        """Whole days since the frozen now."""
        return (self.now - FROZEN_NOW).days

    def after(self, days: int) -> Clock:
        """The same company `days` later; DemoError past the end of its timeline."""
        if days < 1:
            raise DemoError(f"The demo company can only move forward: expected at least 1 day, got {days}.")
        left = HORIZON_DAYS - self.days
        if days > left:
            raise DemoError(
                f"The demo company's timeline ends {left} days after {self.now:%Y-%m-%d}: "
                f"{days} days were asked for; create it anew to start over."
            )
        return replace(self, now=self.now + timedelta(days=days))


def clock_file(folder: Path) -> Path:
    """Where a demo company keeps its clock."""
    return folder / "company.json"


def read_clock(folder: Path) -> Clock:
    """The clock of the company in `folder`.

    DemoError when there is none, or when the folder was written in another layout.
    """
    path = clock_file(folder)
    if not path.is_file():
        raise DemoError(f"There is no demo company in {folder}: expected {path.name}; create one first.")
    values = json.loads(path.read_text(encoding="utf-8"))
    if values["schema_version"] != SCHEMA_VERSION:
        raise DemoError(
            f"{path} has layout version {values['schema_version']}, this program reads version {SCHEMA_VERSION}: "
            f"remove the folder {folder} and create the demo company again."
        )
    return Clock(values["profile"], values["seed"], datetime.fromisoformat(values["now"]))


def write_clock(folder: Path, clock: Clock) -> None:
    """Replace the clock in one step: a reader sees the old one or the new one."""
    values = asdict(clock) | {"now": clock.now.isoformat()}
    target = clock_file(folder)
    draft = target.with_suffix(".json.new")
    draft.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    draft.replace(target)
