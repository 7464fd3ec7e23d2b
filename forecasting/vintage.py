"""One vintage: everything forecast from what was known at one moment, with its identity.

Belongs here: putting series, backtest, champions and intervals together into the tables of the `forecast` schema.
Does not belong here: storing them, deciding when to run, accuracy.
A vintage is a function of its inputs: the same cadence, data as-of, configuration, input and method version give the
same run_id and the same content, whoever computes it and whenever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from forecasting.backtest import backtest, forecast_paths, short_series, training_values
from forecasting.calendar import fiscal_periods, utc_naive
from forecasting.config import ForecastConfig
from forecasting.fits import FitCache
from forecasting.hashing import frame_hash, text_hash
from forecasting.intervals import QUANTILE_COLUMNS, add_intervals
from forecasting.profile import profile_series
from forecasting.select import choose_champions
from forecasting.series import SeriesSet, build_series, parents

# Raise it when the same input and settings would give other numbers.
METHOD_VERSION = "1"

RUN_COLUMNS = [
    "run_id", "cadence", "data_as_of", "created_at", "git_sha", "config_hash", "input_hash", "output_hash",
    "horizon_periods", "status", "published_at",
]  # fmt: skip
FORECAST_COLUMNS = [
    "run_id", "series_id", "method", "grain", "period_start", "horizon", "yhat", "p10", "p50", "p90", "is_reconciled",
    "uses_market_indicators", "p025", "p975", "is_champion",
]  # fmt: skip
PROFILE_COLUMNS = [
    "run_id", "series_id", "observation_count", "missing_count", "outlier_count", "adi", "cv_squared", "trend_strength",
    "seasonal_strength", "demand_class", "chosen_method", "champion_reason", "chosen_wape", "baseline_wape",
    "mase_scale", "rmsse_scale",
]  # fmt: skip


@dataclass(frozen=True)
class Vintage:
    """The tables of one run; grains and columns as in the public contract, dates as `datetime.date`."""

    forecast_run: pd.DataFrame
    dim_series: pd.DataFrame
    bridge_series: pd.DataFrame
    fct_series_profile: pd.DataFrame
    fct_forecast: pd.DataFrame

    @property
    def run_id(self) -> str:
        """Hash of cadence, data as-of, configuration, input and method version."""
        return str(self.forecast_run["run_id"].iloc[0])


def vintage_id(sales: pd.DataFrame, periods: pd.DataFrame, data_as_of: datetime, config: ForecastConfig) -> str:
    """The run_id a vintage would have, without fitting anything: an existing run need not be computed again."""
    return _identity(build_series(sales, periods, data_as_of, config), data_as_of, config)[0]


def forecast_vintage(
    sales: pd.DataFrame,
    periods: pd.DataFrame,
    data_as_of: datetime,
    config: ForecastConfig,
    *,
    git_sha: str,
    created_at: datetime,
    cache: FitCache | None = None,
) -> Vintage:
    """Forecast every series from the lines posted by `data_as_of`.

    Args:
        sales: see `lines.sales_lines`.
        periods: the fiscal calendar, reaching `config.horizon_periods` beyond the last closed period.
        data_as_of: naive UTC; nothing posted later is seen.
        git_sha, created_at: written to forecast_run, without influence on its identity.
        cache: shared by successive vintages, spares equal fits.
    Raises:
        ValueError: no closed period holds sales, or the calendar ends too early.
    """
    if cache is None:
        cache = FitCache(config.horizon_periods, config.season_length)
    built = build_series(sales, periods, data_as_of, config)
    if built.observations.empty:
        raise ValueError(
            f"Expected sales in a period closed by {utc_naive(data_as_of)} to forecast from; there are none. "
            "Choose a later data as-of or load sales first."
        )
    future = _future_starts(periods, built.observations["period_start"].max(), config)
    profile = profile_series(built.observations, config)
    paths, champions = _forecast(built, profile, config, cache)
    paths["period_start"] = paths["horizon"].map(future)
    run_id, input_hash = _identity(built, data_as_of, config)
    forecasts = _fct_forecast(run_id, paths, champions, config)
    run = _forecast_run(run_id, data_as_of, created_at, git_sha, config, input_hash, frame_hash(forecasts))
    profile = profile.merge(champions, on="series_id").assign(run_id=run_id)
    return Vintage(run, built.dim_series, built.bridge_series, profile[PROFILE_COLUMNS], forecasts)


def replay(
    sales: pd.DataFrame,
    periods: pd.DataFrame,
    moments: Sequence[datetime],
    config: ForecastConfig,
    *,
    git_sha: str,
    created_at: datetime,
) -> Iterator[Vintage]:
    """The vintages of several data as-of moments, in the given order, one at a time; equal fits are made once."""
    cache = FitCache(config.horizon_periods, config.season_length)
    for moment in moments:
        yield forecast_vintage(sales, periods, moment, config, git_sha=git_sha, created_at=created_at, cache=cache)


def _forecast(
    built: SeriesSet, profile: pd.DataFrame, config: ForecastConfig, cache: FitCache
) -> tuple[pd.DataFrame, pd.DataFrame]:
    training = training_values(built.observations)
    lenders = parents(built.dim_series, config).drop_duplicates("child_series_id")
    parent_of = dict(zip(lenders["child_series_id"], lenders["parent_series_id"], strict=True))
    backtested = backtest(training, parent_of, config, cache)
    levels = dict(zip(built.dim_series["series_id"], built.dim_series["level"], strict=True))
    champions = choose_champions(levels, short_series(training, parent_of, config), backtested, config)
    sizes = profile[["series_id", "size"]].merge(built.dim_series[["series_id", "level"]], on="series_id")
    return add_intervals(forecast_paths(training, parent_of, config, cache), backtested, sizes, config), champions


def _future_starts(periods: pd.DataFrame, last: pd.Timestamp, config: ForecastConfig) -> dict[int, object]:
    starts = fiscal_periods(periods, config)["period_start"]
    future = starts[starts > last].iloc[: config.horizon_periods]
    if len(future) < config.horizon_periods:
        raise ValueError(
            f"Expected the fiscal calendar to reach {config.horizon_periods} periods beyond the one of {last.date()}; "
            f"it has {len(future)}. Set SALESWH_CALENDAR_END later, or leave it empty."
        )
    return dict(enumerate(future.dt.date, start=1))


def _identity(built: SeriesSet, data_as_of: datetime, config: ForecastConfig) -> tuple[str, str]:
    input_hash = frame_hash(built.observations)
    moment = utc_naive(data_as_of).isoformat()
    return text_hash(config.cadence, moment, config.config_hash, input_hash, METHOD_VERSION), input_hash


def _fct_forecast(run_id: str, paths: pd.DataFrame, champions: pd.DataFrame, config: ForecastConfig) -> pd.DataFrame:
    result = paths.merge(champions[["series_id", "chosen_method"]], on="series_id")
    result[["yhat", *QUANTILE_COLUMNS]] = result[["yhat", *QUANTILE_COLUMNS]].round(4)
    result = result.assign(
        run_id=run_id,
        grain=config.grain,
        is_reconciled=False,
        uses_market_indicators=False,
        is_champion=result["method"] == result["chosen_method"],
    )
    return result.sort_values(["series_id", "method", "horizon"], ignore_index=True)[FORECAST_COLUMNS]


def _forecast_run(
    run_id: str, data_as_of: datetime, created_at: datetime, git_sha: str, config: ForecastConfig, input_hash: str,
    output_hash: str,
) -> pd.DataFrame:  # fmt: skip
    run = pd.DataFrame(
        {
            "run_id": [run_id],
            "cadence": config.cadence,
            "data_as_of": utc_naive(data_as_of),
            "created_at": utc_naive(created_at),
            "git_sha": git_sha,
            "config_hash": config.config_hash,
            "input_hash": input_hash,
            "output_hash": output_hash,
            "horizon_periods": np.int32(config.horizon_periods),
            "status": "completed",
            "published_at": pd.NaT,
        }
    )
    moments = ["data_as_of", "created_at", "published_at"]
    return run.astype(dict.fromkeys(moments, "datetime64[us]"))[RUN_COLUMNS]
