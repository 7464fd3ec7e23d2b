"""Forecast methods: one series of numbers in, one path of numbers out.

Belongs here: a function or class per method, whole on any input (short, constant, intermittent, negative, with gaps).
Does not belong here: backtests, intervals, the choice among methods. New ones are registered in `forecasting.METHODS`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from forecasting.season import FloatArray, estimate_season

if TYPE_CHECKING:
    from statsforecast.models import AutoETS, DynamicOptimizedTheta

    _Model = AutoETS | DynamicOptimizedTheta

# statsforecast is imported where it is used: it takes seconds, and most commands forecast nothing.

# Below these lengths the estimation is not defined; the methods then answer with the last value.
_ETS_MIN_LENGTH = 8
_THETA_MIN_LENGTH = 5
# From here on a season that changes over time can be told from noise, so the model may estimate its own.
_SEASONS_TO_MODEL = 5


class Fit(Protocol):
    """A method that learns from the series itself."""

    def __call__(self, y: FloatArray, horizon: int, season_length: int) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class MedianOf:
    """A method made of others: the median of their paths, step by step."""

    members: tuple[str, ...]

    def combine(self, paths: list[FloatArray]) -> FloatArray:
        """One path from the paths of the members, in their order."""
        return np.asarray(np.median(np.vstack(paths), axis=0), dtype=np.float64)


Method = Fit | MedianOf


def seasonal_naive(y: FloatArray, horizon: int, season_length: int) -> FloatArray:
    """The value one season ago; the last value where the series is shorter than a season; zero where it is empty."""
    values = without_gaps(y)
    if values.size == 0:
        return np.zeros(horizon)
    season = values[-season_length:] if values.size >= season_length else values[-1:]
    return np.resize(season, horizon)


def auto_ets(y: FloatArray, horizon: int, season_length: int) -> FloatArray:
    """Exponential smoothing chosen by AICc among the additive models (error, trend damped or not, season).

    A history of less than five seasons is seasonally adjusted first (see `season`), then smoothed without a season:
    in rolling-origin backtests on three seasons that halves the error and costs a fifth. Multiplicative models cost
    three times as much as additive ones and were not more accurate.
    """
    from statsforecast.models import AutoETS

    values = without_gaps(y)
    if values.size < _ETS_MIN_LENGTH or np.ptp(values) == 0:
        return seasonal_naive(values, horizon, 1)
    if values.size >= _SEASONS_TO_MODEL * season_length:
        return _finite_or_naive(_run(AutoETS(season_length, model="AZZ"), values, horizon), values, season_length)
    return _seasonally_adjusted(AutoETS(1, model="AZN"), values, horizon, season_length)


def dynamic_optimized_theta(y: FloatArray, horizon: int, season_length: int) -> FloatArray:
    """Dynamic optimised theta on the seasonally adjusted series (see `season`)."""
    from statsforecast.models import DynamicOptimizedTheta

    values = without_gaps(y)
    if values.size < _THETA_MIN_LENGTH or np.ptp(values) == 0:
        return seasonal_naive(values, horizon, 1)
    return _seasonally_adjusted(DynamicOptimizedTheta(1), values, horizon, season_length)


median_ensemble = MedianOf(("seasonal_naive", "auto_ets", "dynamic_optimized_theta"))


def without_gaps(y: FloatArray) -> FloatArray:
    """The series without missing values: leading and trailing ones dropped, inner ones interpolated linearly."""
    values = np.asarray(y, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0:
        return np.zeros(0)
    span = np.arange(known[0], known[-1] + 1)
    return np.interp(span, known, values[known])


def _seasonally_adjusted(model: _Model, values: FloatArray, horizon: int, season_length: int) -> FloatArray:
    season = estimate_season(values, season_length)
    if season is None:
        return _finite_or_naive(_run(model, values, horizon), values, season_length)
    path = season.restore(_run(model, season.remove(values), horizon), offset=len(values))
    return _finite_or_naive(path, values, season_length)


def _run(model: _Model, values: FloatArray, horizon: int) -> FloatArray:
    """Fit and forecast near one: the optimisers stop on absolute tolerances, so amounts in millions would differ."""
    if np.ptp(values) == 0:
        return np.full(horizon, values[-1])
    scale = float(np.mean(np.abs(values)))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        path = model.forecast(values / scale, horizon)["mean"]
    return np.asarray(path, dtype=np.float64) * scale


def _finite_or_naive(path: FloatArray, values: FloatArray, season_length: int) -> FloatArray:
    return path if np.isfinite(path).all() else seasonal_naive(values, path.size, season_length)
