"""Forecast accuracy from kept vintages: the only place where forecasts meet actuals.

Belongs here: which forecast is compared with which actual, and the summaries. Does not belong here: formulas (see
`metrics`), forecasting. Readers of the tables made here never compute accuracy again.
Lag n is the forecast of the n-th period after the last one closed at the data as-of. The method `champion` repeats, run
by run, the rows of the method that was champion then: it is what a reader of the forecasts would have believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from forecasting import metrics
from forecasting.calendar import utc_naive

CHAMPION = "champion"
# None rather than NaN: the column is text.
_NULL: Any = None
ACCURACY_COLUMNS = [
    "run_id", "series_id", "level", "method", "grain", "period_start", "lag_periods", "forecast", "actual", "error",
    "abs_error", "p10", "p90", "actual_status", "measure", "previous_forecast", "mase_scale", "rmsse_scale",
]  # fmt: skip
METRIC_COLUMNS = [
    "as_of_date", "level", "method", "grain", "lag_periods", "window_periods", "observation_count", "wape", "accuracy",
    "bias", "mase", "rmsse", "tracking_signal", "interval_coverage_80", "stability", "measure", "series_id", "actor",
]  # fmt: skip

_GROUP = ["level", "method", "grain", "lag_periods", "measure"]
_METRICS = {
    "wape": metrics.wape,
    "accuracy": metrics.accuracy,
    "bias": metrics.bias,
    "mase": metrics.mase,
    "rmsse": metrics.rmsse,
    "tracking_signal": metrics.tracking_signal,
    "interval_coverage_80": metrics.coverage,
    "stability": metrics.stability,
}


def score(
    forecasts: pd.DataFrame,
    runs: pd.DataFrame,
    actuals: pd.DataFrame,
    dim_series: pd.DataFrame,
    profiles: pd.DataFrame,
    lags: Sequence[int],
    as_of: datetime,
) -> pd.DataFrame:
    """Every kept forecast of a closed period beside its actual.

    Args:
        forecasts, runs, dim_series, profiles: fct_forecast, forecast_run, dim_series, fct_series_profile of all runs.
        actuals: series_id, period_start, actual, actual_status (see `actuals.closed_actuals`).
        lags: the lags to keep, in periods.
        as_of: naive UTC; runs with a later data as-of are left out.
    Returns:
        ACCURACY_COLUMNS: `forecast.fct_forecast_accuracy` with the scales of the run's training window and the forecast
        that the vintage before of the same configuration made for the same period; grain run × series × method ×
        period × lag.
    """
    columns = ["run_id", "data_as_of", "cadence", "config_hash"]
    known = runs.loc[pd.to_datetime(runs["data_as_of"]) <= utc_naive(as_of), columns]
    closed = _dated(actuals)[["series_id", "period_start", "actual", "actual_status"]]
    series = dim_series[["series_id", "level", "measure"]].drop_duplicates("series_id")
    scales = profiles[["run_id", "series_id", "mase_scale", "rmsse_scale"]]
    rows = _with_previous(_with_champion(_dated(forecasts).merge(known, on="run_id")))
    rows = rows[rows["horizon"].isin(list(lags))].merge(closed, on=["series_id", "period_start"])
    rows = rows.merge(series, on="series_id").merge(scales, on=["run_id", "series_id"], how="left")
    rows = rows.rename(columns={"horizon": "lag_periods", "yhat": "forecast"})
    rows["error"] = metrics.error(rows)
    rows["abs_error"] = rows["error"].abs()
    rows["period_start"] = rows["period_start"].dt.date
    keys = ["data_as_of", "config_hash", "series_id", "method", "period_start", "lag_periods"]
    return rows.sort_values(keys, ignore_index=True)[ACCURACY_COLUMNS]


def leading_runs(runs: pd.DataFrame, config_hash: str) -> set[str]:
    """One run for each cadence and data as-of: that of the configuration in force, else the one made last.

    Changing a setting forecasts every moment again, and the runs made before stay. Metrics over all of them would count
    a moment twice and mix two configurations.

    Args:
        runs: forecast_run.
        config_hash: the configuration in force.
    """
    ranked = runs.assign(is_in_force=runs["config_hash"] == config_hash)
    ranked = ranked.sort_values(["is_in_force", "created_at", "run_id"])
    return set(ranked.drop_duplicates(["cadence", "data_as_of"], keep="last")["run_id"])


def summarise(accuracy: pd.DataFrame, as_of_date: date, windows: Sequence[int] = (3, 6, 12)) -> pd.DataFrame:
    """Metrics per level and per series over the last closed periods.

    Args:
        accuracy: result of `score`, one run for each data as-of (see `leading_runs`).
        as_of_date: the business date of the scoring.
        windows: numbers of periods counted back from the latest target period in `accuracy`.
    Returns:
        METRIC_COLUMNS: `forecast.fct_forecast_metric`; series_id is NULL on the rows of a whole level.
    """
    periods = sorted(accuracy["period_start"].unique())
    blocks = []
    for window in windows:
        rows = accuracy[accuracy["period_start"].isin(periods[-window:])]
        for by in (_GROUP, [*_GROUP, "series_id"]):
            blocks.append(_metrics(rows, by).assign(window_periods=window))
    result = pd.concat(blocks, ignore_index=True).assign(as_of_date=as_of_date, actor=None)
    result["series_id"] = result["series_id"].astype(object).mask(result["series_id"].isna(), other=_NULL)
    order = ["level", "series_id", "method", "lag_periods", "window_periods"]
    return result.sort_values(order, na_position="first", ignore_index=True)[METRIC_COLUMNS]


def _metrics(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    counts = rows.groupby(by, dropna=False).size().rename("observation_count")
    columns = [metric(rows, by).rename(name) for name, metric in _METRICS.items()]
    return pd.concat([counts, *columns], axis=1).reset_index().reindex(columns=METRIC_COLUMNS)


def _with_champion(forecasts: pd.DataFrame) -> pd.DataFrame:
    champions = forecasts[forecasts["is_champion"].astype(bool)].assign(method=CHAMPION)
    return pd.concat([forecasts, champions], ignore_index=True)


def _with_previous(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Adds previous_forecast: what the vintage before, of the same configuration, said about the same period."""
    line = ["cadence", "config_hash"]
    order = forecasts[[*line, "data_as_of"]].drop_duplicates().sort_values([*line, "data_as_of"])
    order["next_as_of"] = order.groupby(line)["data_as_of"].shift(-1)
    earlier = forecasts.merge(order, on=[*line, "data_as_of"])
    keys = [*line, "series_id", "method", "grain", "period_start"]
    earlier = earlier[[*keys, "next_as_of", "yhat"]]
    earlier = earlier.rename(columns={"next_as_of": "data_as_of", "yhat": "previous_forecast"})
    return forecasts.merge(earlier[earlier["data_as_of"].notna()], on=[*keys, "data_as_of"], how="left")


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]).astype("datetime64[us]"))
