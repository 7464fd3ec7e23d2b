"""Border: budget numbers as read from workbooks, one row per cell.

Totals are proven by the template reader and are not loaded, so they are not looked at here.
"""

from __future__ import annotations

from expectations.patterns import CURRENCY
from expectations.suite import between, matches, not_null, raw_suite

SUITE = raw_suite(
    "budget",
    "line",
    ("file_sha256", "source_sheet", "source_cell"),
    not_null("source_file", "template", "budget_version", "measure", "amount"),
    matches("source_cell", regex=r"^[A-Z]{1,3}[0-9]{1,7}$"),
    matches("currency", regex=CURRENCY),
    between("fiscal_year", low=1990, high=2100),
    between("fiscal_period", low=1, high=53),
    between("amount", low=-1_000_000_000, high=1_000_000_000, severity="warn"),
)
