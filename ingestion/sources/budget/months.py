"""Months in header cells: names, numbers with a year, real dates.

What belongs here: the texts or values above one column. What does not: which columns are read.
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
_TWO_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}\s*[-/–]\s*(?:19|20)?\d{2}(?!\d)")
_FISCAL_YEAR = re.compile(r"\b(?:FY|GJ|WJ|fiscal|geschäftsjahr|wirtschaftsjahr)\W*'?\d", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"\d{2}")
_NUMBERED = (re.compile(r"((?:19|20)\d{2})[-/.](\d{1,2})"), re.compile(r"(\d{1,2})[-/.]((?:19|20)\d{2})"))
_BETWEEN = re.compile(r"[\s/'’,.–-]+")

_Part = tuple[int, int | None]
"""A month and the year that is written with it, if any."""


class UnclearMonthError(ValueError):
    """A header that names a month and does not say, or says twice, of which year; the message says what it holds."""


def month_named(text: str, names: Sequence[str] = ()) -> int | None:
    """Return the month that a text is the name of: one of `names` (January first), or English or German, shortened."""
    word = text.casefold().rstrip(".")
    if names:
        return next((i for i, name in enumerate(names, start=1) if name.casefold().rstrip(".") == word), None)
    if len(word) < 3:
        return None
    return next((i for i, known in enumerate(_NAMES, start=1) if any(n.startswith(word) for n in known)), None)


def month_of(values: Sequence[Any], names: Sequence[str] = ()) -> date | None:
    """Return the first day of the month that the header cells of one column give; None where it is not clear."""
    try:
        return read_month(values, names)
    except UnclearMonthError:
        return None


def read_month(values: Sequence[Any], names: Sequence[str] = (), only: str | None = None) -> date | None:
    """Return the first day of the month that the header cells of one column (top to bottom) give with its year.

    A cell gives a month where it holds nothing else than the month, its year and `only`. None where no cell does;
    UnclearMonthError where the cells disagree or leave the year open.
    """
    cells = [value for value in values if clean(value)]
    parts = [part for value in cells if (part := _part(value, names, only))]
    if not parts:
        return None
    said = " / ".join(_shown(value) for value in cells)
    if len({month for month, _ in parts}) > 1:
        raise UnclearMonthError(f"“{said}” names two months")
    others = [clean(value) for value in cells if _part(value, names, only) is None]
    unclear = next((text for text in others if _FISCAL_YEAR.search(text) or _TWO_YEARS.search(text)), None)
    years = {year for _, year in parts if year} | {int(year) for text in others for year in _YEAR.findall(text)}
    if unclear is not None or len(years) != 1:
        raise UnclearMonthError(f"“{said}” does not say the month's calendar year")
    return date(years.pop(), parts[0][0], 1)


def bare_month(text: str, names: Sequence[str], only: str) -> bool:
    """Return whether a text is a month once the word `only` is taken from it."""
    rest = _without(text, only)
    return rest != text and _part(rest, names, None) is not None


def _part(value: Any, names: Sequence[str], only: str | None) -> _Part | None:
    """Return the month, and its year if it is there, that a cell consists of."""
    if isinstance(value, date):
        return value.month, value.year
    text = _without(clean(value), only)
    for pattern, year_group in zip(_NUMBERED, (1, 2), strict=True):
        match = pattern.fullmatch(text)
        if match and 1 <= int(match[3 - year_group]) <= 12:
            return int(match[3 - year_group]), int(match[year_group])
    return _named_part([word for word in _BETWEEN.split(text) if word], text, names)


def _named_part(words: list[str], text: str, names: Sequence[str]) -> _Part | None:
    month = month_named(text, names)
    if month:
        return month, None
    if len(words) == 1:
        month = month_named(words[0], names)
        return (month, None) if month else None
    if len(words) != 2:
        return None
    first, last = words
    if month := month_named(first, names):
        if _YEAR.fullmatch(last):
            return month, int(last)
        return (month, 2000 + int(last)) if _SHORT_YEAR.fullmatch(last) else None
    month = month_named(last, names)
    return (month, int(first)) if month and _YEAR.fullmatch(first) else None


def _without(text: str, only: str | None) -> str:
    return (
        " ".join(re.sub(rf"(?<!\w){re.escape(only)}(?!\w)", " ", text, flags=re.IGNORECASE).split()) if only else text
    )


def _shown(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else clean(value)
