"""Names of raw tables and columns: the source's own names in snake_case, as dlt writes them.

What belongs here: the one mapping from source names to raw names, and which name a misspelt one may mean. What does
not: renaming for meaning (staging).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from dlt.common.normalizers.naming.snake_case import NamingConvention

_CONVENTION = NamingConvention()


def raw_name(source_name: str) -> str:
    """Return the raw name of a table or column: `VAT_Number__c` gives `vat_number_c`."""
    return str(_CONVENTION.normalize_identifier(source_name))


def nearest(name: str, names: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the one of `names` that is most like `name`, whatever the case of its letters; None where none is."""
    known = {known.casefold(): known for known in names}
    near = get_close_matches(name.casefold(), list(known), n=1, cutoff=likeness)
    return known[near[0]] if near else None


def quoted(identifier: str) -> str:
    """Return `identifier` as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
