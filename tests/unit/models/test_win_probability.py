"""The win probability on deals whose true chance is known (see `conftest.py`)."""

from __future__ import annotations

import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from models.evaluation import Evaluation, evaluate
from models.horizon_trees import TreeSettings
from models.horizons import period_horizons
from models.win_probability import PREDICTION_COLUMNS, WinProbability

SMALL: dict[str, Any] = {"trees": TreeSettings(max_iter=5), "max_pairs": 6_000}


@pytest.fixture(scope="module")
def open_deals(deals: Any, as_of: date) -> pd.DataFrame:
    last = deals.features["as_of_date"].max()
    now = deals.features[deals.features["as_of_date"] == last].assign(as_of_date=as_of)
    return now.drop(columns=["closed_date", "outcome"])


@pytest.fixture(scope="module")
def model(deals: Any, as_of: date) -> WinProbability:
    return WinProbability(max_pairs=40_000).fit(deals.features, deals.periods, as_of)


@pytest.fixture(scope="module")
def evaluation(deals: Any, as_of: date) -> Evaluation:
    crm = deals.features.assign(crm_probability=deals.features["stage_order"] / 60)
    return evaluate(WinProbability(max_pairs=40_000), crm, deals.periods, as_of, date(2024, 5, 31))


def _with_truth(predicted: pd.DataFrame, open_deals: pd.DataFrame, deals: Any) -> pd.DataFrame:
    ahead = period_horizons(predicted["as_of_date"].head(1), deals.periods, 5)
    rows = predicted.merge(ahead[["horizon_period_key", "horizon_days"]], how="left", on="horizon_period_key")
    rows["horizon_days"] = rows["horizon_days"].fillna(730.0)
    rows = rows.merge(open_deals.drop(columns="as_of_date"), on="opportunity_id")
    return rows.assign(truth=deals.truth(rows, rows["horizon_days"].to_numpy()))


def test_predictions_have_the_grain_of_the_table(model: WinProbability, open_deals: pd.DataFrame, as_of: date) -> None:
    predicted = model.predict(open_deals)
    assert predicted.columns.tolist() == PREDICTION_COLUMNS
    assert len(predicted) == 7 * len(open_deals)
    assert not predicted.duplicated(["as_of_date", "opportunity_id", "horizon_period_key"]).any()
    assert set(predicted["as_of_date"]) == {as_of}
    assert str(predicted["horizon_period_key"].dtype) == "Int64"
    keys = predicted["horizon_period_key"].head(7)
    assert keys.dropna().tolist() == [202502, 202503, 202504, 202505, 202506, 202507]
    assert keys.isna().tolist() == [False] * 6 + [True]
    assert predicted["probability"].between(0, 1).all()


def test_probabilities_rise_with_the_horizon(model: WinProbability, open_deals: pd.DataFrame) -> None:
    by_deal = model.predict(open_deals)["probability"].to_numpy().reshape(-1, 7)
    assert (np.diff(by_deal, axis=1) >= 0).all()
    assert (by_deal[:, 6] > by_deal[:, 0]).all()


def test_probabilities_are_near_the_truth(model: WinProbability, open_deals: pd.DataFrame, deals: Any) -> None:
    rows = _with_truth(model.predict(open_deals), open_deals, deals)
    bias = (rows["probability"] - rows["truth"]).groupby(rows["horizon_days"]).mean()
    assert bias.abs().max() < 0.05
    assert (rows["probability"] - rows["truth"]).abs().mean() < 0.05
    assert np.corrcoef(rows["probability"], rows["truth"])[0, 1] > 0.9


def test_it_beats_the_base_rate_and_the_crm_out_of_time(evaluation: Evaluation) -> None:
    scores = evaluation.scores
    assert scores["horizon"].tolist() == [1, 2, 3, 4, 5]
    assert (scores["brier_model"] < scores["brier_base_rate"]).all()
    assert (scores["brier_model"] < scores["brier_crm"]).all()


def test_it_is_reliable_out_of_time(evaluation: Evaluation) -> None:
    table = evaluation.reliability[evaluation.reliability["row_count"] >= 300]
    assert len(table) >= 5
    assert (table["predicted_mean"] - table["observed_share"]).abs().max() < 0.12


def test_labels_of_the_future_change_nothing(deals: Any, open_deals: pd.DataFrame) -> None:
    cut = date(2024, 2, 29)
    changed = deals.features.copy()
    is_future = changed["closed_date"] > cut
    changed.loc[is_future, "outcome"] = "won"
    changed.loc[is_future, "closed_date"] = cut + timedelta(days=1)
    rewritten = changed[(changed["as_of_date"] <= cut) & (changed["opportunity_id"] != "")]
    assert is_future.sum() > 1000
    one, other = (WinProbability(**SMALL).fit(rows, deals.periods, cut) for rows in (deals.features, rewritten))
    assert one.model_version_ == other.model_version_
    pd.testing.assert_frame_equal(one.predict(open_deals), other.predict(open_deals))


