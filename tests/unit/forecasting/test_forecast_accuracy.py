"""Protects which forecast meets which actual, the summaries, and the honesty of the intervals."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from forecasting.accuracy import leading_runs, score, summarise
from forecasting.actuals import closed_actuals
from forecasting.config import ForecastConfig
from forecasting.vintage import Vintage


def stacked(vintages: list[Vintage], table: str) -> pd.DataFrame:
    return pd.concat([getattr(vintage, table) for vintage in vintages], ignore_index=True)


@pytest.fixture(scope="module")
def accuracy(
    vintages: list[Vintage], sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> pd.DataFrame:
    now = datetime(2025, 3, 14, 6)
    tables = [stacked(vintages, name).sample(frac=1, random_state=4) for name in ("fct_forecast", "forecast_run")]
    rest = [stacked(vintages, name) for name in ("dim_series", "fct_series_profile")]
    return score(*tables, closed_actuals(sales, periods, now, config), *rest, config.lags, now)


def test_a_lag_is_the_distance_to_the_last_closed_period(accuracy: pd.DataFrame, vintages: list[Vintage]) -> None:
    assert not accuracy.duplicated(["run_id", "series_id", "method", "period_start", "lag_periods"]).any()
    newest = accuracy[accuracy["run_id"] == vintages[-2].run_id]
    assert set(newest["lag_periods"]) == {1}
    assert set(newest["period_start"]) == {date(2025, 2, 1)}
    assert vintages[-1].run_id not in set(accuracy["run_id"])
    oldest = accuracy[(accuracy["run_id"] == vintages[0].run_id) & (accuracy["lag_periods"] == 12)]
    assert set(oldest["period_start"]) == {date(2025, 1, 1)}


def test_rows_carry_the_forecast_and_actual_of_their_keys(
    accuracy: pd.DataFrame, vintages: list[Vintage], sales: pd.DataFrame
) -> None:
    row = accuracy[
        (accuracy["series_id"] == "net_revenue|line=0042")
        & (accuracy["method"] == "auto_ets")
        & (accuracy["period_start"] == date(2024, 9, 1))
        & (accuracy["lag_periods"] == 2)
    ].iloc[0]
    kept = vintages[6].fct_forecast
    kept = kept[(kept["series_id"] == row["series_id"]) & (kept["method"] == "auto_ets") & (kept["horizon"] == 2)].iloc[
        0
    ]
    days = pd.to_datetime(sales["invoice_date"])
    actual = sales[(days >= "2024-09-01") & (days < "2024-10-01") & (sales["product_line"] == "0042")][
        "net_amount"
    ].sum()
    assert row["run_id"] == vintages[6].run_id
    assert row["forecast"] == kept["yhat"]
    assert row["actual"] == pytest.approx(actual)
    assert row["error"] == pytest.approx(kept["yhat"] - actual)
    before = vintages[5].fct_forecast
    before = before[
        (before["series_id"] == row["series_id"]) & (before["method"] == "auto_ets") & (before["horizon"] == 3)
    ]
    assert row["previous_forecast"] == before["yhat"].item()


def test_the_champion_is_the_one_of_its_time(accuracy: pd.DataFrame, vintages: list[Vintage]) -> None:
    champion = accuracy[(accuracy["method"] == "champion") & (accuracy["series_id"] == "net_revenue|total")]
    for vintage in vintages[:-1]:
        chosen = vintage.fct_series_profile.set_index("series_id").loc["net_revenue|total", "chosen_method"]
        own = accuracy[(accuracy["run_id"] == vintage.run_id) & (accuracy["series_id"] == "net_revenue|total")]
        expected = own.loc[own["method"] == chosen, ["lag_periods", "forecast"]].to_numpy().tolist()
        found = champion.loc[champion["run_id"] == vintage.run_id, ["lag_periods", "forecast"]].to_numpy().tolist()
        assert found == expected


def test_late_postings_show(accuracy: pd.DataFrame) -> None:
    restated = accuracy[accuracy["actual_status"] == "restated"]
    assert set(restated["period_start"]) == {date(2025, 1, 1)}
    assert "net_revenue|total" in set(restated["series_id"])


def test_a_scoring_of_the_past_leaves_later_runs_out(
    vintages: list[Vintage], sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    then = datetime(2024, 6, 10)
    tables = [stacked(vintages, name) for name in ("fct_forecast", "forecast_run")]
    rest = [stacked(vintages, name) for name in ("dim_series", "fct_series_profile")]
    rows = score(*tables, closed_actuals(sales, periods, then, config), *rest, (1,), then)
    assert set(rows["run_id"]) == {vintage.run_id for vintage in vintages[:4]}
    assert max(rows["period_start"]) == date(2024, 5, 1)
    nothing = score(*tables, closed_actuals(sales.head(0), periods, then, config), *rest, (1,), then)
    assert nothing.empty
    assert summarise(nothing, then.date()).empty


def test_two_configurations_of_one_moment_stay_apart(
    vintages: list[Vintage], sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig, accuracy: pd.DataFrame
) -> None:
    """A setting was changed and every moment forecast again: no row doubles, each line of vintages has its own past."""
    tables = {name: stacked(vintages, name) for name in ("fct_forecast", "forecast_run", "fct_series_profile")}
    other = {name: frame.assign(run_id="other-" + frame["run_id"]) for name, frame in tables.items()}
    other["fct_forecast"]["yhat"] *= 2
    other["forecast_run"] = other["forecast_run"].assign(config_hash="other", created_at=datetime(2025, 3, 15))
    forecasts, runs, profiles = (pd.concat([tables[name], other[name]], ignore_index=True) for name in tables)
    now = datetime(2025, 3, 14, 6)
    actuals = closed_actuals(sales, periods, now, config)
    both = score(forecasts, runs, actuals, stacked(vintages, "dim_series"), profiles, config.lags, now)

    first = both[~both["run_id"].str.startswith("other-")].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, accuracy)
    assert len(both) == 2 * len(accuracy)
    second = both[both["run_id"].str.startswith("other-")]
    assert second["previous_forecast"].sum() == pytest.approx(2 * accuracy["previous_forecast"].sum())

    own = {vintage.run_id for vintage in vintages}
    assert leading_runs(runs, config.config_hash) == own
    assert leading_runs(runs, "other") == leading_runs(runs, "a third") == set(other["forecast_run"]["run_id"])
    newest = other["forecast_run"].tail(1)
    moment = runs["data_as_of"] == newest["data_as_of"].item()
    partly = runs[(runs["config_hash"] != "other") | moment]
    assert leading_runs(partly, "other") == own - {vintages[-1].run_id} | {newest["run_id"].item()}


def test_summaries_equal_a_plain_computation(accuracy: pd.DataFrame) -> None:
    metric = summarise(accuracy.sample(frac=1, random_state=8), date(2025, 3, 14), (3, 12))
    keys = ["level", "series_id", "method", "lag_periods", "window_periods"]
    assert not metric.duplicated(keys).any()
    row = metric[
        (metric["level"] == "region_product_line") & metric["series_id"].isna() & (metric["method"] == "champion")
        & (metric["lag_periods"] == 2) & (metric["window_periods"] == 3)
    ].iloc[0]  # fmt: skip
    rows = accuracy[
        (accuracy["level"] == "region_product_line") & (accuracy["method"] == "champion")
        & (accuracy["lag_periods"] == 2) & (accuracy["period_start"] >= date(2024, 12, 1))
    ]  # fmt: skip
    assert row["observation_count"] == len(rows) == 18
    assert row["wape"] == pytest.approx(rows["abs_error"].sum() / rows["actual"].abs().sum())
    assert row["mase"] == pytest.approx((rows["abs_error"] / rows["mase_scale"]).mean())
    inside = (rows["p10"] <= rows["actual"]) & (rows["actual"] <= rows["p90"])
    assert row["interval_coverage_80"] == pytest.approx(inside.mean())
    assert row["as_of_date"] == date(2025, 3, 14)


def test_the_champion_is_better_than_the_naive_over_all_vintages(accuracy: pd.DataFrame) -> None:
    near = accuracy[(accuracy["lag_periods"] <= 3) & (accuracy["level"] != "total")]
    by_method = near.groupby("method")[["abs_error", "actual"]].sum()
    wape = by_method["abs_error"] / by_method["actual"]
    assert wape["champion"] < wape["seasonal_naive"]


def test_eighty_percent_intervals_hold_what_they_promise(replayed_companies: list[pd.DataFrame]) -> None:
    covered = pd.concat(replayed_companies)
    assert 0.75 <= covered["inside"].mean() <= 0.85
