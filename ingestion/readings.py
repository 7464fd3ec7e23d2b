"""What the settings say to read of a table, and whether that changed since the last load.

What belongs here: the parts of a table's settings that decide which rows and values come, their fingerprint and its
comparison. What does not: keeping it (`load_log.py`) and reading a source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion.contract import TableContract

_DIGITS = 16


@dataclass(frozen=True)
class Reading:
    """How one table is read where settings say so.

    `settings` are their words by the name that a person knows ("query"); the table's key and cursor are added to them.
    `left_out` are columns of the contract that they do not deliver on purpose: empty, without a warning.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def fingerprint(self, contract: TableContract) -> dict[str, str]:
        """Return a hash of each part: the log tells what changed, and shows nobody a query."""
        parts = {**self.settings, "key": "\n".join(contract.key), "cursor": contract.cursor or ""}
        return {name: hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] for name, text in parts.items()}


@dataclass(frozen=True)
class KeptReading:
    """What the last successful load of a table was told to read, and the highest stamp that it kept, as text.

    `left_out` are the columns (raw names) that the settings did not deliver.
    """

    fingerprint: Mapping[str, str]
    cursor: str | None
    left_out: tuple[str, ...] = ()


def changed_parts(before: KeptReading | None, now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts that differ; one that only one of them knows tells nothing, nor does a load that kept none."""
    known = before.fingerprint if before else {}
    return tuple(name for name, text in now.items() if known.get(name, text) != text)
