"""Protects the identity of a vintage, its tables, and that it never sees its future."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from forecasting.config import ForecastConfig
from forecasting.vintage import Vintage, forecast_vintage, vintage_id

AS_OF = datetime(2024, 7, 3, 6)
POSITION = 5


def make(sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig, created_at: datetime = AS_OF) -> Vintage:
    return forecast_vintage(sales, periods, AS_OF, config, git_sha="other", created_at=created_at)


def test_one_vintage_per_closed_period_each_with_its_own_id(vintages: list[Vintage]) -> None:
    assert len({vintage.run_id for vintage in vintages}) == 14
    assert [v.forecast_run["data_as_of"].iloc[0] for v in vintages] == sorted(
        v.forecast_run["data_as_of"].iloc[0] for v in vintages
    )


def test_the_tables_have_the_grain_and_columns_of_the_contract(vintages: list[Vintage], config: ForecastConfig) -> None:
    forecast = vintages[-1].fct_forecast
    assert forecast.columns.tolist() == [
        "run_id", "series_id", "method", "grain", "period_start", "horizon", "yhat", "p10", "p50", "p90",
        "is_reconciled", "uses_market_indicators", "p025", "p975", "is_champion",
    ]  # fmt: skip
    assert not forecast.duplicated(["run_id", "series_id", "method", "grain", "period_start"]).any()
    assert forecast.groupby("series_id")["is_champion"].sum().eq(config.horizon_periods).all()
    first = forecast[forecast["horizon"] == 1]
    assert set(first["period_start"]) == {date(2025, 3, 1)}
    quantiles = forecast[["p025", "p10", "p50", "p90", "p975"]]
    assert (quantiles.diff(axis=1).iloc[:, 1:] >= 0).all().all()
    assert forecast.notna().all().all()


def test_the_late_region_borrows_and_says_so(vintages: list[Vintage]) -> None:
    profile = vintages[-1].fct_series_profile.set_index("series_id")
    late = profile.loc["net_revenue|region=West%3D1"]
    assert (late["observation_count"], late["chosen_method"], late["champion_reason"]) == (
        6,
        "share_of_parent",
        "short_history",
    )
    beaten = profile["champion_reason"] == "beats_baseline"
    assert (profile.loc[beaten, "chosen_wape"] < profile.loc[beaten, "baseline_wape"]).all()
    assert beaten.any()
    naive = profile["champion_reason"] == "baseline_not_beaten"
    assert (profile.loc[naive, "chosen_method"] == "seasonal_naive").all()


def test_what_happens_later_never_changes_a_vintage(
    vintages: list[Vintage], sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    later = (sales["posted_at"] > AS_OF) | (pd.to_datetime(sales["invoice_date"]) >= "2024-07-01")
    changed = sales.assign(net_amount=sales["net_amount"].where(~later, -1e9))
    back_posted = sales.head(1).assign(
        invoice_date=date(2024, 3, 9), posted_at=pd.Timestamp("2024-07-03 06:01"), net_amount=9e9
    )
    again = make(pd.concat([changed, back_posted]), periods, config)
    assert again.run_id == vintages[POSITION].run_id
    pd.testing.assert_frame_equal(again.fct_forecast, vintages[POSITION].fct_forecast, check_exact=True)
    pd.testing.assert_frame_equal(again.fct_series_profile, vintages[POSITION].fct_series_profile, check_exact=True)


def test_a_vintage_alone_equals_the_same_one_replayed(
    vintages: list[Vintage], sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    alone = make(sales.sample(frac=1, random_state=9), periods, config, created_at=datetime(2031, 1, 1))
    replayed = vintages[POSITION]
    assert alone.run_id == replayed.run_id == vintage_id(sales, periods, AS_OF, config)
    assert alone.forecast_run["output_hash"].equals(replayed.forecast_run["output_hash"])
    assert alone.forecast_run["created_at"].item() == pd.Timestamp("2031-01-01")


def test_what_was_known_makes_another_vintage(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    known = sales.index[sales["posted_at"] < "2024-01-01"][0]
    changed = sales.copy()
    changed.loc[known, "net_amount"] += 0.0001
    ids = {
        vintage_id(sales, periods, AS_OF, config),
        vintage_id(changed, periods, AS_OF, config),
        vintage_id(sales, periods, datetime(2024, 7, 3, 7), config),
        vintage_id(sales, periods, AS_OF, ForecastConfig(backtest_windows=3)),
    }
    assert len(ids) == 4
    assert vintage_id(sales, periods, AS_OF, ForecastConfig(lags=(1,))) in ids


def test_too_little_is_a_sentence(sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig) -> None:
    with pytest.raises(ValueError, match="Expected sales in a period closed by 2024-07-03"):
        make(sales.head(0), periods, config)
    with pytest.raises(ValueError, match="18 periods beyond the one of 2024-06-01; it has 8"):
        make(sales, periods.head(37), config)


@pytest.mark.parametrize("months", [1, 4, 13])
def test_a_young_company_gets_a_forecast_too(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig, months: int
) -> None:
    young = sales[pd.to_datetime(sales["invoice_date"]) >= pd.Timestamp("2024-07-01") - pd.DateOffset(months=months)]
    forecast = make(young, periods, config).fct_forecast
    assert forecast["yhat"].notna().all()
    assert (forecast["p90"] >= forecast["p10"]).all()


def test_a_wrong_setting_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="came planet"):
        ForecastConfig(levels=("planet",))
    with pytest.raises(ValueError, match="a champion is measured against it"):
        ForecastConfig(methods=("auto_ets",))
    with pytest.raises(ValueError, match="of at least 1"):
        ForecastConfig(backtest_windows=0)
