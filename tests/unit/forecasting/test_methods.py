"""Protects the contract of every registered method: it answers on any series, always the same, in any unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting import METHODS
from forecasting.fits import FitCache, forecast_long
from forecasting.methods import seasonal_naive, without_gaps
from forecasting.season import FloatArray, estimate_season

RNG = np.random.default_rng(11)
MONTHS = np.arange(40)
SEASONAL = (100 + MONTHS) * (1 + 0.4 * np.sin(2 * np.pi * MONTHS / 12)) * np.exp(RNG.normal(0, 0.05, 40))
ODD_SERIES = {
    "empty": np.zeros(0),
    "all missing": np.full(9, np.nan),
    "one value": np.array([3.0]),
    "five values": SEASONAL[:5],
    "one season": SEASONAL[:12],
    "one season and one": SEASONAL[:13],
    "two seasons less one": SEASONAL[:23],
    "two seasons": SEASONAL[:24],
    "six seasons": np.resize(SEASONAL[:12], 72) + np.arange(72),
    "constant": np.full(30, 5.0),
    "zeros": np.zeros(40),
    "pure season": np.resize(np.arange(1.0, 13), 36),
    "negative": -SEASONAL,
    "changing sign": SEASONAL - SEASONAL.mean(),
    "intermittent": np.where(MONTHS % 7 == 0, 40.0, 0),
    "one sale": np.eye(1, 30, 4)[0],
    "gaps": np.where(MONTHS % 9 == 2, np.nan, SEASONAL),
    "huge": SEASONAL * 1e12,
    "tiny": SEASONAL * 1e-9,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ODD_SERIES)
def test_every_method_answers_on_every_series(method: str, name: str) -> None:
    path = FitCache(18, 12).path(method, ODD_SERIES[name])
    assert path.shape == (18,)
    assert np.isfinite(path).all()
    limit = np.nanmax(np.abs(ODD_SERIES[name]), initial=0.0)
    assert np.abs(path).max() <= 5 * limit + 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_the_unit_of_the_amounts_does_not_matter(method: str) -> None:
    small, large = (FitCache(6, 12).path(method, SEASONAL * unit) for unit in (1, 1e6))
    assert large == pytest.approx(small * 1e6, rel=1e-6)


@pytest.mark.parametrize("method", ["auto_ets", "dynamic_optimized_theta", "median_ensemble"])
def test_a_method_is_better_than_the_naive_on_a_growing_season(method: str) -> None:
    training, actual = SEASONAL[:30], SEASONAL[30:]
    cache = FitCache(10, 12)
    errors = {name: np.abs(cache.path(name, training) - actual).sum() for name in (method, "seasonal_naive")}
    assert errors[method] < errors["seasonal_naive"]


def test_seasonal_naive_repeats_the_last_season() -> None:
    assert seasonal_naive(np.arange(15.0), 4, 12).tolist() == [3, 4, 5, 6]
    assert seasonal_naive(np.array([7.0, 9]), 3, 12).tolist() == [9, 9, 9]


def test_the_median_is_the_middle_of_its_three_members() -> None:
    cache = FitCache(5, 12)
    members = [cache.path(name, SEASONAL) for name in ("seasonal_naive", "auto_ets", "dynamic_optimized_theta")]
    assert cache.path("median_ensemble", SEASONAL).tolist() == [sorted(step)[1] for step in zip(*members, strict=True)]


def test_inner_gaps_are_interpolated_and_outer_ones_dropped() -> None:
    assert without_gaps(np.array([np.nan, 2, np.nan, 6, np.nan])).tolist() == [2, 4, 6]


@pytest.mark.parametrize("values", [SEASONAL, SEASONAL[:17], SEASONAL - 100], ids=["factors", "short", "summands"])
def test_a_season_taken_out_can_be_put_back(values: FloatArray) -> None:
    season = estimate_season(values, 12)
    assert season is not None
    assert season.restore(season.remove(values), offset=0) == pytest.approx(values)
    assert season.restore(season.remove(values)[7:], offset=7) == pytest.approx(values[7:])
    assert np.std(season.remove(values)) < np.std(values)


def test_noise_is_not_taken_for_a_season() -> None:
    noise = 100 + np.random.default_rng(2).normal(0, 5, 36)
    season = estimate_season(noise, 12)
    assert season is None or np.abs(season.indices - 1).max() < 0.05


def test_a_long_frame_in_any_order_gives_the_same_forecasts() -> None:
    starts = pd.date_range("2022-02-01", periods=40, freq="MS")
    frame = pd.concat(
        pd.DataFrame({"series_id": s, "period_start": starts, "value": SEASONAL + k}) for k, s in enumerate("ba")
    )
    first = forecast_long(frame, "median_ensemble", 3, 12)
    second = forecast_long(frame.sample(frac=1, random_state=3), "median_ensemble", 3, 12)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert first["series_id"].tolist() == ["a", "a", "a", "b", "b", "b"]
    assert forecast_long(frame.head(0), "auto_ets", 3, 12).empty


def test_equal_content_is_fitted_once() -> None:
    cache = FitCache(4, 12)
    assert cache.path("auto_ets", SEASONAL) is cache.path("auto_ets", SEASONAL.copy())
    assert len(cache) == 1
