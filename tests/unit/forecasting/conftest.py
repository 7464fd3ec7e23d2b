"""A small company for the forecasting tests: odd names, a season, a late region, late postings, unsorted rows."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from forecasting.accuracy import score
from forecasting.actuals import closed_actuals
from forecasting.calendar import due_vintages
from forecasting.config import ForecastConfig
from forecasting.vintage import Vintage, replay

NOW = datetime(2025, 3, 14, 6)
REGIONS = ("Nord|Süd", "West=1", "zentral 100%")
PRODUCT_LINES = ("Pumps & Co", "0042")
MONTHS = 37


def fiscal_months(start: str = "2022-02-01", count: int = 64) -> pd.DataFrame:
    starts = pd.date_range(start, periods=count, freq="MS")
    keys = [(day.year - (day.month < 2)) * 100 + (day.month - 2) % 12 + 1 for day in starts]
    frame = pd.DataFrame({"fiscal_period_key": keys, "period_start": starts.date})
    frame["period_end"] = (starts + pd.offsets.MonthEnd(0)).date
    return frame


def synthetic_sales(seed: int = 7, regions: tuple[str, ...] = REGIONS, noise: float = 0.12) -> pd.DataFrame:
    """Two documents per region, line and month: seasonal, growing, a drop in 2023-06, a price rise in 2024-03."""
    rng = np.random.default_rng(seed)
    season = {line: 0.25 * np.sin(2 * np.pi * (np.arange(12) + rng.integers(12)) / 12) for line in PRODUCT_LINES}
    shock = rng.normal(0, 0.03, MONTHS)
    rows = []
    for region in regions:
        for line in PRODUCT_LINES:
            base = np.exp(rng.normal(10, 0.4))
            for month, start in enumerate(pd.date_range("2022-02-01", periods=MONTHS, freq="MS")):
                steps = 1 - 0.05 * (month >= 16) + 0.045 * (month >= 25)
                level = (
                    base
                    * steps
                    * 1.006**month
                    * np.exp(season[line][start.month - 1] + shock[month] + rng.normal(0, noise))
                )
                share = rng.uniform(0.3, 0.7)
                for part, day in ((share, 3), (1 - share, 24)):
                    date = start + pd.Timedelta(days=day)
                    rows.append((date.date(), date + pd.Timedelta(hours=9), region, line, round(level * part, 4)))
    columns = ["invoice_date", "posted_at", "region", "product_line", "net_amount"]
    return pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=seed, ignore_index=True)


@pytest.fixture(scope="session")
def periods() -> pd.DataFrame:
    return fiscal_months()


@pytest.fixture(scope="session")
def sales() -> pd.DataFrame:
    frame = synthetic_sales()
    is_late_region = (frame["region"] == "West=1") & (pd.to_datetime(frame["invoice_date"]) < "2024-09-01")
    frame = frame[~is_late_region].reset_index(drop=True)
    january = frame.index[pd.to_datetime(frame["invoice_date"]).dt.strftime("%Y-%m") == "2025-01"][:2]
    frame.loc[january, "posted_at"] = pd.Timestamp("2025-02-20 10:00")
    return frame


@pytest.fixture(scope="session")
def config() -> ForecastConfig:
    return ForecastConfig()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def vintages(sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig) -> list[Vintage]:
    """Every vintage due by the frozen now, oldest first."""
    due = due_vintages(periods, sales["invoice_date"].min(), NOW, config)
    return list(replay(sales, periods, due, config, git_sha="abc", created_at=NOW))


@pytest.fixture(scope="session")
def replayed_companies(periods: pd.DataFrame, config: ForecastConfig) -> list[pd.DataFrame]:
    """Champion rows of replayed companies, with `inside`: the actual is within p10 to p90."""
    frames = []
    for seed in (1, 2):
        company = synthetic_sales(seed, regions=("a", "b", "c"))
        due = due_vintages(periods, company["invoice_date"].min(), NOW, config)[::3]
        runs = list(replay(company, periods, due, config, git_sha="abc", created_at=NOW))
        tables = [
            pd.concat([getattr(run, name) for run in runs], ignore_index=True)
            for name in ("fct_forecast", "forecast_run", "dim_series", "fct_series_profile")
        ]
        rows = score(*tables[:2], closed_actuals(company, periods, NOW, config), *tables[2:], config.lags, NOW)
        rows = rows[rows["method"] == "champion"]
        frames.append(rows.assign(inside=(rows["actual"] >= rows["p10"]) & (rows["actual"] <= rows["p90"])))
    return frames
