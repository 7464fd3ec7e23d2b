"""What goes wrong at the demo CRM, beyond what any web API may do: the plan's part that only Salesforce knows.

Of the common plan, `retyped` names a field that the org turns into text. Pages are those of queries and of bulk
results; the default of a server is the company's usual day, a plan without values is a CRM on which nothing fails.
What does not belong here: HTTP, and the counting (`faults.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from demo.systems.faults import FaultPlan


@dataclass(frozen=True)
class CrmFaults(FaultPlan):
    """Faults of one CRM server.

    `token_requests`: a token is good for so many data requests, then 401. `bulk_polls`: how often a bulk job is asked
    for before it is done. `bulk_refused`: jobs are not supported. `lists_soft_deletes`: the deletion log names
    soft-deleted records as well, as a full Salesforce org does.
    """

    token_requests: int | None = None
    bulk_polls: int = 0
    bulk_refused: bool = False
    lists_soft_deletes: bool = False

    @classmethod
    def usual(cls) -> Self:
        """An ordinary day, as at any web API."""
        return cls(**asdict(FaultPlan.usual()))

    def to_json(self) -> str:
        """The plan as text, for a server in a process of its own."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan that `to_json` wrote; JSON knows no numbers as keys."""
        values: dict[str, Any] = json.loads(text)
        for name in ("every", "at"):
            values[name] = {int(number): status for number, status in values.get(name, {}).items()}
        return cls(**values)
