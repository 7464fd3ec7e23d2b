"""Border: CRM users, the sales representatives, as extracted."""

from __future__ import annotations

from expectations.patterns import salesforce_id
from expectations.suite import at_least, matches, not_null, raw_suite

SUITE = raw_suite(
    "salesforce",
    "user",
    ("id",),
    not_null("system_modstamp", "name"),
    not_null("is_active", severity="warn"),
    matches("id", "manager_id", regex=salesforce_id("005"), severity="warn"),
    at_least("termination_date_c", "hire_date_c", severity="warn"),
)
