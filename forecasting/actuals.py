"""Actuals of closed periods: what they were when the period closed, what they are now, and every change between.

Belongs here: final and restated actuals. Does not belong here: forecasts, errors.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from forecasting.calendar import fiscal_periods
from forecasting.config import ForecastConfig
from forecasting.lines import UNITS, known_lines, sales_lines
from forecasting.series import build_series, level_sums

RESTATEMENT_COLUMNS = ["series_id", "grain", "period_start", "restated_at", "actual_before", "actual_after"]
FINAL, RESTATED = "final", "restated"


def closed_actuals(sales: pd.DataFrame, periods: pd.DataFrame, as_of: datetime, config: ForecastConfig) -> pd.DataFrame:
    """Actuals per series and closed period as known at `as_of`.

    Returns: series_id, period_start, actual, actual_at_close, actual_status: `restated` where a line posted after the
    closing moment of the period changed its value, else `final`. One-offs are part of an actual.
    """
    observations = build_series(sales, periods, as_of, config).observations
    lines = known_lines(sales_lines(sales, fiscal_periods(periods, config)), as_of)
    late = level_sums(lines[lines["posted_at"] > lines["closes_at"]], ["units"], config)
    change = late.set_index(["series_id", "period_start"])["units"]
    keys = pd.MultiIndex.from_frame(observations[["series_id", "period_start"]])
    changed = change.reindex(keys).fillna(0).to_numpy(dtype=float) / UNITS
    result = observations[["series_id", "period_start"]].assign(actual=observations["value"])
    result["actual_at_close"] = (result["actual"] - changed).round(4)
    result["actual_status"] = np.where(changed != 0, RESTATED, FINAL)
    return result


def restatements(sales: pd.DataFrame, periods: pd.DataFrame, as_of: datetime, config: ForecastConfig) -> pd.DataFrame:
    """Every change of a closed actual known at `as_of`, as `forecast.fct_actual_restatement`.

    Grain: series × period × moment of posting. The before of one change is the after of the one before it.
    """
    lines = known_lines(sales_lines(sales, fiscal_periods(periods, config)), as_of)
    late = lines[lines["posted_at"] > lines["closes_at"]]
    changes = [level_sums(group, ["units"], config).assign(restated_at=at) for at, group in late.groupby("posted_at")]
    if not changes:
        return pd.DataFrame(columns=RESTATEMENT_COLUMNS)
    result = pd.concat(changes, ignore_index=True)
    result = result[result["units"] != 0].sort_values(["series_id", "period_start", "restated_at"], ignore_index=True)
    actuals = closed_actuals(sales, periods, as_of, config).set_index(["series_id", "period_start"])
    keys = pd.MultiIndex.from_frame(result[["series_id", "period_start"]])
    at_close = actuals["actual_at_close"].reindex(keys).to_numpy(dtype=float)
    running = result.groupby(["series_id", "period_start"])["units"].cumsum().to_numpy(dtype=float) / UNITS
    result["actual_after"] = (at_close + running).round(4)
    result["actual_before"] = (result["actual_after"] - result["units"] / UNITS).round(4)
    result["grain"] = config.grain
    result["period_start"] = result["period_start"].dt.date
    return result[RESTATEMENT_COLUMNS]
