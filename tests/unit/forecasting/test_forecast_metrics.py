"""Protects the known answers of the metric book, and checks every formula against a plain loop."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecasting import metrics

BOOK = pd.DataFrame(
    {
        "group": "g",
        "period_start": pd.date_range("2024-02-01", periods=4, freq="MS"),
        "actual": [100.0, 120, 80, 100],
        "forecast": [110.0, 130, 90, 100],
    }
)


def value(series: pd.Series) -> float:
    assert len(series) == 1
    return float(series.iloc[0])


def test_m10_error_is_forecast_minus_actual() -> None:
    assert metrics.error(BOOK).tolist() == [10, 10, 10, 0]


def test_m11_m12_m13_known_answers() -> None:
    assert value(metrics.wape(BOOK, ["group"])) == pytest.approx(0.075)
    assert value(metrics.accuracy(BOOK, ["group"])) == pytest.approx(0.925)
    assert value(metrics.bias(BOOK, ["group"])) == pytest.approx(0.075)


def test_m14_known_answer() -> None:
    scale = metrics.mase_scale(np.array([90.0, 100, 110, 100, 120]), 1)
    assert scale == pytest.approx(12.5)
    assert value(metrics.mase(BOOK.assign(mase_scale=scale), ["group"])) == pytest.approx(0.60)


def test_m15_equals_m14_for_equal_errors() -> None:
    training = np.array([5.0, 8, 5, 8, 5, 8])
    scale = metrics.rmsse_scale(training, 1)
    rows = BOOK.assign(forecast=BOOK["actual"] - 6, rmsse_scale=scale)
    assert scale == pytest.approx(3)
    assert value(metrics.rmsse(rows, ["group"])) == pytest.approx(2)


def test_m16_known_answer_and_totals_per_period() -> None:
    assert value(metrics.tracking_signal(BOOK, ["group"])) == pytest.approx(4.0)
    halves = pd.concat([BOOK.assign(actual=BOOK["actual"] / 2, forecast=BOOK["forecast"] / 2)] * 2)
    assert value(metrics.tracking_signal(halves, ["group"])) == pytest.approx(4.0)


def test_m17_bounds_count_as_inside_and_rows_without_interval_do_not_count() -> None:
    rows = BOOK.assign(p10=[100.0, 121, 70, np.nan], p90=[130.0, 140, 80, np.nan])
    assert value(metrics.coverage(rows, ["group"])) == pytest.approx(2 / 3)


def test_m18_of_the_median_is_the_wape() -> None:
    rows = BOOK.assign(p50=BOOK["forecast"])
    assert value(metrics.scaled_crps(rows, ["group"], {"p50": 0.5})) == pytest.approx(0.075)
    assert metrics.pinball(rows, "p50", 0.9).tolist() == pytest.approx([1, 1, 1, 0])


def test_m19_known_answer() -> None:
    actual = pd.Series([100.0] * 10)
    rows = pd.DataFrame({"actual": actual, "naive": actual + 20, "statistical": actual - 12, "manager": actual + 15})
    points, proven = metrics.forecast_value_added(rows, "naive", "statistical")
    assert points == pytest.approx(8.0)
    assert proven
    assert metrics.forecast_value_added(rows, "statistical", "manager")[0] == pytest.approx(-3.0)
    assert not metrics.forecast_value_added(rows.head(7), "naive", "statistical")[1]


def test_m20_known_answer() -> None:
    rows = pd.DataFrame({"group": "g", "forecast": [100.0, 112, 105], "previous_forecast": [np.nan, 100, 112]})
    assert value(metrics.stability(rows, ["group"])) == pytest.approx(19 / 212)


def test_m21_nets_what_m11_does_not() -> None:
    rows = pd.DataFrame({"group": "g", "forecast": [110.0, 90], "actual": [90.0, 110]})
    assert value(metrics.period_accuracy(rows, ["group"])) == pytest.approx(1.0)
    assert value(metrics.accuracy(rows, ["group"])) == pytest.approx(0.8)


def test_m22_known_answer() -> None:
    gap = metrics.coherence_gap(pd.Series([10.0, 7]), pd.DataFrame({"a": [4.0, 4], "b": [6.0, 4]}))
    assert gap.tolist() == [0, 1]


@pytest.mark.parametrize("metric", [metrics.wape, metrics.bias, metrics.accuracy])
def test_no_actuals_is_undefined_never_zero(metric: Callable[[pd.DataFrame, list[str]], pd.Series]) -> None:
    rows = BOOK.assign(actual=0.0)
    assert math.isnan(value(metric(rows, ["group"])))


def test_scales_of_short_or_constant_training_are_undefined() -> None:
    assert math.isnan(metrics.mase_scale(np.arange(12.0), 12))
    assert math.isnan(metrics.rmsse_scale(np.full(30, 4.0), 12))


def test_every_metric_equals_a_plain_loop_per_group() -> None:
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {
            "group": rng.choice(["b", "a|odd", "c=1"], 60),
            "period_start": rng.choice(pd.date_range("2024-02-01", periods=5, freq="MS"), 60),
            "actual": rng.normal(50, 80, 60),
            "forecast": rng.normal(50, 80, 60),
            "mase_scale": rng.uniform(1, 9, 60),
            "rmsse_scale": rng.uniform(1, 9, 60),
        }
    )
    results = {
        name: getattr(metrics, name)(rows, ["group"]) for name in ("wape", "bias", "mase", "rmsse", "tracking_signal")
    }
    for group in ("b", "a|odd", "c=1"):
        picked = [row for row in rows.to_dict("records") if row["group"] == group]
        errors = [row["forecast"] - row["actual"] for row in picked]
        by_period: dict[object, float] = {}
        for row, error in zip(picked, errors, strict=True):
            by_period[row["period_start"]] = by_period.get(row["period_start"], 0.0) + error
        totals = list(by_period.values())
        oracle = {
            "wape": sum(map(abs, errors)) / sum(abs(row["actual"]) for row in picked),
            "bias": sum(errors) / sum(row["actual"] for row in picked),
            "mase": sum(abs(e) / r["mase_scale"] for e, r in zip(errors, picked, strict=True)) / len(picked),
            "rmsse": math.sqrt(
                sum((e / r["rmsse_scale"]) ** 2 for e, r in zip(errors, picked, strict=True)) / len(picked)
            ),
            "tracking_signal": sum(totals) / (sum(map(abs, totals)) / len(totals)),
        }
        for name, expected in oracle.items():
            assert results[name][group] == pytest.approx(expected), name
