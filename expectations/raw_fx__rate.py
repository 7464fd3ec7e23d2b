"""Border: exchange rates as read from files. Gaps in time are found by dbt, where rates are filled."""

from __future__ import annotations

from expectations.patterns import CURRENCY
from expectations.suite import between, in_set, matches, not_null, raw_suite

SUITE = raw_suite(
    "fx",
    "rate",
    ("rate_date", "from_currency", "to_currency", "rate_type"),
    not_null("rate", "source_file"),
    matches("from_currency", "to_currency", regex=CURRENCY),
    in_set("rate_type", ["daily", "budget"]),
    between("rate", low=0.000001, high=1_000_000),
)
