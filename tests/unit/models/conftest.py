"""Synthetic deals whose chance of being won is known exactly.

Each open deal is won and lost at constant rates that depend on its stage, its segment and its activity, so that
P(won within d days) = w / (w + l) · (1 − exp(−(w + l) · d)) for a deal that is still open, whatever its age.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest

STAGE_WIN_RATE = {10.0: 0.0008, 20.0: 0.0018, 40.0: 0.0045, 50.0: 0.0110}
SEGMENT_FACTOR = {"Öl & Gas": 1.6, "SMB": 0.7, "=cmd()": 1.0}
HISTORY_START = pd.Timestamp("2022-02-01")


@dataclass(frozen=True)
class Deals:
    """Snapshots with labels (`features`), the fiscal calendar, and a function giving the true probability."""

    features: pd.DataFrame
    periods: pd.DataFrame
    truth: Callable[[pd.DataFrame, np.ndarray], np.ndarray]


def _rates(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    won = rows["stage_order"].map(STAGE_WIN_RATE) * rows["segment"].map(SEGMENT_FACTOR)
    won = won * np.where(rows["activity_count_28d"] > 3, 1.5, 0.8)
    return won.to_numpy(dtype=float), np.full(len(rows), 0.004)


def _truth(rows: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    won, lost = _rates(rows)
    return np.asarray(won / (won + lost) * (1.0 - np.exp(-(won + lost) * days)))


def make_periods() -> pd.DataFrame:
    """Fiscal months from February 2022 (fiscal year 2022, period 1), shuffled as a table may come."""
    starts = pd.date_range("2022-02-01", periods=60, freq="MS")
    keys = [(start.year if start.month >= 2 else start.year - 1) * 100 + (start.month - 2) % 12 + 1 for start in starts]
    frame = pd.DataFrame({"fiscal_period_key": keys, "period_start": starts.date})
    frame["period_end"] = (starts + pd.offsets.MonthEnd(0)).date
    return frame.sample(frac=1.0, random_state=3)


def make_deals(count: int, as_of: date, seed: int = 11) -> Deals:
    """Month-end snapshots of `count` deals, in no order, with odd ids, leap day and missing values included."""
    rng = np.random.default_rng(seed)
    deals = pd.DataFrame({"opportunity_id": [f"salesforce:006{i * 7919 % 999983:012d}Ă'" for i in range(count)]})
    deals["stage_order"] = rng.choice(list(STAGE_WIN_RATE), count)
    deals["segment"] = rng.choice(list(SEGMENT_FACTOR), count)
    deals["activity_count_28d"] = rng.integers(0, 8, count)
    won, lost = _rates(deals)
    created = rng.integers(0, (pd.Timestamp(as_of) - HISTORY_START).days, count)
    duration = np.ceil(rng.exponential(1.0 / (won + lost))) + 1
    deals["created"] = HISTORY_START + pd.to_timedelta(created, unit="D")
    deals["closed"] = deals["created"] + pd.to_timedelta(duration, unit="D")
    deals["outcome"] = np.where(rng.random(count) < won / (won + lost), "won", "lost")
    deals["amount"] = rng.lognormal(9.0, 1.0, count)
    deals["close_offset"] = rng.integers(10, 200, count)
    ends = pd.DataFrame({"as_of_date": pd.date_range(HISTORY_START, as_of, freq="ME")})
    rows = deals.merge(ends, how="cross")
    rows = rows[(rows["created"] <= rows["as_of_date"]) & (rows["closed"] > rows["as_of_date"])]
    return Deals(_as_table(rows.copy(), rng), make_periods(), _truth)


def _as_table(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows["age_days"] = (rows["as_of_date"] - rows["created"]).dt.days
    rows["stage_days"] = rows["age_days"]
    rows["days_to_close_date"] = (rows["close_offset"] - rows["age_days"]).where(rng.random(len(rows)) > 0.05)
    rows["push_count_so_far"] = pd.array(rng.integers(0, 3, len(rows)), dtype="Int64")
    rows.loc[rng.random(len(rows)) < 0.3, "push_count_so_far"] = pd.NA
    rows["regress_count_so_far"] = 0
    rows["days_since_last_activity"] = rng.integers(0, 60, len(rows)).astype(float)
    rows["pipeline_id"] = rng.choice(["new", "tender"], len(rows))
    rows["source_id"] = rng.choice(np.array(["web", None], dtype=object), len(rows))
    rows["product_line"] = "UNKNOWN"
    rows["sales_rep_id"] = rng.choice([f"salesforce:005{i}" for i in range(40)], len(rows))
    rows["closed_date"] = rows["closed"].dt.date
    rows["as_of_date"] = rows["as_of_date"].dt.date
    rows = rows.drop(columns=["created", "closed", "close_offset"])
    return rows.sample(frac=1.0, random_state=5)


@pytest.fixture(scope="session")
def as_of() -> date:
    return date(2025, 3, 14)


@pytest.fixture(scope="session")
def deals(as_of: date) -> Deals:
    return make_deals(3000, as_of)
