"""Outcomes as known at a moment, and how far ahead one looks.

Here: masking outcomes that were not known yet, the (snapshot, horizon) training pairs, and the distance in days from
an as-of date to the ends of the fiscal periods ahead. Not here: features and models.

A horizon is a number of days. Snapshots are taken on the last day of a period, predictions on any day; were the
horizon counted in periods, a model could not tell a period that has just begun from one that ends tonight.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from models.features import LABEL_COLUMNS, as_days, prepare_features, require_columns

HORIZON_DAYS = "horizon_days"
WON_BY_HORIZON = "won_by_horizon"


def known_outcomes(features: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The snapshots before `as_of` with their outcome as it was known at the end of that day.

    In: feature rows with `closed_date` and `outcome` (won, lost, open, removed). Out: prepared features plus
    `closed_day` (datetime64, NaT while open or not known yet) and `is_won` (bool), in key order. A closing after
    `as_of` is still open here. Rows whose closing is not after their own as-of date (a closing that was back-dated
    afterwards) or whose removal has no date are left out: no horizon tells their outcome truly.
    """
    require_columns(features, LABEL_COLUMNS, "features")
    features = features.reset_index(drop=True)
    known = prepare_features(features)
    moment = pd.Timestamp(as_of)
    closed = as_days(features["closed_date"]).reindex(known.index)
    outcome = features["outcome"].reindex(known.index)
    is_undated = outcome.isin(["won", "lost", "removed"]) & closed.isna()
    closed = closed.where((closed <= moment) & (outcome != "open"))
    known["closed_day"] = closed
    known["is_won"] = (outcome == "won") & closed.notna()
    is_usable = (known["as_of_date"] < moment) & ~(closed <= known["as_of_date"]) & ~is_undated
    return known[is_usable].reset_index(drop=True)


def training_pairs(known: pd.DataFrame, as_of: date, fractions: np.ndarray, longest_days: int) -> pd.DataFrame:
    """Pair each snapshot with horizons that lie in the past of `as_of`.

    In: `known` as `known_outcomes` gives it, shape (n, …); `fractions` of `longest_days`, shape (n, k), in (0, 1].
    Out: at most n × k rows: the snapshot's columns, `horizon_days` (float) and `won_by_horizon` (int 0/1). A pair is
    kept only if as_of_date + horizon ≤ `as_of`, whether the deal has closed or not: keeping the closed ones of younger
    snapshots would favour quick winners.
    """
    days = np.maximum(np.ceil(fractions * longest_days), 1.0)
    room = (pd.Timestamp(as_of) - known["as_of_date"]).dt.days.to_numpy()
    row, column = np.nonzero(days <= room[:, None])
    pairs = known.iloc[row].reset_index(drop=True)
    pairs[HORIZON_DAYS] = days[row, column]
    pairs[WON_BY_HORIZON] = won_within(pairs, pairs[HORIZON_DAYS])
    return pairs


def won_within(known: pd.DataFrame, days: pd.Series) -> pd.Series:
    """1 where the deal was won at most `days` after its as-of date, else 0."""
    elapsed = (known["closed_day"] - known["as_of_date"]).dt.days
    return (known["is_won"] & (elapsed <= days)).astype("int64")


def period_horizons(as_of_dates: pd.Series, periods: pd.DataFrame, max_horizon: int) -> pd.DataFrame:
    """Days from each as-of date to the end of its fiscal period and of the `max_horizon` periods after it.

    In: as-of dates; `periods` with fiscal_period_key, period_start, period_end (last day, inclusive). Out: one row
    per distinct as-of date × horizon 0…max_horizon: as_of_date, horizon, horizon_period_key (Int64), horizon_days.
    Raises ValueError where the calendar does not cover a date or ends too early.
    """
    require_columns(periods, ("fiscal_period_key", "period_start", "period_end"), "periods")
    calendar = periods.assign(start=as_days(periods["period_start"]), end=as_days(periods["period_end"]))
    calendar = calendar.sort_values("start", kind="stable").reset_index(drop=True)
    days = pd.Series(as_days(as_of_dates).drop_duplicates().sort_values().to_numpy(), name="as_of_date")
    first = np.searchsorted(calendar["start"].to_numpy(), days.to_numpy(), side="right") - 1
    _require_coverage(days, first, calendar, max_horizon)
    position = (first[:, None] + np.arange(max_horizon + 1)).ravel()
    ahead = pd.DataFrame({"as_of_date": np.repeat(days.to_numpy(), max_horizon + 1)})
    ahead["horizon"] = np.tile(np.arange(max_horizon + 1), len(days))
    ahead["horizon_period_key"] = calendar["fiscal_period_key"].to_numpy()[position]
    ahead["horizon_period_key"] = ahead["horizon_period_key"].astype("Int64")
    ahead[HORIZON_DAYS] = (pd.Series(calendar["end"].to_numpy()[position]) - ahead["as_of_date"]).dt.days.astype(float)
    return ahead


def _require_coverage(days: pd.Series, first: np.ndarray, calendar: pd.DataFrame, max_horizon: int) -> None:
    for day, position in zip(days, first, strict=True):
        if position < 0 or day > calendar["end"].iloc[position] or position + max_horizon >= len(calendar):
            raise ValueError(
                f"The fiscal calendar has {len(calendar)} periods and does not cover {day.date()} and the "
                f"{max_horizon} periods after it. Set SALESWH_CALENDAR_END later, or leave it empty."
            )
