"""Every registered estimator: it fits, predicts, is deterministic, survives clone and pickle, never sees the future.

A new estimator adds one line to `EXAMPLES`: rows to fit on, rows to predict, and the same rows with another future.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone

from models import MODELS

AS_OF = date(2024, 2, 29)


@dataclass(frozen=True)
class Example:
    """Arguments of fit (rows, others), rows to predict, and fit rows that differ only after `AS_OF`."""

    rows: pd.DataFrame
    others: tuple[Any, ...]
    to_predict: pd.DataFrame
    rows_with_another_future: pd.DataFrame


def _opportunities() -> Example:
    """Snapshots of 400 deals over 30 months, ids and rows unsorted, most deals decided within 200 days."""
    rng = np.random.default_rng(3)
    count = 400
    deals = pd.DataFrame({"opportunity_id": [f"x:{i * 37 % 401}" for i in range(count)]})
    deals["created"] = pd.Timestamp("2022-02-01") + pd.to_timedelta(rng.integers(0, 900, count), unit="D")
    deals["closed_date"] = deals["created"] + pd.to_timedelta(rng.integers(5, 200, count), unit="D")
    deals["stage_order"] = rng.choice([10, 40], count)
    deals["outcome"] = np.where(rng.random(count) < deals["stage_order"] / 60, "won", "lost")
    ends = pd.DataFrame({"as_of_date": pd.date_range("2022-02-28", "2024-07-31", freq="ME")})
    rows = deals.merge(ends, how="cross").query("created <= as_of_date < closed_date")
    rows["age_days"] = (rows["as_of_date"] - rows["created"]).dt.days
    numbers = ("stage_days", "amount", "days_to_close_date", "push_count_so_far", "regress_count_so_far")
    for name in (*numbers, "activity_count_28d", "days_since_last_activity"):
        rows[name] = rng.integers(0, 50, len(rows))
    for name in ("pipeline_id", "segment", "source_id", "product_line", "sales_rep_id"):
        rows[name] = rng.choice(["a", "B", "UNKNOWN"], len(rows))
    rows = rows.drop(columns="created").sample(frac=1.0, random_state=1)
    is_future = rows["closed_date"] > pd.Timestamp(AS_OF)
    changed = rows.assign(outcome=rows["outcome"].mask(is_future, "won"))
    starts = pd.date_range("2022-02-01", periods=48, freq="MS")
    periods = pd.DataFrame({"fiscal_period_key": range(48), "period_start": starts})
    periods["period_end"] = starts + pd.offsets.MonthEnd(0)
    to_predict = rows[rows["as_of_date"] == pd.Timestamp("2024-03-31")].drop(columns=["outcome", "closed_date"])
    return Example(rows, (periods, AS_OF), to_predict, changed[changed["as_of_date"] <= pd.Timestamp(AS_OF)])


EXAMPLES: dict[str, Callable[[], Example]] = {"win_probability": _opportunities}


@pytest.fixture(scope="module", params=list(MODELS))
def case(request: pytest.FixtureRequest) -> tuple[type[BaseEstimator], Example, BaseEstimator]:
    example = EXAMPLES[request.param]()
    return MODELS[request.param], example, MODELS[request.param]().fit(example.rows, *example.others)


def test_every_model_has_its_file_its_name_and_an_example() -> None:
    assert set(EXAMPLES) == set(MODELS)
    for name, model in MODELS.items():
        assert getattr(importlib.import_module(f"models.{name}"), model.__name__) is model
        assert model.__name__ == name.title().replace("_", "")


def test_it_fits_and_predicts(case: tuple[type[BaseEstimator], Example, BaseEstimator]) -> None:
    _, example, model = case
    predicted = model.predict(example.to_predict)
    assert len(example.to_predict) > 5
    assert set(predicted["opportunity_id"]) == set(example.to_predict["opportunity_id"])
    assert (predicted["model_version"] == model.model_version_).all()


def test_it_is_deterministic_whatever_the_order(case: tuple[type[BaseEstimator], Example, BaseEstimator]) -> None:
    kind, example, model = case
    again = kind().fit(example.rows.iloc[::-1], *example.others)
    pd.testing.assert_frame_equal(again.predict(example.to_predict.iloc[::-1]), model.predict(example.to_predict))


def test_it_survives_clone_and_pickle(case: tuple[type[BaseEstimator], Example, BaseEstimator]) -> None:
    _, example, model = case
    expected = model.predict(example.to_predict)
    refitted = clone(model).fit(example.rows, *example.others)
    pd.testing.assert_frame_equal(refitted.predict(example.to_predict), expected)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(model)).predict(example.to_predict), expected)


def test_it_never_sees_the_future(case: tuple[type[BaseEstimator], Example, BaseEstimator]) -> None:
    kind, example, model = case
    other = kind().fit(example.rows_with_another_future, *example.others)
    assert not example.rows_with_another_future.equals(example.rows)
    pd.testing.assert_frame_equal(other.predict(example.to_predict), model.predict(example.to_predict))


def test_predicting_changes_nothing(case: tuple[type[BaseEstimator], Example, BaseEstimator]) -> None:
    _, example, model = case
    before = pickle.dumps(model)
    model.predict(example.to_predict.head(3))
    assert pickle.dumps(model) == before
