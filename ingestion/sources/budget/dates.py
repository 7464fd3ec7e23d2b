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
    days = int(value)
    if days != value or days not in _SERIALS:
        raise ValueError(f"expected a date, found the number {value:g}")
    return _EPOCHS[is_1904] + timedelta(days=days)


def _from_text(text: str, order: DateOrder) -> date:
    match = _PARTS.fullmatch(text)
    try:
        if match is None or order == "iso":
            return date.fromisoformat(text.partition(" ")[0])
        first, second, year = (int(part) for part in match.groups())
        day, month = (first, second) if order == "dmy" else (second, first)
        return date(year, month, day)
    except ValueError:
        hint = "; say in the template (dates: dmy or mdy) how it reads" if match and order == "iso" else ""
        raise ValueError(f"expected a date ({order}), found “{text[:60]}”{hint}") from None
