"""Border: ERP invoice lines as extracted. A tax rate is a ratio: 0.19, not 19."""

from __future__ import annotations

from expectations.patterns import MAX_AMOUNT
from expectations.suite import between, not_null, raw_suite

SUITE = raw_suite(
    "erp",
    "invoice_line",
    ("invoice_no", "line_no"),
    not_null("sku", "line_amount"),
    not_null("quantity", "unit_price", "tax_rate", severity="warn"),
    between("tax_rate", low=0, high=1),
    between("line_amount", low=-MAX_AMOUNT, high=MAX_AMOUNT, severity="warn"),
)
