"""Read a budget cell as a date: real dates, serial numbers, dates written as text in a declared order.

What belongs here: one cell's value. What does not: positions.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ingestion.workbook.grid import clean

DateOrder = Literal["iso", "dmy", "mdy"]

_PARTS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_ISO = re.compile(r"(\S+?)(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
"""A date, and the time of day that programs write behind it."""

_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_SERIALS = range(61, 80_000)


def read_date(value: Any, order: DateOrder, *, is_1904: bool = False) -> date | None:
    """Return a cell's date, None for a blank cell; ValueError says what else it holds.

    A whole number is a serial date of the workbook's epoch. `order` says how dates written as text read; nothing is
    guessed from a text such as 03/04/2024.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_serial(value, is_1904=is_1904)
    text = clean(value)
    return _from_text(text, order) if text else None


def is_serial(value: Any) -> bool:
    """Return whether the cell's date is written as a bare number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _from_serial(value: float, *, is_1904: bool) -> date:
    if not _SERIALS.start <= value < _SERIALS.stop or value != int(value):
        raise ValueError(f"expected a date, found the number {value:g}")
    return _EPOCHS[is_1904] + timedelta(days=int(value))


def _from_text(text: str, order: DateOrder) -> date:
    match = _PARTS.fullmatch(text)
    try:
        if match is None or order == "iso":
            day_only = _ISO.fullmatch(text)
            return date.fromisoformat(day_only[1] if day_only else text)
        first, second, year = (int(part) for part in match.groups())
        day, month = (first, second) if order == "dmy" else (second, first)
        return date(year, month, day)
    except ValueError:
        hint = (
            "; say in the template (dates: dmy or mdy) how it reads" if match and order == "iso" else "; write one day"
        )
        raise ValueError(f"expected a date ({order}), found “{text[:60]}”{hint}") from None
