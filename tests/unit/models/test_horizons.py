"""Outcomes as known at a moment, training pairs that look only back, and days to the ends of fiscal periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from models.features import CATEGORICAL_FEATURES, NUMERIC_FEATURES, prepare_features
from models.horizons import known_outcomes, period_horizons, training_pairs

PERIODS = pd.DataFrame(
    {
        "fiscal_period_key": [202302, 202301, 202212],
        "period_start": [date(2024, 3, 1), date(2024, 2, 1), date(2024, 1, 1)],
        "period_end": [date(2024, 3, 31), date(2024, 2, 29), date(2024, 1, 31)],
    }
)


def _rows(*labels: tuple[str, str | None, str]) -> pd.DataFrame:
    """Feature rows from (as of, closed, outcome), with ids in reverse order."""
    rows = pd.DataFrame(labels, columns=["as_of_date", "closed_date", "outcome"])
    rows["opportunity_id"] = [f"x:{len(labels) - i}" for i in range(len(labels))]
    for name in NUMERIC_FEATURES:
        rows[name] = Decimal("1.5")
    for name in CATEGORICAL_FEATURES:
        rows[name] = None
    return rows


def test_a_closing_after_the_moment_is_still_open() -> None:
    rows = _rows(("2024-01-31", "2024-02-29", "won"), ("2024-01-31", "2024-03-01", "won"))
    known = known_outcomes(rows, date(2024, 2, 29)).set_index("opportunity_id")
    assert known.loc["x:2", "is_won"]
    assert known.loc["x:2", "closed_day"] == pd.Timestamp("2024-02-29")
    assert not known.loc["x:1", "is_won"]
    assert pd.isna(known.loc["x:1", "closed_day"])


def test_rows_without_a_true_outcome_are_left_out() -> None:
    rows = _rows(
        ("2024-01-31", "2024-01-15", "won"),  # back-dated before its own snapshot
        ("2024-01-31", None, "removed"),  # nobody knows when
        ("2024-02-29", None, "open"),  # the moment itself
        ("2024-01-31", "2024-02-10", "removed"),
    )
    assert known_outcomes(rows, date(2024, 2, 29))["opportunity_id"].tolist() == ["x:1"]


def test_pairs_end_before_the_moment_and_keep_the_lost_and_the_open() -> None:
    rows = _rows(("2024-01-31", "2024-02-10", "won"), ("2024-01-31", None, "open"), ("2024-02-25", "2024-02-26", "won"))
    known = known_outcomes(rows, date(2024, 2, 29))
    pairs = training_pairs(known, date(2024, 2, 29), np.tile([0.05, 0.10, 0.29, 0.30], (3, 1)), 100)
    found = sorted(zip(pairs["opportunity_id"], pairs["horizon_days"], pairs["won_by_horizon"], strict=True))
    assert found == [("x:2", 5, 0), ("x:2", 10, 0), ("x:2", 29, 0), ("x:3", 5, 0), ("x:3", 10, 1), ("x:3", 29, 1)]


def test_period_horizons_count_days_to_the_period_ends_over_a_leap_day() -> None:
    ahead = period_horizons(pd.Series(["2024-01-31", "2024-02-14"]), PERIODS, 1)
    assert ahead["horizon_period_key"].tolist() == [202212, 202301, 202301, 202302]
    assert ahead["horizon_days"].tolist() == [0, 29, 15, 46]


@pytest.mark.parametrize("day", ["2023-12-31", "2024-03-01", "2024-05-01"])
def test_a_calendar_that_is_too_short_is_named(day: str) -> None:
    with pytest.raises(ValueError, match=f"3 periods and does not cover {day}.*SALESWH_CALENDAR_END"):
        period_horizons(pd.Series([day]), PERIODS, 1)


def test_prepared_features_have_types_and_no_repeated_key() -> None:
    rows = _rows(("2024-01-31", None, "open"), ("2024-01-31", None, "open"))
    rows["push_count_so_far"] = pd.array([2, pd.NA], dtype="Int64")
    prepared = prepare_features(rows)
    assert prepared["opportunity_id"].tolist() == ["x:1", "x:2"]
    assert prepared["push_count_so_far"].isna().tolist() == [True, False]
    assert (prepared["amount"] == 1.5).all()
    assert prepared["segment"].isna().all()
    with pytest.raises(ValueError, match=r"1 repeated keys.*x:1 as of 2024-01-31"):
        prepare_features(pd.concat([rows, rows.tail(1)]))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="features frame lacks the columns amount, segment"):
        prepare_features(_rows(("2024-01-31", None, "open")).drop(columns=["amount", "segment"]))
