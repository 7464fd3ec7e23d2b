"""Border: forecasts with their quantiles, which must not cross."""

from __future__ import annotations

from expectations.suite import Suite, at_least, between, not_null, unique

SUITE = Suite(
    schema="forecast",
    table="fct_forecast",
    key=("run_id", "series_id", "method", "grain", "period_start"),
    expectations=(
        *not_null("run_id", "series_id", "method", "grain", "period_start", "horizon", "yhat", "is_champion"),
        *not_null("p025", "p10", "p50", "p90", "p975"),
        *unique("run_id", "series_id", "method", "grain", "period_start"),
        *between("horizon", low=1, high=120),
        *between("yhat", "p025", "p975", low=-1e12, high=1e12),
        *at_least("p10", "p025"),
        *at_least("p50", "p10"),
        *at_least("p90", "p50"),
        *at_least("p975", "p90"),
    ),
)
