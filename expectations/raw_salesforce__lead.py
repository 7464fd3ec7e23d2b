"""Border: leads as extracted. Names and e-mail addresses are personal and are not looked at."""

from __future__ import annotations

from expectations.patterns import salesforce_id
from expectations.suite import at_least, matches, not_null, raw_suite

SUITE = raw_suite(
    "salesforce",
    "lead",
    ("id",),
    not_null("system_modstamp", "created_date"),
    not_null("status", "is_converted", "lead_source", severity="warn"),
    matches("id", regex=salesforce_id("00Q"), severity="warn"),
    matches("converted_opportunity_id", regex=salesforce_id("006"), severity="warn"),
    at_least("first_response_at_c", "created_date", severity="warn"),
    at_least("converted_at_c", "created_date", severity="warn"),
)
