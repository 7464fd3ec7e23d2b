"""Forecast vintages and their accuracy as assets.

What belongs here: which vintages are due, keeping them, scoring them. What does not: forecasting and accuracy.
"""

from collections.abc import Iterator
from datetime import date, datetime

import dagster as dg
import pandas as pd

from forecasting.accuracy import leading_runs, score, summarise
from forecasting.actuals import closed_actuals, restatements
from forecasting.calendar import due_vintages
from forecasting.config import ForecastConfig
from forecasting.vintage import Vintage, replay
from orchestration.environment import business_date
from orchestration.inputs import holidays, periods_frame, sales_frame, state_table
from orchestration.jobs import FORECASTS_GROUP
from orchestration.keys import table_key
from orchestration.resources import WritingRun
from orchestration.settings import Settings
from orchestration.state import append, append_unseen, open_state, replace

VINTAGE_TABLES = ("forecast_run", "dim_series", "bridge_series", "fct_series_profile", "fct_forecast")
ACCURACY_TABLES = ("fct_forecast_accuracy", "fct_forecast_metric", "fct_actual_restatement")
_SALES_KEYS = [table_key(f"marts.{name}") for name in ("fct_sales", "dim_product", "dim_territory", "dim_date")]


def forecast_config(settings: Settings, holidays: tuple[date, ...]) -> ForecastConfig:
    """The monthly cadence with the settings' horizon and backtest, and the business days of the calendar."""
    return ForecastConfig(
        horizon_periods=settings.forecast_horizon,
        backtest_windows=settings.forecast_backtest_windows,
        holidays=holidays,
    )


def forecast_assets() -> list[dg.AssetsDefinition]:
    """The vintages and the accuracy of all vintages kept so far."""
    return [_vintages(), _accuracy()]


def _vintages() -> dg.AssetsDefinition:
    @dg.multi_asset(
        specs=[_spec(name, _SALES_KEYS) for name in VINTAGE_TABLES],
        name="forecast_vintages",
        required_resource_keys={"writing_run"},
    )
    def vintages(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run: WritingRun = context.resources.writing_run
        counts = dict.fromkeys(VINTAGE_TABLES, 0)
        for vintage in new_vintages(run):
            for table, rows in keep_vintage(run, vintage).items():
                counts[table] += rows
        for table, rows in counts.items():
            yield dg.MaterializeResult(asset_key=table_key(f"forecast.{table}"), metadata={"rows_added": rows})

    return vintages


def _accuracy() -> dg.AssetsDefinition:
    upstream = [table_key(f"forecast.{name}") for name in VINTAGE_TABLES]

    @dg.multi_asset(
        specs=[_spec(name, [*_SALES_KEYS, *upstream]) for name in ACCURACY_TABLES],
        name="forecast_accuracy",
        required_resource_keys={"writing_run"},
    )
    def accuracy(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        for table, rows in keep_accuracy(context.resources.writing_run).items():
            yield dg.MaterializeResult(asset_key=table_key(f"forecast.{table}"), metadata={"dagster/row_count": rows})

    return accuracy


def new_vintages(run: WritingRun) -> Iterator[Vintage]:
    """The vintages that are due by the clock and not kept yet, the oldest first; none sees its own future.

    A vintage that was made once is never made again, even where its sales were corrected at the source since.
    """
    sales, periods = sales_frame(run.environment.build_file), periods_frame(run.environment.build_file)
    if sales.empty:
        return
    config = forecast_config(run.settings, holidays(run.environment.build_file))
    kept = _kept_moments(run, config)
    due = due_vintages(periods, pd.Timestamp(sales["invoice_date"].min()).date(), run.clock, config)
    missing = [moment for moment in due if moment not in kept]
    yield from replay(sales, periods, missing, config, git_sha=run.code_version, created_at=run.clock)


def _kept_moments(run: WritingRun, config: ForecastConfig) -> set[datetime]:
    runs = state_table(run.environment.state_file, "forecast.forecast_run")
    same = runs[(runs["cadence"] == config.cadence) & (runs["config_hash"] == config.config_hash)]
    return {pd.Timestamp(moment).to_pydatetime() for moment in same["data_as_of"]}


def keep_vintage(run: WritingRun, vintage: Vintage) -> dict[str, int]:
    """Append one vintage in one transaction; give the rows added per table. Known series keep their rows."""
    with open_state(run.environment.state_file) as connection:
        added = {
            "forecast_run": append_unseen(connection, "forecast.forecast_run", vintage.forecast_run, "run_id"),
            "dim_series": append_unseen(connection, "forecast.dim_series", vintage.dim_series, "series_id"),
            "bridge_series": append_unseen(
                connection, "forecast.bridge_series", vintage.bridge_series, "child_series_id"
            ),
        }
        for table, frame in (
            ("fct_series_profile", vintage.fct_series_profile),
            ("fct_forecast", vintage.fct_forecast),
        ):
            added[table] = append(connection, f"forecast.{table}", frame)
    return added


def keep_accuracy(run: WritingRun) -> dict[str, int]:
    """Score every kept vintage against what is known at the clock, and keep the scores; give rows per table."""
    state_file, build_file = run.environment.state_file, run.environment.build_file
    sales, periods = sales_frame(build_file), periods_frame(build_file)
    runs = state_table(state_file, "forecast.forecast_run")
    if runs.empty:
        return dict.fromkeys(ACCURACY_TABLES, 0)
    config = forecast_config(run.settings, holidays(build_file))
    kept = {name: state_table(state_file, f"forecast.{name}") for name in VINTAGE_TABLES}
    accuracy = score(
        kept["fct_forecast"],
        runs,
        closed_actuals(sales, periods, run.clock, config),
        kept["dim_series"],
        kept["fct_series_profile"],
        config.lags,
        run.clock,
    )
    today = business_date(run.settings, run.clock)
    leading = accuracy["run_id"].isin(leading_runs(runs, config.config_hash))
    metric = summarise(accuracy[leading], today, config.windows)
    changes = restatements(sales, periods, run.clock, config)
    with open_state(state_file) as connection:
        return {
            "fct_forecast_accuracy": replace(connection, "forecast.fct_forecast_accuracy", accuracy),
            "fct_forecast_metric": replace(connection, "forecast.fct_forecast_metric", metric, {"as_of_date": today}),
            "fct_actual_restatement": replace(connection, "forecast.fct_actual_restatement", changes),
        }


def _spec(table: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(table_key(f"forecast.{table}"), deps=deps, group_name=FORECASTS_GROUP, kinds={"python"})
