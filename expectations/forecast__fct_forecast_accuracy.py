"""Border: kept forecasts beside their actuals. The metrics made of them are tested where they are computed."""

from __future__ import annotations

from expectations.suite import Suite, at_least, between, in_set, not_null, unique

SUITE = Suite(
    schema="forecast",
    table="fct_forecast_accuracy",
    key=("run_id", "series_id", "method", "grain", "period_start", "lag_periods"),
    expectations=(
        *not_null("run_id", "series_id", "level", "method", "grain", "period_start", "lag_periods"),
        *not_null("forecast", "actual", "error", "abs_error", "actual_status"),
        *unique("run_id", "series_id", "method", "grain", "period_start", "lag_periods"),
        *between("lag_periods", low=1, high=120),
        *between("abs_error", low=0),
        *at_least("abs_error", "error"),
        *at_least("p90", "p10"),
        *in_set("actual_status", ["final", "restated"]),
    ),
)
