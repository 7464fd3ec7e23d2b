"""Border: stage changes as extracted. Their order and meaning are replayed and tested in dbt."""

from __future__ import annotations

from expectations.patterns import MAX_AMOUNT, salesforce_id
from expectations.suite import between, matches, not_null, raw_suite

SUITE = raw_suite(
    "salesforce",
    "opportunity_history",
    ("id",),
    not_null("opportunity_id", "created_date", "system_modstamp"),
    not_null("stage_name", severity="warn"),
    matches("opportunity_id", regex=salesforce_id("006"), severity="warn"),
    between("amount", low=0, high=MAX_AMOUNT, severity="warn"),
    between("probability", low=0, high=100, severity="warn"),
)
