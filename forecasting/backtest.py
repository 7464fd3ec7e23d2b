"""Rolling-origin backtest: what each method would have said at each of the last closed periods.

Belongs here: cutoffs, paths at a cutoff, the frame of backtest errors. Does not belong here: choosing, intervals.
Training values are those known at the data as-of of the vintage, cut at the cutoff.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from forecasting.config import ForecastConfig
from forecasting.fits import FitCache
from forecasting.season import FloatArray

SHARE_OF_PARENT = "share_of_parent"
BACKTEST_COLUMNS = ["series_id", "method", "cutoff", "horizon", "yhat", "actual"]
# What a short history borrows: the shape of its parent, by the most robust method.
_PARENT_METHOD = "median_ensemble"

Training = Mapping[str, FloatArray]


def training_values(observations: pd.DataFrame) -> dict[str, FloatArray]:
    """Training values per series in time order; all series end at the last closed period."""
    ordered = observations.sort_values(["series_id", "period_start"])
    return {
        str(name): values.to_numpy(dtype=np.float64)
        for name, values in ordered.groupby("series_id", sort=True)["training_value"]
    }


def short_series(training: Training, parent_of: Mapping[str, str], config: ForecastConfig) -> set[str]:
    """Series too short to show their season, whose parent is long enough to lend its own."""
    limit = config.short_history_periods
    return {
        name
        for name, values in training.items()
        if len(values) < limit and name in parent_of and len(training[parent_of[name]]) >= limit
    }


def share_of_parent(child: FloatArray, parent: FloatArray, parent_path: FloatArray, season_length: int) -> FloatArray:
    """The parent's path times the child's share of the parent over their last common season (or less)."""
    length = min(len(child), season_length)
    total = float(parent[-length:].sum())
    share = float(child[-length:].sum()) / total if total > 0 else 0.0
    return parent_path * share


def backtest(training: Training, parent_of: Mapping[str, str], config: ForecastConfig, cache: FitCache) -> pd.DataFrame:
    """Errors of every method at the last `config.backtest_windows` cutoffs.

    Returns: BACKTEST_COLUMNS; `cutoff` counts periods before the last closed one (1 = the last but one), `horizon` runs
    to the last closed period. Series without room for a backtest have no rows.
    """
    short = short_series(training, parent_of, config)
    blocks = []
    for name, values in training.items():
        for cutoff in range(1, config.backtest_windows + 1):
            for method, path in _paths_at(name, cutoff, training, parent_of, config, cache, name in short):
                steps = min(cutoff, len(path))
                actual = values[len(values) - cutoff :][:steps]
                blocks.append((name, method, cutoff, path[:steps], actual))
    return _long(blocks)


def _paths_at(
    name: str, cutoff: int, training: Training, parent_of: Mapping[str, str], config: ForecastConfig, cache: FitCache,
    is_short: bool,
) -> Iterator[tuple[str, FloatArray]]:  # fmt: skip
    known = training[name][: len(training[name]) - cutoff] if cutoff < len(training[name]) else np.zeros(0)
    if len(known) >= config.min_training_periods:
        for method in config.methods:
            yield method, cache.path(method, known)
    if is_short and len(known):
        parent = training[parent_of[name]][:-cutoff]
        path = cache.path(_PARENT_METHOD, parent)
        yield SHARE_OF_PARENT, share_of_parent(known, parent, path, config.season_length)


def _long(blocks: list[tuple[str, str, int, FloatArray, FloatArray]]) -> pd.DataFrame:
    if not blocks:
        return pd.DataFrame(columns=BACKTEST_COLUMNS)
    lengths = [len(path) for *_, path, _ in blocks]
    return pd.DataFrame(
        {
            "series_id": np.repeat([block[0] for block in blocks], lengths),
            "method": np.repeat([block[1] for block in blocks], lengths),
            "cutoff": np.repeat([block[2] for block in blocks], lengths),
            "horizon": np.concatenate([np.arange(1, length + 1) for length in lengths]),
            "yhat": np.concatenate([block[3] for block in blocks]),
            "actual": np.concatenate([block[4] for block in blocks]),
        }
    )


def forecast_paths(
    training: Training, parent_of: Mapping[str, str], config: ForecastConfig, cache: FitCache
) -> pd.DataFrame:
    """The forecasts themselves: series_id, method, horizon, yhat, from all training values."""
    short = short_series(training, parent_of, config)
    blocks: list[tuple[str, str, int, FloatArray, FloatArray]] = []
    for name, values in training.items():
        paths = [(method, cache.path(method, values)) for method in config.methods]
        if name in short:
            parent = training[parent_of[name]]
            path = cache.path(_PARENT_METHOD, parent)
            paths.append((SHARE_OF_PARENT, share_of_parent(values, parent, path, config.season_length)))
        blocks.extend((name, method, 0, path, path) for method, path in paths)
    return _long(blocks)[["series_id", "method", "horizon", "yhat"]]
