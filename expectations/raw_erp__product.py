"""Border: ERP products as extracted."""

from __future__ import annotations

from expectations.suite import at_least, not_null, raw_suite

SUITE = raw_suite(
    "erp",
    "product",
    ("sku",),
    not_null("name"),
    not_null("category", "product_line", severity="warn"),
    at_least("end_date", "launch_date", severity="warn"),
)
