"""Read a budget cell as a number: real numbers, numbers written as text, dashes, blanks.

What belongs here: one cell's value and what its number format says of it. What does not: positions.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from ingestion.sources.budget.kinds import FieldType
from ingestion.sources.budget.templates import Numbers
from ingestion.workbook.grid import CellError, NumberFormat, Uncalculated, clean
from ingestion.workbook.number_formats import SYMBOLS, currencies_of

_DASHES = {"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"}
_PLACES = Decimal("0.0001")
_TOO_LARGE: dict[str, Decimal] = {
    "decimal": Decimal(10) ** 14 - _PLACES / 2,
    "integer": Decimal(10) ** 14,
    "double": Decimal(10) ** 300,
}
"""From which size on the warehouse has no place for a number; decimals are rounded to four places."""

_BLANKS = " \u00a0\u2007\u2009\u202f"
_BREAK = re.compile(rf"[^\S{_BLANKS}]|\d\s{{2,}}\d")
"""A line break, a tab, or more than one blank between digits: the cell holds two numbers."""

_SHAPES = {
    "de": re.compile(r"\d{1,3}([. '’])\d{3}(\1\d{3})*(,\d+)?|\d+(,\d+)?"),
    "en": re.compile(r"\d{1,3}([, '’])\d{3}(\1\d{3})*(\.\d+)?|\d+(\.\d+)?"),
    "fr": re.compile(r"\d{1,3}([ '’])\d{3}(\1\d{3})*(,\d+)?|\d+(,\d+)?"),
    "ch": re.compile(r"\d{1,3}([ '’])\d{3}(\1\d{3})*(\.\d+)?|\d+(\.\d+)?"),
}
"""Groups are of three digits, parted by one sign throughout; every kind of blank is read as a plain one before."""

_MARKS = {"de": (".", ","), "en": (",", "."), "fr": ("", ","), "ch": ("", ".")}
"""What stands between thousands beside blanks and apostrophes, and before the decimals."""

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
        raise NotANumberError(f"expected a number, got {value}; write the number, or give the cell a number's format")
    if isinstance(value, int | float):
        return _decimal(repr(value))
    text = clean(value)
    if not text:
        return None
    if text in _DASHES:
        return Decimal(0) if numbers.dash == "zero" else None
    if _BREAK.search(str(value).strip()):
        raise _unreadable(text, numbers)
    return _from_text(text, numbers, currency)


def refuse_format(number_format: NumberFormat | None, value: Decimal, currency: str | None, factor: int) -> None:
    """Raise NotANumberError where a cell's number format says that its number means something else."""
    if number_format is None or not value:
        return
    if number_format.is_percent:
        raise NotANumberError(f"expected an amount, the cell's format shows {value:f} as a percentage")
    if number_format.named > 1 and (number_format.named != factor or number_format.scale > 1):
        raise NotANumberError(
            f"the sheet's unit is {factor}, the cell's format shows {value:f} in units of {number_format.named}; show"
            " the cell in the sheet's unit"
        )
    if number_format.scale > 1 and factor > 1:
        raise NotANumberError(
            f"the sheet's unit is {factor} and the cell's format divides by {number_format.scale} again, so {value:f}"
            " may be meant either way; show the cell in full"
        )
    _refuse_currency(number_format.currency, currency)


def percentage(number: Decimal) -> str:
    """Return a fraction as people write it: 0.034 is 3.4 %."""
    return f"{(number * 100).normalize():f} %"


def raw_text(number: Decimal, type_: FieldType) -> str:
    """Return a number as the raw table takes it; NotANumberError where it has no place there."""
    if abs(number) >= _TOO_LARGE[type_]:
        raise NotANumberError(f"expected a number below {_TOO_LARGE[type_]:.0e}, found {number:.6g}; correct it")
    if type_ == "decimal":
        return str(number.quantize(_PLACES, ROUND_HALF_EVEN))
    if type_ == "integer" and number != number.to_integral_value():
        raise NotANumberError(f"expected a whole number, found {number:f}")
    return str(number.to_integral_value() if type_ == "integer" else number)


def _refuse_currency(symbol: str, currency: str | None) -> None:
    if symbol and currency is not None and currency not in currencies_of(symbol):
        raise NotANumberError(f"the cell is in {symbol}, the sheet in {currency}")


def _from_text(text: str, numbers: Numbers, currency: str | None) -> Decimal:
    sign, body = 1, text
    symbol = _SYMBOL.match(body) or re.search(rf"(?:{_SYMBOL.pattern})$", body, re.IGNORECASE)
    rest = body[: symbol.start()] + body[symbol.end() :] if symbol else ""
    if symbol and currency is not None and currencies_of(symbol[0]) and any(map(str.isdigit, rest)):
        _refuse_currency(symbol[0], currency)
        body = rest.strip()
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1, body[1:-1].strip()
    elif body[:1] in _DASHES:
        sign, body = -1, body[1:].strip()
    if not _SHAPES[numbers.locale].fullmatch(body):
        raise _unreadable(text, numbers)
    thousands, point = _MARKS[numbers.locale]
    return sign * _decimal(re.sub(rf"[{thousands} '’]", "", body).replace(point, "."))


def _unreadable(text: str, numbers: Numbers) -> NotANumberError:
    return NotANumberError(f"expected a number written the {numbers.locale} way, got “{text[:60]}”")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotANumberError(f"expected a number, got {text}") from None
    if not number.is_finite():
        raise NotANumberError(f"expected a number, got {text}")
    return number
