"""Forms that values of several tables share.

Here: regular expressions and limits. Not here: suites.
"""

from __future__ import annotations

CURRENCY = r"^[A-Z]{3}$"
COUNTRY = r"^[A-Z]{2}$"
MAX_AMOUNT = 100_000_000
"""An amount beyond this, in any currency, is taken for a typing error and warned about."""


def salesforce_id(prefix: str) -> str:
    """Form of a Salesforce id, 15 or 18 characters, of the object with this key prefix."""
    return rf"^{prefix}[A-Za-z0-9]{{12}}(?:[A-Za-z0-9]{{3}})?$"
