"""Share of deals won within a number of days, by stage: the estimate when there is little to learn from.

Here: the smoothed, monotone base rates, used as a fallback and as the baseline that a model must beat. Not here:
anything that looks at more than the stage.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.horizons import won_within

GRID_DAYS = (14, 30, 61, 91, 122, 152, 183, 274, 365, 548, 730)
PRIOR_STRENGTH = 20.0
"""Snapshots that the share over all stages weighs in the share of one stage."""


class StageBaseRates:
    """P(won within d days | stage), linear between grid points, 0 at d = 0, never falling in d.

    With no history at all every rate beyond the first grid point is one half, the honest ignorance.
    """

    def fit(self, known: pd.DataFrame, as_of: pd.Timestamp, longest_days: int) -> StageBaseRates:
        """Count the outcomes of `known` (see `known_outcomes`) whose horizons lie before `as_of`."""
        grid = np.array([d for d in GRID_DAYS if d < longest_days] + [longest_days], dtype=float)
        room = (as_of - known["as_of_date"]).dt.days.to_numpy()
        shares = [self._shares(known[room >= days], days) for days in grid]
        self.days_ = np.concatenate([[0.0], grid])
        self.overall_ = _monotone([share[0] for share in shares])
        stages = sorted(known["stage_order"].dropna().unique())
        self.rates_ = {s: _monotone([by.get(s, overall) for overall, by in shares]) for s in stages}
        return self

    def predict(self, stage_order: pd.Series, horizon_days: pd.Series) -> np.ndarray:
        """Probabilities, shape (n,); a stage never seen, or none, gets the share over all stages."""
        stage, days = stage_order.to_numpy(dtype=float), horizon_days.to_numpy(dtype=float)
        result = np.asarray(np.interp(days, self.days_, self.overall_))
        for known_stage, rates in self.rates_.items():
            mask = stage == known_stage
            result[mask] = np.interp(days[mask], self.days_, rates)
        return result

    @staticmethod
    def _shares(rows: pd.DataFrame, days: float) -> tuple[float, dict[float, float]]:
        won = won_within(rows, pd.Series(days, index=rows.index))
        overall = (won.sum() + 1.0) / (len(rows) + 2.0)
        by_stage = won.groupby(rows["stage_order"]).agg(["sum", "count"])
        smoothed = (by_stage["sum"] + PRIOR_STRENGTH * overall) / (by_stage["count"] + PRIOR_STRENGTH)
        return float(overall), {float(stage): float(share) for stage, share in smoothed.items()}


def _monotone(shares: list[float]) -> np.ndarray:
    """The shares after a leading 0, each at least the one before: a younger sample must not undo a longer horizon."""
    return np.maximum.accumulate(np.array([0.0, *shares]))
