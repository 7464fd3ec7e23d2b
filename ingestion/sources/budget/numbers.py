"""Read a budget cell as a number: real numbers, numbers written as text, dashes, blanks.

What belongs here: one cell's value. What does not: units, positions.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ingestion.sources.budget.grid import Uncalculated, clean
from ingestion.sources.budget.templates import Numbers

_DASHES = {"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"}
_SHAPES = {
    "de": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+(,\d+)?"),
    "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?"),
}


class NotANumberError(ValueError):
    """A cell that should hold a number does not; the message says what it holds."""


def read_number(value: Any, numbers: Numbers) -> Decimal | None:
    """Return a cell's number, None for a blank cell; NotANumberError for anything else."""
    if isinstance(value, Uncalculated):
        raise NotANumberError(f"the formula {value.formula} has no stored result; open and save the file in Excel")
    if isinstance(value, bool | date | datetime):
        raise NotANumberError(f"expected a number, got {value}")
    if isinstance(value, int | float):
        return _decimal(repr(value))
    text = clean(value)
    if not text:
        return None
    if text in _DASHES:
        return Decimal(0) if numbers.dash == "zero" else None
    return _from_text(text, numbers)


def _from_text(text: str, numbers: Numbers) -> Decimal:
    sign, body = 1, text.replace(" ", "")
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1, body[1:-1]
    elif body[0] in _DASHES:
        sign, body = -1, body[1:]
    if not _SHAPES[numbers.locale].fullmatch(body):
        raise NotANumberError(f"expected a number written the {numbers.locale} way, got “{text[:60]}”")
    thousands, point = (".", ",") if numbers.locale == "de" else (",", ".")
    return sign * _decimal(body.replace(thousands, "").replace(point, "."))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotANumberError(f"expected a number, got {text}") from None
    if not number.is_finite():
        raise NotANumberError(f"expected a number, got {text}")
    return number
