"""The forecast pack: the newest vintage with its intervals, and how accurate earlier vintages were."""

from __future__ import annotations

from exports.report import Chart, Column, Report, Table

_LATEST = """
with latest as (
    select run_id, data_as_of
    from forecast.forecast_run
    order by data_as_of desc, created_at desc, run_id
    limit 1
)
"""

_CHAMPIONS = f"""
{_LATEST}
select
    series.region, series.product_line, champion.period_start, champion.method,
    champion.yhat, champion.p10, champion.p90, champion.p025, champion.p975
from forecast.fct_forecast as champion
inner join latest using (run_id)
inner join forecast.dim_series as series using (series_id)
where champion.is_champion and series.level = '{{level}}'
order by series.region, series.product_line, champion.period_start
"""

_BANDS = (
    Column("yhat", "Forecast", "money"),
    Column("p10", "Low (80 %)", "money"),
    Column("p90", "High (80 %)", "money"),
    Column("p025", "Low (95 %)", "money"),
    Column("p975", "High (95 %)", "money"),
    Column("method", "Method"),
)

_SCOREBOARD = """
with latest as (
    select max(as_of_date) as as_of_date from forecast.fct_forecast_metric
)

select
    metric.level, metric.method, metric.lag_periods, metric.window_periods, metric.observation_count, metric.wape,
    metric.accuracy, metric.bias, metric.mase, metric.tracking_signal, metric.interval_coverage_80
from forecast.fct_forecast_metric as metric
inner join latest using (as_of_date)
where metric.series_id is null and metric.actor is null
order by metric.level, metric.lag_periods, metric.window_periods, metric.wape, metric.method
"""

_METHODS = f"""
{_LATEST}
select
    series.level, series.region, series.product_line, profile.chosen_method, profile.demand_class,
    profile.observation_count, profile.outlier_count, profile.trend_strength, profile.seasonal_strength
from forecast.fct_series_profile as profile
inner join latest using (run_id)
inner join forecast.dim_series as series using (series_id)
order by series.level, series.region, series.product_line
"""

FORECAST_PACK = Report(
    report_id="forecast_pack",
    title="Forecast and its accuracy",
    question="What will we invoice in the coming months, how sure is that, and how good were we so far?",
    cadence="monthly",
    audience="sales management, directors, finance, operations",
    breakdowns="region, product line, month",
    requirement_ids=("FC.1", "FC.3", "FC.5", "DB.U10", "SO.P2"),
    inputs=(
        "forecast.dim_series",
        "forecast.fct_forecast",
        "forecast.fct_forecast_metric",
        "forecast.fct_series_profile",
        "forecast.forecast_run",
    ),
    tables=(
        Table(
            name="Company",
            title="Net revenue forecast of the company",
            grain="month",
            query=_CHAMPIONS.format(level="total"),
            columns=(Column("period_start", "Month", "date"), *_BANDS),
            chart=Chart("line", "Net revenue: forecast and 80 % interval", "period_start", ("yhat", "p10", "p90")),
        ),
        Table(
            name="By region",
            title="Net revenue forecast by region",
            grain="region × month",
            query=_CHAMPIONS.format(level="region"),
            columns=(Column("region", "Region"), Column("period_start", "Month", "date"), *_BANDS),
        ),
        Table(
            name="By product line",
            title="Net revenue forecast by product line",
            grain="product line × month",
            query=_CHAMPIONS.format(level="product_line"),
            columns=(Column("product_line", "Product line"), Column("period_start", "Month", "date"), *_BANDS),
        ),
        Table(
            name="Accuracy",
            title="Accuracy of the kept vintages on closed months",
            grain="level × method × lag × window",
            query=_SCOREBOARD,
            columns=(
                Column("level", "Level"),
                Column("method", "Method"),
                Column("lag_periods", "Months ahead", "integer"),
                Column("window_periods", "Window (months)", "integer"),
                Column("observation_count", "Rows", "integer"),
                Column("wape", "WAPE", "ratio"),
                Column("accuracy", "Accuracy", "ratio"),
                Column("bias", "Bias", "ratio", signed=True),
                Column("mase", "MASE", "number"),
                Column("tracking_signal", "Tracking signal", "number"),
                Column("interval_coverage_80", "80 % coverage", "ratio"),
            ),
        ),
        Table(
            name="Methods",
            title="Chosen method and profile of each series",
            grain="series",
            query=_METHODS,
            columns=(
                Column("level", "Level"),
                Column("region", "Region"),
                Column("product_line", "Product line"),
                Column("chosen_method", "Chosen method"),
                Column("demand_class", "Demand class"),
                Column("observation_count", "Months", "integer"),
                Column("outlier_count", "One-offs left out", "integer"),
                Column("trend_strength", "Trend", "number"),
                Column("seasonal_strength", "Seasonality", "number"),
            ),
        ),
    ),
    definitions=(
        ("M11", "WAPE: sum of absolute errors ÷ sum of absolute actuals over the leaf rows of the stated level."),
        ("M12", "Accuracy: max(0, 1 − WAPE)."),
        ("M13", "Bias: (forecast − actual) ÷ actual; positive is over-forecasting."),
        ("M14", "MASE: mean absolute error ÷ the seasonal naive's in-sample error; below 1 beats it."),
        ("M16", "Tracking signal: sum of errors ÷ mean absolute error; beyond ±4 is an alarm."),
        ("M17", "Coverage: share of closed actuals inside the 80 % interval."),
    ),
)
