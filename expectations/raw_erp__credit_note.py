"""Border: ERP credit notes as extracted."""

from __future__ import annotations

from expectations.patterns import CURRENCY
from expectations.suite import at_least, in_set, matches, not_null, raw_suite

SUITE = raw_suite(
    "erp",
    "credit_note",
    ("credit_no",),
    not_null("customer_no", "credit_date", "currency"),
    not_null("posted_at", "is_cancelled", "original_invoice_no", severity="warn"),
    matches("currency", regex=CURRENCY),
    in_set("reason_code", ["RETURN", "GOODWILL", "BILLING_ERROR"], severity="warn"),
    at_least("cancelled_at", "issued_at", severity="warn"),
)
