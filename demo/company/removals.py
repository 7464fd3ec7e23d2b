"""What administrators remove from the CRM in the days after now, without a trace in the record itself.

A territory assignment has neither recycle bin nor deletion log; a quota is in the log. What does not belong here:
deletions that users make and undo (`opportunity_quirks`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from demo.company.clock import DAY, FROZEN_NOW, NOW, stamps
from demo.company.frames import GONE
from demo.company.model import TableTimeline

ASSIGNMENT_REMOVED_AT = NOW + 2 * DAY + 32_400
QUOTA_REMOVED_AT = NOW + 3 * DAY + 36_000
_SECOND_TERRITORY_SHARE = 0.2


def without_a_second_territory(assignments: TableTimeline, rng: np.random.Generator) -> TableTimeline:
    """UserTerritory2Association of which one rep's second territory, in force until then, is taken away."""
    frame = assignments.frame
    ended = frame.loc[frame["Valid_To__c"].notna(), "Id"]
    in_force = (frame["Share__c"] == _SECOND_TERRITORY_SHARE) & ~frame["Id"].isin(ended)
    return _without_one(assignments, in_force, ASSIGNMENT_REMOVED_AT, rng)


def without_a_future_quota(quotas: TableTimeline, rng: np.random.Generator) -> TableTimeline:
    """ForecastingQuota of which one quota for a month to come is taken back."""
    frame = quotas.frame
    to_come = (frame["StartDate"] > pd.Timestamp(FROZEN_NOW)) & (frame["SystemModstamp"] <= pd.Timestamp(FROZEN_NOW))
    return _without_one(quotas, to_come, QUOTA_REMOVED_AT, rng)


def _without_one(table: TableTimeline, candidates: pd.Series, at: int, rng: np.random.Generator) -> TableTimeline:
    chosen = rng.choice(table.frame.loc[candidates, "Id"].to_numpy())
    gone = table.frame[GONE].mask(table.frame["Id"] == chosen, stamps([at])[0])
    return replace(table, frame=table.frame.assign(**{GONE: gone}))
