"""Border: ERP invoices as extracted."""

from __future__ import annotations

from expectations.patterns import CURRENCY, MAX_AMOUNT
from expectations.suite import at_least, between, matches, not_null, raw_suite

SUITE = raw_suite(
    "erp",
    "invoice",
    ("invoice_no",),
    not_null("customer_no", "invoice_date", "currency"),
    not_null("posted_at", "is_cancelled", "prices_include_tax", severity="warn"),
    matches("currency", regex=CURRENCY),
    between("net_amount", high=MAX_AMOUNT, severity="warn"),
    at_least("due_date", "invoice_date", severity="warn"),
    at_least("cancelled_at", "issued_at", severity="warn"),
)
