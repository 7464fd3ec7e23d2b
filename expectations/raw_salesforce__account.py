"""Border: CRM accounts as extracted. Names and addresses are personal and are not looked at."""

from __future__ import annotations

from expectations.patterns import COUNTRY, salesforce_id
from expectations.suite import at_least, matches, not_null, raw_suite

SUITE = raw_suite(
    "salesforce",
    "account",
    ("id",),
    not_null("system_modstamp"),
    not_null("name", "created_date", "owner_id", severity="warn"),
    matches("id", regex=salesforce_id("001"), severity="warn"),
    matches("billing_country_code", regex=COUNTRY, severity="warn"),
    at_least("system_modstamp", "created_date", severity="warn"),
)
