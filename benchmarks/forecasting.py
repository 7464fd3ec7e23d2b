"""What a forecast vintage costs against statsforecast called directly with the same methods on the same series.

Belongs here: measuring and printing ratios. Does not belong here: thresholds, which are the reader's.
Floors: statsforecast fits each model once per series and cutoff, as one vintage does, with nothing around it: first as
its models come (seasonal), then on seasonally adjusted series as `forecasting.methods` calls them.
Run: python -m benchmarks.forecasting
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pandas as pd
from statsforecast.models import AutoETS, DynamicOptimizedTheta, SeasonalNaive

from forecasting.backtest import training_values
from forecasting.calendar import due_vintages
from forecasting.config import ForecastConfig
from forecasting.season import FloatArray, estimate_season
from forecasting.series import build_series
from forecasting.vintage import forecast_vintage, replay

REGIONS = ("North", "South", "East", "West", "Central")
PRODUCT_LINES = ("Pumps", "Valves", "Bearings", "Sensors")
NOW = datetime(2025, 3, 14, 6)


def fiscal_months(count: int = 64) -> pd.DataFrame:
    """A fiscal calendar of months from February 2022."""
    starts = pd.date_range("2022-02-01", periods=count, freq="MS")
    ends = starts + pd.offsets.MonthEnd(0)
    return pd.DataFrame({"fiscal_period_key": np.arange(count), "period_start": starts, "period_end": ends})


def company(lines_per_month: int = 70) -> pd.DataFrame:
    """About 52,000 seasonal sales lines over 37 months, as many as the demo company has at profile M."""
    rng = np.random.default_rng(0)
    months = pd.date_range("2022-02-01", periods=37, freq="MS")
    frames = []
    for region in REGIONS:
        for phase, line in enumerate(PRODUCT_LINES):
            season = 1 + 0.3 * np.sin(2 * np.pi * (np.arange(37) + 3 * phase) / 12)
            level = rng.uniform(0.5, 2) * season * 1.006 ** np.arange(37) * np.exp(rng.normal(0, 0.1, 37))
            days = np.repeat(months, lines_per_month) + pd.to_timedelta(rng.integers(0, 28, 37 * lines_per_month), "D")
            amounts = np.repeat(level, lines_per_month) * rng.lognormal(6, 1, len(days))
            frames.append(
                pd.DataFrame({"invoice_date": days, "posted_at": days, "net_amount": amounts.round(4)}).assign(
                    region=region, product_line=line
                )
            )
    return pd.concat(frames, ignore_index=True)


def cut_series(training: dict[str, FloatArray], config: ForecastConfig) -> list[FloatArray]:
    """Every training series of one vintage: each series whole and at each of its cutoffs."""
    return [
        values[: len(values) - cutoff]
        for values in training.values()
        for cutoff in range(config.backtest_windows + 1)
        if len(values) - cutoff >= config.min_training_periods
    ]


def statsforecast_seasonal(series: list[FloatArray], config: ForecastConfig) -> None:
    """The floor: the three models as they come, with their own season."""
    m = config.season_length
    for values in series:
        for model in (SeasonalNaive(m), AutoETS(m, model="AZZ"), DynamicOptimizedTheta(m)):
            model.forecast(values, config.horizon_periods)


def statsforecast_adjusted(series: list[FloatArray], config: ForecastConfig) -> None:
    """The floor: the three models on series whose season is taken out beforehand."""
    for values in series:
        season = estimate_season(values, config.season_length)
        adjusted = season.remove(values) if season else values
        SeasonalNaive(config.season_length).forecast(values, config.horizon_periods)
        for model in (AutoETS(1, model="AZN"), DynamicOptimizedTheta(1)):
            model.forecast(adjusted / np.abs(adjusted).mean(), config.horizon_periods)


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call: comparable on a busy machine."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Print one line per measurement."""
    warnings.simplefilter("ignore")
    config, sales, periods = ForecastConfig(), company(), fiscal_months()
    due = due_vintages(periods, sales["invoice_date"].min().date(), NOW, config)
    series = cut_series(training_values(build_series(sales, periods, due[-1], config).observations), config)
    vintage = seconds(lambda: forecast_vintage(sales, periods, due[-1], config, git_sha="", created_at=NOW))
    seasonal = seconds(lambda: statsforecast_seasonal(series, config))
    adjusted = seconds(lambda: statsforecast_adjusted(series, config))
    history = seconds(lambda: list(replay(sales, periods, due, config, git_sha="", created_at=NOW)))
    print(f"forecast vintage / statsforecast seasonal models ({len(series)} series): {vintage / seasonal:.2f}")
    print(f"forecast vintage / statsforecast on adjusted series: {vintage / adjusted:.2f} ({vintage:.1f} s)")
    print(f"replay of {len(due)} vintages / one vintage: {history / vintage:.1f} ({history:.1f} s)")


if __name__ == "__main__":
    main()
