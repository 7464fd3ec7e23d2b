"""The fiscal calendar as forecasting sees it: when a period is closed and when a vintage is due.

Belongs here: periods and their closing moments. Does not belong here: sales, series, methods.
A period closes on the n-th business day after its end, at a fixed hour UTC; until then late postings are still usual
and its actual is not taken as known.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from forecasting.config import ForecastConfig

PERIOD_COLUMNS = ["fiscal_period_key", "period_start", "period_end"]
_ONE_DAY = pd.Timedelta(days=1)


def utc_naive(moment: datetime) -> pd.Timestamp:
    """A moment as naive UTC; an aware one is converted, a naive one is taken to be UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return pd.Timestamp(moment)


def fiscal_periods(periods: pd.DataFrame, config: ForecastConfig) -> pd.DataFrame:
    """Sorted, checked periods with their closing moment.

    Args:
        periods: one row per fiscal period with `fiscal_period_key`, `period_start`, `period_end` (inclusive).
    Returns:
        The same columns as timestamps, plus `closes_at` (naive UTC); index 0..n-1 in time order.
    Raises:
        ValueError: columns are missing, or periods overlap or leave a gap.
    """
    missing = [column for column in PERIOD_COLUMNS if column not in periods.columns]
    if missing:
        raise ValueError(f"Expected periods with columns {', '.join(PERIOD_COLUMNS)}; missing {', '.join(missing)}.")
    result = periods[PERIOD_COLUMNS].copy()
    for column in ("period_start", "period_end"):
        result[column] = pd.to_datetime(result[column]).astype("datetime64[us]")
    result = result.sort_values("period_start", ignore_index=True)
    _require_contiguous(result)
    result["closes_at"] = _closing_moments(result["period_end"], config)
    return result


def closed_periods(periods: pd.DataFrame, as_of: datetime, config: ForecastConfig) -> pd.DataFrame:
    """The periods of `fiscal_periods` whose closing moment is not after `as_of`."""
    calendar = periods if "closes_at" in periods.columns else fiscal_periods(periods, config)
    return calendar[calendar["closes_at"] <= utc_naive(as_of)]


def last_closing(periods: pd.DataFrame, moment: datetime, config: ForecastConfig) -> datetime | None:
    """When the newest of the periods closed by `moment` closed (naive UTC); None before the first has closed."""
    closed = closed_periods(periods, moment, config)
    return None if closed.empty else closed["closes_at"].iloc[-1].to_pydatetime()


def due_vintages(
    periods: pd.DataFrame, first_sale_date: date, clock: datetime, config: ForecastConfig
) -> list[datetime]:
    """Data as-of moments of every vintage due by `clock`, oldest first: one per closed period.

    The first is due when `config.first_vintage_periods` periods, counted from the period of the first sale, are closed.
    """
    calendar = fiscal_periods(periods, config)
    with_sales = calendar[calendar["period_end"] >= pd.Timestamp(first_sale_date)]
    closed = closed_periods(with_sales, clock, config)
    return [moment.to_pydatetime() for moment in closed["closes_at"].iloc[config.first_vintage_periods - 1 :]]


def _closing_moments(period_ends: pd.Series, config: ForecastConfig) -> pd.Series:
    next_days = (period_ends + _ONE_DAY).to_numpy().astype("datetime64[D]")
    holidays = np.array(config.holidays, dtype="datetime64[D]")
    days = np.busday_offset(next_days, config.close_business_day - 1, roll="forward", holidays=holidays)
    moments = days.astype("datetime64[us]") + np.timedelta64(config.close_hour_utc, "h")
    return pd.Series(moments, index=period_ends.index)


def _require_contiguous(periods: pd.DataFrame) -> None:
    expected = periods["period_end"].shift() + _ONE_DAY
    broken = periods[(periods["period_start"] != expected) & expected.notna()]
    if not broken.empty:
        row = broken.index[0]
        raise ValueError(
            f"Expected fiscal period {periods['fiscal_period_key'][row]} to start on {expected[row].date()}, the "
            f"day after the one before it ends; it starts on {periods['period_start'][row].date()}. "
            "Mend the fiscal calendar."
        )
