"""How many API requests the org has counted today, and how many a load may use.

What belongs here: reading the org's own count and stopping in time. What does not: sending requests (`client.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingestion.errors import IngestionError

_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


@dataclass
class ApiUsage:
    """The org's requests of the last 24 hours; None until it has told. `share` of them is the most a load uses."""

    share: float
    used: int | None = None
    allowed: int | None = None

    def note(self, used: int, allowed: int) -> None:
        """Remember the org's count; IngestionError once it is beyond the share."""
        self.used, self.allowed = used, allowed
        if used > allowed * self.share:
            raise IngestionError(
                f"Salesforce has counted {self} API requests today, more than the {self.share:.0%} that a load may"
                " use; load again when the day's count has gone down, or raise api_limit_share."
            )

    def note_header(self, header: str | None) -> None:
        """Remember the count of an answer's ``Sforce-Limit-Info``, if it has one."""
        match = _USAGE.search(header or "")
        if match:
            self.note(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.used}/{self.allowed}"
