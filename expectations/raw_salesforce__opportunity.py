"""Border: CRM opportunities as extracted. Unknown stages are found by dbt, against the stage mapping."""

from __future__ import annotations

from expectations.patterns import CURRENCY, MAX_AMOUNT, salesforce_id
from expectations.suite import at_least, between, matches, not_null, raw_suite

SUITE = raw_suite(
    "salesforce",
    "opportunity",
    ("id",),
    not_null("system_modstamp", "created_date", "stage_name"),
    not_null("pipeline_c", "close_date", "currency_iso_code", "owner_id", severity="warn"),
    matches("id", regex=salesforce_id("006"), severity="warn"),
    matches("currency_iso_code", regex=CURRENCY),
    between("amount", low=0, high=MAX_AMOUNT, severity="warn"),
    between("probability", low=0, high=100, severity="warn"),
    at_least("is_closed", "is_won"),
    at_least("system_modstamp", "created_date", severity="warn"),
)
