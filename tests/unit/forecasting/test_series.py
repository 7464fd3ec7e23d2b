"""Protects what a series may contain: closed periods, lines known by then, gaps as zero, one-offs out of training."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime

import pandas as pd
import pytest

from forecasting.actuals import closed_actuals, restatements
from forecasting.calendar import closed_periods, due_vintages, fiscal_periods
from forecasting.config import ForecastConfig
from forecasting.series import build_series, series_id

FEBRUARY_CLOSE = datetime(2025, 3, 5, 6)


def test_a_period_closes_on_its_third_business_day(periods: pd.DataFrame, config: ForecastConfig) -> None:
    closes = fiscal_periods(periods, config).set_index("fiscal_period_key")["closes_at"]
    assert closes[202412] == pd.Timestamp("2025-02-05 06:00")  # ends on Friday 31 January
    assert closes[202401] == pd.Timestamp("2024-03-05 06:00")  # leap day is the end of period 1
    assert closes[202404] == pd.Timestamp("2024-06-05 06:00")  # 1 June 2024 is a Saturday


def test_holidays_put_off_the_closing_but_make_no_other_configuration(
    periods: pd.DataFrame, config: ForecastConfig
) -> None:
    holidays = (date(2025, 2, 3), date(2025, 2, 8), date(2025, 3, 5))
    with_holidays = dataclasses.replace(config, holidays=holidays)
    closes = fiscal_periods(periods, with_holidays).set_index("fiscal_period_key")["closes_at"]
    assert closes[202412] == pd.Timestamp("2025-02-06 06:00")
    assert closes[202501] == pd.Timestamp("2025-03-06 06:00")
    assert with_holidays.config_hash == config.config_hash


def test_vintages_are_due_from_the_24th_closed_period(
    periods: pd.DataFrame, config: ForecastConfig, now: datetime
) -> None:
    due = due_vintages(periods.sample(frac=1, random_state=1), date(2022, 2, 17), now, config)
    assert len(due) == 14
    assert (due[0], due[-1]) == (datetime(2024, 2, 5, 6), FEBRUARY_CLOSE)
    assert due_vintages(periods, date(2024, 2, 1), now, config) == []


def test_a_gap_in_the_calendar_is_named(periods: pd.DataFrame, config: ForecastConfig) -> None:
    with pytest.raises(ValueError, match=r"202204 to start on 2022-04-01, the day after .* starts on 2022-05-01"):
        fiscal_periods(periods.drop(index=2), config)


def test_a_445_calendar_is_as_good(config: ForecastConfig) -> None:
    starts = pd.to_datetime(["2024-01-29", "2024-02-26", "2024-03-25", "2024-04-29"])
    frame = pd.DataFrame(
        {"fiscal_period_key": [1, 2, 3], "period_start": starts[:-1], "period_end": starts[1:] - pd.Timedelta(days=1)}
    )
    assert len(closed_periods(frame, datetime(2024, 3, 28), config)) == 2


def test_only_closed_periods_and_known_lines_count(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    before = build_series(sales, periods, datetime(2025, 3, 5, 5, 59), config).observations
    after = build_series(sales, periods, FEBRUARY_CLOSE, config).observations
    assert before["period_start"].max() == pd.Timestamp("2025-01-01")
    assert after["period_start"].max() == pd.Timestamp("2025-02-01")
    known = sales[pd.to_datetime(sales["invoice_date"]) < "2025-03-01"]
    total = after[after["series_id"] == "net_revenue|total"]
    assert total["value"].sum() == pytest.approx(known["net_amount"].sum())
    assert len(total) == 37


def test_levels_add_up_and_the_bridge_links_them(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    built = build_series(sales, periods, FEBRUARY_CLOSE, config)
    assert built.dim_series["level"].value_counts().to_dict() == {
        "region_product_line": 6, "region": 3, "product_line": 2, "total": 1,
    }  # fmt: skip
    values = built.observations.set_index(["series_id", "period_start"])["value"].unstack("series_id").fillna(0)
    for parent, children in built.bridge_series.groupby("parent_series_id"):
        by_level = children.merge(built.dim_series, left_on="child_series_id", right_on="series_id").groupby("level")
        for _, one_level in by_level:
            assert values[one_level["series_id"]].sum(axis=1).tolist() == pytest.approx(values[parent].tolist())
    assert set(built.bridge_series["child_series_id"]) == set(built.dim_series["series_id"]) - {"net_revenue|total"}


def test_a_series_begins_with_its_first_sale_and_gaps_are_zero(periods: pd.DataFrame, config: ForecastConfig) -> None:
    lines = pd.DataFrame(
        {
            "invoice_date": [date(2024, 2, 29), date(2024, 5, 31)],
            "posted_at": pd.to_datetime(["2024-02-29 22:30", "2024-05-31 10:00"]),
            "region": ["North", None],
            "product_line": ["Pumps", "Pumps"],
            "net_amount": [10.25, -4.5],
        }
    )
    observations = build_series(lines, periods, datetime(2024, 7, 10), config).observations
    by_series = {name: group["value"].tolist() for name, group in observations.groupby("series_id")}
    assert by_series["net_revenue|line=Pumps"] == [10.25, 0, 0, -4.5, 0]
    assert by_series["net_revenue|region=UNKNOWN"] == [-4.5, 0]


def test_series_ids_keep_odd_members_apart() -> None:
    assert series_id("net_revenue", region="North", product_line="Pumps") == "net_revenue|region=North|line=Pumps"
    assert series_id("net_revenue", region="a|line=b") != series_id("net_revenue", region="a", product_line="b")


def test_a_one_off_is_an_actual_but_not_trained_on(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig
) -> None:
    lines = sales.assign(document_id=[f"D{i}" for i in range(len(sales))])
    project = pd.DataFrame([lines.iloc[0]] * 2).assign(
        document_id="PROJECT", net_amount=550_000.0, invoice_date=date(2024, 6, 18),
        posted_at=pd.Timestamp("2024-06-18"), region="zentral 100%", product_line="0042",
    )  # fmt: skip
    observations = build_series(pd.concat([lines, project]), periods, FEBRUARY_CLOSE, config).observations
    june = observations[
        (observations["period_start"] == "2024-06-01") & (observations["series_id"] == "net_revenue|total")
    ]
    assert (june["value"] - june["training_value"]).item() == pytest.approx(1_100_000)
    assert june["outlier_count"].item() == 2
    untouched = build_series(lines, periods, FEBRUARY_CLOSE, config).observations
    assert untouched["outlier_count"].sum() == 0


def test_the_order_of_rows_changes_nothing(sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig) -> None:
    first = build_series(sales, periods, FEBRUARY_CLOSE, config)
    second = build_series(sales.sample(frac=1, random_state=5), periods.iloc[::-1], FEBRUARY_CLOSE, config)
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_late_postings_restate(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig, now: datetime
) -> None:
    actuals = closed_actuals(sales, periods, now, config)
    restated = actuals[actuals["actual_status"] == "restated"]
    assert set(restated["period_start"]) == {pd.Timestamp("2025-01-01")}
    late = sales.loc[sales["posted_at"] == pd.Timestamp("2025-02-20 10:00"), "net_amount"].sum()
    total = restated[restated["series_id"] == "net_revenue|total"]
    assert (total["actual"] - total["actual_at_close"]).item() == pytest.approx(late)
    log = restatements(sales, periods, now, config)
    row = log[log["series_id"] == "net_revenue|total"]
    assert (row["actual_before"].item(), row["actual_after"].item()) == (
        total["actual_at_close"].item(),
        total["actual"].item(),
    )
    assert row["period_start"].item() == date(2025, 1, 1)
    at_close = build_series(sales, periods, datetime(2025, 2, 5, 6), config).observations
    seen = at_close[(at_close["series_id"] == "net_revenue|total") & (at_close["period_start"] == "2025-01-01")]
    assert seen["value"].item() == pytest.approx(total["actual_at_close"].item())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"net_amount": None}, "Expected net_amount on every sales line"),
        ({"posted_at": pd.NaT}, "Expected posted_at on every sales line"),
        ({"invoice_date": date(1999, 12, 31)}, "1999-12-31"),
        ({"invoice_date": date(2055, 1, 1)}, "2055-01-01"),
    ],
)
def test_a_bad_line_is_a_sentence(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig, change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_series(pd.concat([sales, sales.head(1).assign(**change)]), periods, FEBRUARY_CLOSE, config)


def test_no_sales_give_empty_frames(
    sales: pd.DataFrame, periods: pd.DataFrame, config: ForecastConfig, now: datetime
) -> None:
    built = build_series(sales.head(0), periods, now, config)
    assert [len(frame) for frame in built] == [0, 0, 0]
    assert closed_actuals(sales.head(0), periods, now, config).empty
    assert restatements(sales.head(0), periods, now, config).empty
