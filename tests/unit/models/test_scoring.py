"""Brier score, reliability, base rates and calibration on answers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from models.base_rates import StageBaseRates
from models.calibration import SigmoidCalibrator
from models.scoring import brier_score, reliability_table


def test_brier_score_by_hand() -> None:
    assert brier_score([0.9, 0.2, 0.5], [1, 0, 1]) == pytest.approx((0.01 + 0.04 + 0.25) / 3)
    assert math.isnan(brier_score([], []))


def test_reliability_groups_by_prediction_and_keeps_certainty_in_the_last_bin() -> None:
    table = reliability_table([0.05, 0.07, 0.55, 1.0], [0, 1, 1, 1])
    assert table["bin_from"].tolist() == [0.0, 0.5, 0.9]
    assert table["row_count"].tolist() == [2, 1, 1]
    assert table["predicted_mean"].tolist() == pytest.approx([0.06, 0.55, 1.0])
    assert table["observed_share"].tolist() == pytest.approx([0.5, 1.0, 1.0])


def _known(stages: list[float], days_to_win: list[float | None]) -> pd.DataFrame:
    as_of_dates = pd.Series(pd.Timestamp("2022-02-28"), index=range(len(stages)))
    closed = as_of_dates + pd.to_timedelta(pd.Series(days_to_win, dtype=float), unit="D")
    return pd.DataFrame(
        {"as_of_date": as_of_dates, "stage_order": stages, "closed_day": closed, "is_won": closed.notna()}
    )


def test_base_rates_rise_with_the_days_and_differ_by_stage() -> None:
    known = _known([10.0] * 200 + [50.0] * 200, [None] * 190 + [100.0] * 10 + [None] * 80 + [20.0] * 120)
    rates = StageBaseRates().fit(known, pd.Timestamp("2024-12-31"), 730)
    days = pd.Series([0.0, 14.0, 30.0, 61.0, 122.0, 730.0, 5000.0])
    low, high = (rates.predict(pd.Series(stage, index=days.index), days) for stage in (10.0, 50.0))
    assert low[0] == high[0] == 0.0
    assert (np.diff(low) >= 0).all() and (np.diff(high) >= 0).all()
    assert high[2] == pytest.approx((120 + 20 * 121 / 402) / 220)
    assert low[4] == pytest.approx((10 + 20 * 131 / 402) / 220)
    unseen = rates.predict(pd.Series([np.nan, 77.0]), pd.Series([730.0, 730.0]))
    assert unseen == pytest.approx([131 / 402] * 2)


def test_base_rates_of_no_history_are_one_half() -> None:
    rates = StageBaseRates().fit(_known([], []), pd.Timestamp("2024-12-31"), 730)
    assert rates.predict(pd.Series([10.0, 10.0]), pd.Series([0.0, 61.0])).tolist() == [0.0, 0.5]


def test_the_calibrator_undoes_overconfidence_and_keeps_the_order() -> None:
    rng = np.random.default_rng(4)
    truth = rng.uniform(0.05, 0.95, 20_000)
    outcome = (rng.random(20_000) < truth).astype(int)
    log_odds = 2.0 * np.log(truth / (1 - truth)) + 0.7
    overconfident = 1 / (1 + np.exp(-log_odds))
    calibrator = SigmoidCalibrator().fit(overconfident, outcome, 20_000)
    assert calibrator.slope_ == pytest.approx(0.5, abs=0.03)
    assert calibrator.intercept_ == pytest.approx(-0.35, abs=0.05)
    grid = np.linspace(0, 1, 50)
    assert (np.diff(calibrator.predict(grid)) >= 0).all()


def test_few_deals_hardly_move_the_calibrator() -> None:
    score, outcome = np.full(400, 0.2), np.repeat([0, 1], 200)
    little = SigmoidCalibrator().fit(score, outcome, 3).predict(np.array([0.2]))[0]
    much = SigmoidCalibrator().fit(score, outcome, 400).predict(np.array([0.2]))[0]
    assert 0.2 < little < 0.27
    assert much > 0.4


@pytest.mark.parametrize("outcome", [[], [1, 1, 1], [0, 0]])
def test_the_calibrator_survives_one_class_and_nothing(outcome: list[int]) -> None:
    score = np.full(len(outcome), 0.3)
    calibrated = SigmoidCalibrator().fit(score, np.array(outcome), len(outcome)).predict(np.array([0.0, 0.3, 1.0]))
    assert np.isfinite(calibrated).all()
    assert (np.diff(calibrated) > 0).all()
