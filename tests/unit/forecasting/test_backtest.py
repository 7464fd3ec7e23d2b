"""Protects the rolling origin, the champion rule and the calibration of intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import SHARE_OF_PARENT, backtest, forecast_paths, share_of_parent, short_series
from forecasting.config import ForecastConfig
from forecasting.fits import FitCache
from forecasting.intervals import add_intervals, conformal_quantiles
from forecasting.select import choose_champions

CONFIG = ForecastConfig(horizon_periods=14, backtest_windows=12)
RNG = np.random.default_rng(5)
PARENT = 1000 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(36) / 12)) * np.exp(RNG.normal(0, 0.1, 36))
TRAINING = {"total": PARENT, "new|region": 0.25 * PARENT[-5:], "flat": np.full(36, 7.0)}
PARENT_OF = {"new|region": "total"}


def errors_frame(rows: list[tuple[str, str, int, int, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["series_id", "method", "cutoff", "horizon", "yhat", "actual"])


@pytest.fixture(scope="module")
def backtested() -> pd.DataFrame:
    return backtest(TRAINING, PARENT_OF, CONFIG, FitCache(14, 12))


def test_every_cutoff_is_compared_to_the_last_period(backtested: pd.DataFrame) -> None:
    naive = backtested[(backtested["series_id"] == "total") & (backtested["method"] == "seasonal_naive")]
    assert len(naive) == sum(range(1, 13))
    for row in naive.itertuples():
        target = 36 - row.cutoff + row.horizon - 1
        season_before = target - 12 if row.horizon <= 12 else target - 24
        assert (row.actual, row.yhat) == (PARENT[target], PARENT[season_before])


def test_a_short_history_borrows_the_shape_of_its_parent(backtested: pd.DataFrame) -> None:
    assert short_series(TRAINING, PARENT_OF, CONFIG) == {"new|region"}
    assert set(backtested.loc[backtested["series_id"] == "new|region", "method"]) == {SHARE_OF_PARENT}
    paths = (
        forecast_paths(TRAINING, PARENT_OF, CONFIG, FitCache(14, 12))
        .set_index(["series_id", "method", "horizon"])["yhat"]
        .sort_index()
    )
    parent = paths["total", "median_ensemble"]
    assert paths["new|region", SHARE_OF_PARENT].tolist() == pytest.approx((0.25 * parent).tolist())
    assert share_of_parent(np.ones(3), np.zeros(9), np.ones(2), 12).tolist() == [0, 0]


def test_the_champion_beats_the_naive_or_the_naive_is_champion() -> None:
    rows = [
        *(
            ("good", m, 1, 1, y, 100.0)
            for m, y in (("seasonal_naive", 80.0), ("auto_ets", 95.0), ("median_ensemble", 94.0))
        ),
        *(
            ("bad", m, 1, 1, y, 100.0)
            for m, y in (("seasonal_naive", 99.0), ("auto_ets", 90.0), ("median_ensemble", 97.0))
        ),
        *(("tie", m, 1, 1, 90.0, 100.0) for m in ("seasonal_naive", "auto_ets")),
        ("short", SHARE_OF_PARENT, 1, 1, 50.0, 100.0),
    ]
    levels = {"good": "x", "bad": "x", "tie": "y", "short": "x", "unseen": "x", "new": "x"}
    chosen = choose_champions(levels, {"short", "new"}, errors_frame(rows), CONFIG).set_index("series_id")
    assert chosen.loc["good", ["champion_reason"]].item() == "beats_baseline"
    assert chosen["chosen_method"].to_dict() == {
        "good": "median_ensemble", "bad": "seasonal_naive", "tie": "seasonal_naive", "short": SHARE_OF_PARENT,
        "unseen": "seasonal_naive", "new": SHARE_OF_PARENT,
    }  # fmt: skip
    assert chosen["champion_reason"].to_dict() == {
        "good": "beats_baseline", "bad": "baseline_not_beaten", "tie": "baseline_not_beaten", "short": "short_history",
        "unseen": "no_backtest", "new": "short_history",
    }  # fmt: skip


def test_the_shared_score_of_a_level_decides_between_close_candidates() -> None:
    rows = [
        *(
            ("a", m, 1, 1, y, 100.0)
            for m, y in (("seasonal_naive", 80.0), ("auto_ets", 91.0), ("median_ensemble", 90.0))
        ),
        *(
            ("b", m, 1, 1, y, 100.0)
            for m, y in (("seasonal_naive", 80.0), ("auto_ets", 60.0), ("median_ensemble", 95.0))
        ),
    ]
    chosen = choose_champions({"a": "x", "b": "x"}, set(), errors_frame(rows), CONFIG)
    assert chosen["chosen_method"].tolist() == ["median_ensemble", "median_ensemble"]


def test_without_a_backtest_the_naive_is_champion_and_intervals_are_wide() -> None:
    empty = errors_frame([])
    chosen = choose_champions({"s": "total"}, set(), empty, CONFIG)
    assert chosen[["chosen_method", "champion_reason"]].to_numpy().tolist() == [["seasonal_naive", "no_backtest"]]
    paths = pd.DataFrame({"series_id": "s", "method": "seasonal_naive", "horizon": [1, 4], "yhat": [10.0, 10.0]})
    sizes = pd.DataFrame({"series_id": ["s"], "level": ["total"], "size": [10.0]})
    result = add_intervals(paths, empty, sizes, CONFIG)
    assert result["p10"].tolist() == pytest.approx([10 - 8.03, 10 - 16.06], abs=0.02)


def test_quantiles_are_ordered_and_widen_with_the_horizon(backtested: pd.DataFrame) -> None:
    paths = forecast_paths(TRAINING, PARENT_OF, CONFIG, FitCache(14, 12))
    sizes = pd.DataFrame(
        {"series_id": list(TRAINING), "level": ["total", "region", "region"], "size": [1000.0, 250, 7]}
    )
    result = add_intervals(paths, backtested, sizes, CONFIG)
    quantiles = result[["p025", "p10", "p50", "p90", "p975"]]
    assert quantiles.notna().all().all()
    assert (quantiles.diff(axis=1).iloc[:, 1:] >= 0).all().all()
    assert result["p50"].equals(result["yhat"].rename("p50"))
    width = (result["p90"] - result["p10"]).groupby([result["series_id"], result["method"]])
    assert width.apply(lambda w: w.is_monotonic_increasing).all()


def test_conformal_quantiles_correct_for_the_number_of_periods() -> None:
    scores = pd.DataFrame({"method": "m", "score": np.arange(1.0, 101), "target": np.repeat(np.arange(10), 10)})
    assert conformal_quantiles(scores, 0.8) == {"m": 89.0}  # 0.8 × 11/10 = 0.88 of the 100 scores
    assert conformal_quantiles(scores, 0.95)["m"] == 98.0  # capped below the largest score
