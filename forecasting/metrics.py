"""The forecast metrics of the metric book (M10 to M22): one definition each, on a long frame.

Belongs here: formulas. Does not belong here: which rows are compared (see `accuracy`).
Error = forecast - actual, so a positive bias is over-forecasting. `rows` has `forecast` and `actual` and the columns a
metric names; `by` are the columns that keep rows apart; the result is a Series indexed by them. Undefined is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from forecasting.season import FloatArray

MIN_FVA_OBSERVATIONS = 8


def error(rows: pd.DataFrame) -> pd.Series:
    """M10 per row: forecast - actual."""
    return rows["forecast"] - rows["actual"]


def wape(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M11: sum of absolute errors over sum of absolute actuals."""
    return _ratio(_sum(error(rows).abs(), rows, by), _sum(rows["actual"].abs(), rows, by))


def accuracy(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M12: 1 - WAPE, not below 0."""
    return (1 - wape(rows, by)).clip(lower=0)


def bias(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M13: sum of errors over sum of actuals."""
    return _ratio(_sum(error(rows), rows, by), _sum(rows["actual"], rows, by))


def mase_scale(training: FloatArray, season_length: int) -> float:
    """M14, denominator: mean absolute change over one season within the training window; NaN where shorter or 0."""
    changes = _seasonal_changes(training, season_length)
    return _positive(np.mean(np.abs(changes))) if len(changes) else np.nan


def rmsse_scale(training: FloatArray, season_length: int) -> float:
    """M15, denominator: root mean square change over one season within the training window; NaN where shorter or 0."""
    changes = _seasonal_changes(training, season_length)
    return _positive(np.sqrt(np.mean(changes**2))) if len(changes) else np.nan


def mase(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M14: mean of absolute errors, each over the `mase_scale` of its run and series; rows without one are left out."""
    return _mean(error(rows).abs() / rows["mase_scale"], rows, by)


def rmsse(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M15: root of the mean of squared errors, each over the `rmsse_scale` of its own run and series."""
    return _mean((error(rows) / rows["rmsse_scale"]) ** 2, rows, by) ** 0.5


def tracking_signal(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M16: sum of errors over their mean absolute value, on totals per `period_start`."""
    totals = _sum(error(rows), rows, [*by, "period_start"]).rename("error").reset_index()
    return _ratio(_sum(totals["error"], totals, by), _mean(totals["error"].abs(), totals, by))


def coverage(rows: pd.DataFrame, by: list[str], low: str = "p10", high: str = "p90") -> pd.Series:
    """M17: share of actuals from `low` to `high`, both included; rows without an interval are left out."""
    inside = ((rows["actual"] >= rows[low]) & (rows["actual"] <= rows[high])).astype(float)
    return _mean(inside.where(rows[low].notna() & rows[high].notna()), rows, by)


def pinball(rows: pd.DataFrame, column: str, quantile: float) -> pd.Series:
    """M18 per row: quantile loss of the forecast quantile in `column`."""
    short = rows["actual"] - rows[column]
    return pd.Series(np.maximum(quantile * short, (quantile - 1) * short), index=rows.index)


def scaled_crps(rows: pd.DataFrame, by: list[str], quantiles: dict[str, float]) -> pd.Series:
    """M18: 2/Q times the summed quantile losses over summed absolute actuals; `quantiles` maps column to quantile."""
    losses = sum((pinball(rows, column, q) for column, q in quantiles.items()), start=pd.Series(0.0, index=rows.index))
    return 2 / len(quantiles) * _ratio(_sum(losses, rows, by), _sum(rows["actual"].abs(), rows, by))


def forecast_value_added(rows: pd.DataFrame, previous: str, step: str) -> tuple[float, bool]:
    """M19: percentage points of WAPE that column `step` takes off column `previous`, on identical rows.

    Returns: (points, proven): proven by a two-sided sign test at 5 % on at least eight rows.
    """
    from scipy.stats import binomtest  # Here, since it takes seconds to import and most commands never get here.

    both = rows.dropna(subset=[previous, step, "actual"])
    before, after = (both[column] - both["actual"] for column in (previous, step))
    total = both["actual"].abs().sum()
    points = 100 * (before.abs().sum() - after.abs().sum()) / total if total else np.nan
    better, worse = int((after.abs() < before.abs()).sum()), int((after.abs() > before.abs()).sum())
    if len(both) < MIN_FVA_OBSERVATIONS or better + worse == 0:
        return float(points), False
    return float(points), bool(binomtest(better, better + worse).pvalue < 0.05)


def stability(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M20: change against `previous_forecast`, the vintage before's for the same period, over that forecast.

    The rows of one target period give the metric of the book; rows without a previous vintage are left out.
    """
    paired = rows[rows["previous_forecast"].notna()]
    change = (paired["forecast"] - paired["previous_forecast"]).abs()
    return _ratio(_sum(change, paired, by), _sum(paired["previous_forecast"], paired, by))


def period_accuracy(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """M21: 1 - |A - F| / A on the total of the group, not below 0. Nets opposite errors: only for comparison."""
    forecast, actual = _sum(rows["forecast"], rows, by), _sum(rows["actual"], rows, by)
    return (1 - _ratio((actual - forecast).abs(), actual)).clip(lower=0)


def coherence_gap(parent: pd.Series, children: pd.DataFrame) -> pd.Series:
    """M22: |parent - sum of children| per index entry; `children` has one column per child."""
    return (parent - children.sum(axis=1)).abs()


def _seasonal_changes(training: FloatArray, season_length: int) -> FloatArray:
    return np.asarray(training[season_length:] - training[:-season_length], dtype=float)


def _positive(scale: np.floating[Any]) -> float:
    return float(scale) if scale > 0 else np.nan


def _sum(values: pd.Series, rows: pd.DataFrame, by: list[str]) -> pd.Series:
    return values.groupby([rows[column] for column in by], dropna=False).sum()


def _mean(values: pd.Series, rows: pd.DataFrame, by: list[str]) -> pd.Series:
    return values.groupby([rows[column] for column in by], dropna=False).mean()


def _ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    return numerator / denominator.where(denominator != 0)
