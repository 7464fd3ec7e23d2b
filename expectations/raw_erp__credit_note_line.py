"""Border: ERP credit-note lines as extracted.

The ERP states credits as positive amounts and staging negates them; were most of them negative, they would be added
to revenue. A few odd ones do not tell another convention.
"""

from __future__ import annotations

from expectations.patterns import MAX_AMOUNT
from expectations.suite import between, not_null, raw_suite

SUITE = raw_suite(
    "erp",
    "credit_note_line",
    ("credit_no", "line_no"),
    not_null("sku", "line_amount"),
    not_null("quantity", "tax_rate", severity="warn"),
    between("line_amount", low=0, high=MAX_AMOUNT, mostly=0.95),
    between("quantity", low=0, mostly=0.95),
    between("tax_rate", low=0, high=1),
)
