"""Months in header cells: names, numbers with a year, real dates.

What belongs here: one header's text or value. What does not: which columns are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from ingestion.workbook.grid import clean

_NAMES = (
    ("january", "januar", "jänner"),
    ("february", "februar", "feber"),
    ("march", "märz", "mrz"),
    ("april",),
    ("may", "mai"),
    ("june", "juni"),
    ("july", "juli"),
    ("august",),
    ("september",),
    ("october", "oktober"),
    ("november",),
    ("december", "dezember"),
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_SHORT_YEAR = re.compile(r"['’/ -](\d{2})$")
_NUMBERED = (re.compile(r"((?:19|20)\d{2})[-/.](\d{1,2})"), re.compile(r"(\d{1,2})[-/.]((?:19|20)\d{2})"))


def month_named(text: str, names: Sequence[str] = ()) -> int | None:
    """Return the month that a text is the name of: one of `names` (January first), or English or German, shortened."""
    word = text.casefold().rstrip(".")
    if names:
        return next((i for i, name in enumerate(names, start=1) if name.casefold().rstrip(".") == word), None)
    if len(word) < 3:
        return None
    return next((i for i, known in enumerate(_NAMES, start=1) if any(n.startswith(word) for n in known)), None)


def month_of(values: Sequence[Any], names: Sequence[str] = ()) -> date | None:
    """Return the first day of the month that the header cells of one column (top to bottom) give with its year."""
    for value in values:
        if isinstance(value, date):
            return date(value.year, value.month, 1)
    texts = [clean(value) for value in values]
    for text in texts:
        for pattern, year_group in zip(_NUMBERED, (1, 2), strict=True):
            match = pattern.fullmatch(text)
            if match and 1 <= int(match[3 - year_group]) <= 12:
                return date(int(match[year_group]), int(match[3 - year_group]), 1)
    month = next((m for t in texts for word in re.split(r"[\s/'’-]+", t) if (m := month_named(word, names))), None)
    year = _year(texts)
    return date(year, month, 1) if month and year else None


def _year(texts: Sequence[str]) -> int | None:
    for text in texts:
        if match := _YEAR.search(text):
            return int(match[0])
    for text in texts:
        if match := _SHORT_YEAR.search(text):
            return 2000 + int(match[1])
    return None