def test_labels_of_the_past_do_change_it(deals: Any, as_of: date) -> None:
    won = deals.features["outcome"] == "won"
    is_changed = won & (deals.features["amount"] > 9000)
    changed = deals.features.assign(outcome=deals.features["outcome"].mask(is_changed, "lost"))
    one, other = (WinProbability(**SMALL).fit(rows, deals.periods, as_of) for rows in (deals.features, changed))
    assert "/boosted/" in one.model_version_
    assert "/boosted/" in other.model_version_
    assert one.model_version_ != other.model_version_


def test_same_rows_in_another_order_give_the_same_bytes(deals: Any, open_deals: pd.DataFrame, as_of: date) -> None:
    shuffled = deals.features.sample(frac=1.0, random_state=99)
    one, other = (WinProbability(**SMALL).fit(rows, deals.periods, as_of) for rows in (deals.features, shuffled))
    pd.testing.assert_frame_equal(one.predict(open_deals), other.predict(open_deals.iloc[::-1]))


def test_it_survives_clone_and_pickle(model: WinProbability, open_deals: pd.DataFrame, deals: Any, as_of: date) -> None:
    copy = clone(WinProbability(max_horizon=3, seed=23, **SMALL))
    assert copy.get_params()["max_horizon"] == 3
    assert copy.get_params()["seed"] == 23
    assert copy.get_params()["trees"].max_iter == 5
    revived = pickle.loads(pickle.dumps(model))
    pd.testing.assert_frame_equal(revived.predict(open_deals), model.predict(open_deals))


def test_unseen_categories_and_missing_values_are_predicted(model: WinProbability, open_deals: pd.DataFrame) -> None:
    odd = open_deals.head(3).copy()
    odd["segment"] = ["a segment of tomorrow", None, pd.NA]
    odd["sales_rep_id"] = None
    odd[["amount", "days_to_close_date", "stage_order"]] = np.nan
    predicted = model.predict(odd)
    assert len(predicted) == 21
    assert predicted["probability"].between(0, 1).all()
    assert (predicted["probability"] > 0).any()


def test_a_column_that_is_always_missing_is_no_obstacle(deals: Any, open_deals: pd.DataFrame, as_of: date) -> None:
    empty = {"product_line": None, "source_id": np.nan, "push_count_so_far": None, "amount": pd.NA}
    model = WinProbability(**SMALL).fit(deals.features.assign(**empty), deals.periods, as_of)
    assert "/boosted/" in model.model_version_
    assert model.predict(open_deals.head(5)).notna()["probability"].all()


def test_no_open_deals_give_an_empty_table(model: WinProbability, open_deals: pd.DataFrame) -> None:
    predicted = model.predict(open_deals.head(0))
    assert predicted.empty
    assert predicted.columns.tolist() == PREDICTION_COLUMNS


def test_on_the_last_day_of_a_period_nothing_more_is_won_in_it(model: WinProbability, open_deals: pd.DataFrame) -> None:
    predicted = model.predict(open_deals.head(20).assign(as_of_date=date(2025, 3, 31)))
    last_day = predicted[predicted["horizon_period_key"] == 202502]
    assert (last_day["probability"] == 0).all()
    assert (predicted.loc[predicted["horizon_period_key"] == 202503, "probability"] > 0).all()


def test_rows_from_before_the_training_day_are_refused(model: WinProbability, open_deals: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"outcomes up to 2025-03-14, but 2 rows to predict are older.*2024-02-29"):
        model.predict(open_deals.head(2).assign(as_of_date=date(2024, 2, 29)))


@pytest.mark.parametrize("outcome", ["won", "lost", "open"])
def test_one_class_falls_back_to_stage_shares(outcome: str, deals: Any, open_deals: pd.DataFrame, as_of: date) -> None:
    rows = deals.features.assign(outcome=outcome)
    model = WinProbability().fit(rows, deals.periods, as_of)
    ever = model.predict(open_deals).groupby("opportunity_id")["probability"].max()
    assert model.model_version_.startswith("win_probability-1/stage-base-rates/2025-03-14/")
    assert ever.mean() > 0.7 if outcome == "won" else ever.mean() < 0.1


def test_few_deals_fall_back_to_stage_shares(deals: Any, open_deals: pd.DataFrame, as_of: date) -> None:
    few = deals.features[deals.features["opportunity_id"].isin(deals.features["opportunity_id"].unique()[:100])]
    model = WinProbability().fit(few, deals.periods, as_of)
    by_deal = model.predict(open_deals)["probability"].to_numpy().reshape(-1, 7)
    assert "/stage-base-rates/" in model.model_version_
    assert (np.diff(by_deal, axis=1) >= 0).all()


def test_no_history_at_all_is_flagged_and_predicts_ignorance(deals: Any, open_deals: pd.DataFrame, as_of: date) -> None:
    model = WinProbability().fit(deals.features.head(0), deals.periods, as_of)
    predicted = model.predict(open_deals.head(1))
    assert "/stage-base-rates/" in model.model_version_
    assert predicted["probability"].iloc[-1] == 0.5


def test_the_calendar_must_reach_far_enough(deals: Any, open_deals: pd.DataFrame, as_of: date) -> None:
    short = deals.periods[deals.periods["fiscal_period_key"] <= 202504]
    model = WinProbability(**SMALL).fit(deals.features, short, as_of)
    with pytest.raises(ValueError, match="does not cover 2025-03-14 and the 5 periods after it"):
        model.predict(open_deals)
