"""Border: win probabilities of open opportunities. An empty horizon means ever."""

from __future__ import annotations

from expectations.suite import Suite, between, matches, not_null, unique

SUITE = Suite(
    schema="forecast",
    table="fct_win_probability",
    key=("as_of_date", "opportunity_id", "horizon_period_key"),
    expectations=(
        *not_null("as_of_date", "opportunity_id", "probability", "model_version"),
        *unique("as_of_date", "opportunity_id", "horizon_period_key"),
        *between("probability", low=0, high=1),
        *between("horizon_period_key", low=190001, high=299953),
        *matches("model_version", regex=r"^[a-z0-9_-]+/[a-z-]+/[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9a-f]{12}$"),
    ),
)
