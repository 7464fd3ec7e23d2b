"""Border: the vintages of the forecast. A vintage is made after the data it stands on."""

from __future__ import annotations

from expectations.suite import Suite, at_least, between, not_null, unique

SUITE = Suite(
    schema="forecast",
    table="forecast_run",
    key=("run_id",),
    expectations=(
        *not_null("run_id", "cadence", "data_as_of", "created_at", "status"),
        *not_null("config_hash", "input_hash", "output_hash"),
        *unique("run_id"),
        *between("horizon_periods", low=1, high=120),
        *at_least("created_at", "data_as_of"),
    ),
)
