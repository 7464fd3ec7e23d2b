"""Names of raw tables and columns: the source's own names in snake_case, as dlt writes them.

What belongs here: the one mapping from source names to raw names. What does not: renaming for meaning (staging).
"""

from __future__ import annotations

from dlt.common.normalizers.naming.snake_case import NamingConvention

_CONVENTION = NamingConvention()


def raw_name(source_name: str) -> str:
    """Return the raw name of a table or column: `VAT_Number__c` gives `vat_number_c`."""
    return str(_CONVENTION.normalize_identifier(source_name))


def quoted(identifier: str) -> str:
    """Return `identifier` as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
