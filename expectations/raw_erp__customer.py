"""Border: ERP customers as extracted. Names and addresses are personal and are not looked at."""

from __future__ import annotations

from expectations.patterns import COUNTRY, CURRENCY
from expectations.suite import between, matches, not_null, raw_suite

SUITE = raw_suite(
    "erp",
    "customer",
    ("customer_no",),
    not_null("name", "country", "is_intercompany", "is_test", severity="warn"),
    matches("country", regex=COUNTRY, severity="warn"),
    matches("currency", regex=CURRENCY, severity="warn"),
    between("payment_terms_days", low=0, high=365, severity="warn"),
    between("credit_limit", low=0, severity="warn"),
)
