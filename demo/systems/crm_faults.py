"""What goes wrong at the demo CRM, beyond what any web API may do: the plan's part that only Salesforce knows.

Of the common plan, `retyped` names a field that the org turns into text. Pages are those of queries and of bulk
results; the default of a server is the company's usual day, a plan without values is a CRM on which nothing fails.
What does not belong here: HTTP, and the counting (`faults.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

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
