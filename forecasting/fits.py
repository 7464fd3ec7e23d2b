"""Fits kept by content: the same training values under the same method are fitted once.

Belongs here: the memo. Does not belong here: what is trained on what.
Replaying vintages month by month meets the same training series again and again; the memo makes the replay
affordable in one process.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting import METHODS
from forecasting.methods import MedianOf
from forecasting.season import FloatArray


class FitCache:
    """Forecast paths by method and training values, for one horizon and one season length."""

    def __init__(self, horizon: int, season_length: int) -> None:
        self.horizon = horizon
        self.season_length = season_length
        self._paths: dict[tuple[str, bytes], FloatArray] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def path(self, method: str, training: FloatArray) -> FloatArray:
        """The forecast of `method` for the `horizon` steps after `training`; shape (horizon,)."""
        key = _key(method, training)
        if key not in self._paths:
            definition = METHODS[method]
            if isinstance(definition, MedianOf):
                self._paths[key] = definition.combine([self.path(member, training) for member in definition.members])
            else:
                self._paths[key] = definition(training, self.horizon, self.season_length)
        return self._paths[key]


def forecast_long(observations: pd.DataFrame, method: str, horizon: int, season_length: int) -> pd.DataFrame:
    """Forecast every series of a long frame with one method.

    Args:
        observations: series_id, period_start, value; any order.
    Returns:
        series_id, horizon (1..horizon), yhat; sorted by both.
    """
    cache = FitCache(horizon, season_length)
    ordered = observations.sort_values(["series_id", "period_start"])
    frames = [
        pd.DataFrame(
            {
                "series_id": name,
                "horizon": np.arange(1, horizon + 1),
                "yhat": cache.path(method, group["value"].to_numpy(dtype=np.float64)),
            }
        )
        for name, group in ordered.groupby("series_id", sort=True)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["series_id", "horizon", "yhat"])


def _key(method: str, training: FloatArray) -> tuple[str, bytes]:
    return method, np.ascontiguousarray(training, dtype=np.float64).tobytes()
