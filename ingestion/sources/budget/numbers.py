"""Read a budget cell as a number: real numbers, numbers written as text, dashes, blanks.

What belongs here: one cell's value and what its number format says of it. What does not: positions.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ingestion.sources.budget.templates import Numbers
from ingestion.workbook.grid import CellError, NumberFormat, Uncalculated, clean
from ingestion.workbook.number_formats import SYMBOLS, currencies_of

_DASHES = {"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"}
_SHAPES = {
    "de": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+(,\d+)?"),
    "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?"),
    "fr": re.compile(r"\d+(,\d+)?"),
    "ch": re.compile(r"\d+(\.\d+)?"),
}
"""How a number reads once blanks and apostrophes between its digits are taken out."""

_MARKS = {"de": (".", ","), "en": (",", "."), "fr": ("", ","), "ch": ("", ".")}
"""What stands between thousands, and before the decimals."""

_SYMBOL = re.compile(rf"{'|'.join(map(re.escape, SYMBOLS))}|[A-Z]{{3}}", re.IGNORECASE)


class NotANumberError(ValueError):
    """A cell that should hold a number does not; the message says what it holds."""


def read_number(value: Any, numbers: Numbers, currency: str | None = None) -> Decimal | None:
    """Return a cell's number, None for a blank cell; NotANumberError for anything else.

    A currency that is written beside the number must be `currency`.
    """
    if isinstance(value, Uncalculated):
        raise NotANumberError(
            f"{'the formula ' if value.formula else ''}{value} has no stored result; open and save the file in Excel"
        )
    if isinstance(value, CellError):
        raise NotANumberError(f"the cell holds the error {value}; correct its formula")
    if isinstance(value, bool | date | datetime):
        raise NotANumberError(f"expected a number, got {value}")
    if isinstance(value, int | float):
        return _decimal(repr(value))
    text = clean(value)
    if not text:
        return None
    if text in _DASHES:
        return Decimal(0) if numbers.dash == "zero" else None
    return _from_text(text, numbers, currency)


def refuse_format(number_format: NumberFormat | None, value: Decimal, currency: str | None, factor: int) -> None:
    """Raise NotANumberError where a cell's number format says that its number means something else."""
    if number_format is None or not value:
        return
    if number_format.is_percent:
        raise NotANumberError(f"expected an amount, the cell shows the percentage {value * 100:f} %")
    if number_format.scale > 1 and factor > 1:
        raise NotANumberError(
            f"the sheet's unit is {factor} and the cell's format divides by {number_format.scale} again, so {value:f}"
            " may be meant either way; show the cell in full"
        )
    _refuse_currency(number_format.currency, currency)


def _refuse_currency(symbol: str, currency: str | None) -> None:
    meant = currencies_of(symbol)
    if meant and currency is not None and currency not in meant:
        raise NotANumberError(f"the cell is in {symbol}, the sheet in {currency}")


def _from_text(text: str, numbers: Numbers, currency: str | None) -> Decimal:
    sign, body = 1, text.replace(" ", "").replace("'", "").replace("’", "")
    symbol = _SYMBOL.match(body) or re.search(rf"(?:{_SYMBOL.pattern})$", body, re.IGNORECASE)
    rest = body[: symbol.start()] + body[symbol.end() :] if symbol else ""
    if symbol and currency is not None and currencies_of(symbol[0]) and any(map(str.isdigit, rest)):
        _refuse_currency(symbol[0], currency)
        body = rest
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1, body[1:-1]
    elif body[:1] in _DASHES:
        sign, body = -1, body[1:]
    if not _SHAPES[numbers.locale].fullmatch(body):
        raise NotANumberError(f"expected a number written the {numbers.locale} way, got “{text[:60]}”")
    thousands, point = _MARKS[numbers.locale]
    return sign * _decimal((body.replace(thousands, "") if thousands else body).replace(point, "."))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotANumberError(f"expected a number, got {text}") from None
    if not number.is_finite():
        raise NotANumberError(f"expected a number, got {text}")
    return number
