"""Prediction intervals calibrated on the backtest, not on the assumptions of a model.

Belongs here: how wide. Does not belong here: point forecasts, the coverage measured later (see `accuracy`).

Every backtest error is divided by the scale of its series and by the usual growth of errors with the horizon; what
remains is comparable, so all series of a method share one conformal quantile. Half-width = quantile × scale × growth,
symmetric about the forecast, which is the median too.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd

from forecasting.config import ForecastConfig

QUANTILE_COLUMNS = ["p025", "p10", "p50", "p90", "p975"]
# What the level shows is worth this many target periods of the series' own, so that few of them do not decide alone.
_PRIOR_PERIODS = 6
# Errors of a random walk grow with the square root of the horizon; more would be extrapolation from thin evidence. They
# never shrink, and a backtest over few periods sees too little of the far horizons to prove that they do not grow.
_MIN_GROWTH, _MAX_GROWTH = 0.1, 0.5
# Relative error where nothing was backtested at all: wide on purpose.
_UNKNOWN_RELATIVE_ERROR = 0.5

_SERIES = ["series_id", "method"]


def add_intervals(
    paths: pd.DataFrame, backtested: pd.DataFrame, sizes: pd.DataFrame, config: ForecastConfig
) -> pd.DataFrame:
    """Quantiles for forecast paths.

    Args:
        paths: series_id, method, horizon, yhat.
        backtested: result of `backtest.backtest`.
        sizes: series_id, level, size (mean absolute value of the last season).
    Returns:
        paths with p025 <= p10 <= p50 <= p90 <= p975; p50 is yhat.
    """
    errors = backtested.merge(sizes, on="series_id")
    growth = _growth(errors)
    errors["step_error"] = _abs_error(errors) / _grown(errors, growth)
    relative = _relative_errors(errors)
    scores = _scores(errors, relative)
    result = paths.merge(_scales(paths, errors, sizes, relative), on=_SERIES, how="left")
    width = result["scale"] * _grown(result, growth)
    inner, outer = (
        width * result["method"].map(conformal_quantiles(scores, level)).astype(float).fillna(_normal_ratio(level))
        for level in config.interval_levels
    )
    result["p025"], result["p10"] = result["yhat"] - outer, result["yhat"] - inner
    result["p50"] = result["yhat"]
    result["p90"], result["p975"] = result["yhat"] + inner, result["yhat"] + outer
    return result.drop(columns="scale")


def conformal_quantiles(scores: pd.DataFrame, level: float) -> dict[str, float]:
    """Per method the score that covers `level` of the backtest (columns method, score, target).

    The finite-sample correction of conformal prediction, (n + 1) / n, counts target periods, not rows: the errors of
    one period share their shocks.
    """
    quantiles = {}
    for method, rows in scores[scores["score"].notna()].groupby("method"):
        periods = rows["target"].nunique()
        corrected = min(level * (periods + 1) / periods, 1 - (1 - level) / 2)
        quantiles[str(method)] = float(np.quantile(rows["score"].to_numpy(dtype=float), corrected, method="higher"))
    return quantiles


def _growth(errors: pd.DataFrame) -> dict[str, float]:
    """Per method the exponent b of error ~ horizon ** b, fitted to the pooled relative errors, kept within bounds."""
    exponents = {}
    relative = errors.assign(relative=_abs_error(errors) / errors["size"])
    for method, rows in relative[relative["size"] > 0].groupby("method"):
        by_horizon = rows.groupby("horizon")["relative"].agg(["mean", "size"])
        by_horizon = by_horizon[by_horizon["mean"] > 0]
        if len(by_horizon) < 2:
            continue
        steps, means = np.log(by_horizon.index.to_numpy(dtype=float)), np.log(by_horizon["mean"].to_numpy())
        slope = float(np.polyfit(steps, means, 1, w=np.sqrt(by_horizon["size"].to_numpy()))[0])
        exponents[str(method)] = min(max(slope, _MIN_GROWTH), _MAX_GROWTH)
    return exponents


def _grown(rows: pd.DataFrame, growth: dict[str, float]) -> pd.Series:
    exponents = rows["method"].map(growth).astype(float).fillna(_MAX_GROWTH)
    return pd.Series(rows["horizon"].astype(float) ** exponents, index=rows.index)


def _relative_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """level, method, relative: one-step error over the size of the series, pooled over the level."""
    pooled = errors.groupby(["level", "method"])[["step_error", "size"]].sum()
    return (pooled["step_error"] / pooled["size"].where(pooled["size"] > 0)).rename("relative").reset_index()


def _scores(errors: pd.DataFrame, relative: pd.DataFrame) -> pd.DataFrame:
    """method, target, score: each error over the scale that the other target periods of its series give."""
    rows = errors.assign(target=errors["horizon"] - errors["cutoff"]).merge(
        relative, on=["level", "method"], how="left"
    )
    own = rows.groupby(_SERIES)["step_error"]
    same = rows.groupby([*_SERIES, "target"])["step_error"]
    other_sum = own.transform("sum") - same.transform("sum")
    other_count = own.transform("size") - same.transform("size")
    periods = rows.groupby(_SERIES)["target"].transform("nunique") - 1
    scale = _shrunk_scale(other_sum / other_count.where(other_count > 0), periods, rows["relative"] * rows["size"])
    rows["score"] = rows["step_error"] / scale.where(scale > 0)
    return rows[["method", "target", "score"]]


def _scales(paths: pd.DataFrame, errors: pd.DataFrame, sizes: pd.DataFrame, relative: pd.DataFrame) -> pd.DataFrame:
    """series_id, method, scale: the mean one-step error of the series, drawn towards the one of its level."""
    targets = errors.assign(target=errors["horizon"] - errors["cutoff"]).groupby(_SERIES)
    own = targets.agg(mean=("step_error", "mean"), periods=("target", "nunique")).reset_index()
    result = paths[_SERIES].drop_duplicates().merge(sizes, on="series_id").merge(own, on=_SERIES, how="left")
    result = result.merge(relative, on=["level", "method"], how="left")
    prior = result["relative"].fillna(_UNKNOWN_RELATIVE_ERROR) * result["size"]
    result["scale"] = _shrunk_scale(result["mean"], result["periods"].fillna(0), prior)
    return result[[*_SERIES, "scale"]]


def _shrunk_scale(own: pd.Series, periods: pd.Series, prior: pd.Series) -> pd.Series:
    return (own.fillna(0) * periods + _PRIOR_PERIODS * prior) / (periods + _PRIOR_PERIODS)


def _abs_error(rows: pd.DataFrame) -> pd.Series:
    return (rows["yhat"] - rows["actual"]).abs()


def _normal_ratio(level: float) -> float:
    """Quantile of |z| over its mean for a normal error: the score where a method has no backtest."""
    return float(NormalDist().inv_cdf((1 + level) / 2) / math.sqrt(2 / math.pi))
