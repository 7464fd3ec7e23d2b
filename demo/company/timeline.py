"""The company as its systems see it: the one module that the rest of the demo uses.

`generate` runs every business process; `state_at` shows one table as its system shows it at a moment.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from demo.company.assemble import assemble
from demo.company.clock import FROZEN_NOW, HORIZON_DAYS
from demo.company.model import (
    BudgetRow,
    BudgetSheet,
    BudgetVersion,
    Company,
    Quirk,
    SchemaEvent,
    TableTimeline,
)

__all__ = [
    "FROZEN_NOW",
    "HORIZON_DAYS",
    "BudgetRow",
    "BudgetSheet",
    "BudgetVersion",
    "Company",
    "Quirk",
    "SchemaEvent",
    "TableTimeline",
    "generate",
    "state_at",
]


def generate(profile: str, seed: int = 7) -> Company:
    """The company of a profile (S or M) and a seed; the same arguments give the same frames everywhere."""
    return assemble(profile, seed)


def state_at(table: TableTimeline, now: datetime) -> pd.DataFrame:
    """The rows that the system shows at `now` (naive UTC): the last visible version of each key.

    Hard-deleted rows are missing; soft-deleted ones are there with their flag. Columns as in the timeline.
    """
    moment = pd.Timestamp(now)
    frame = table.frame
    shown = (frame["_visible_from"] <= moment) & ~(frame["_hard_deleted_at"] <= moment)
    return frame[shown].drop_duplicates(list(table.key), keep="last").reset_index(drop=True)
