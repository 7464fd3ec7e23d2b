"""What a number format says about the number below it: a percentage, a currency, a scale.

What belongs here: format codes of spreadsheet programs. What does not: which cell has which format.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ingestion.workbook.grid import NumberFormat

PERCENT_IDS = (9, 10)
"""Built-in formats 0% and 0.00%, which a file does not spell out."""

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_BRACKET = re.compile(r"\[([^\]]*)\]")
_SCALE = re.compile(r"[0#?](,+)(?![0#?,])")
_CODES = (
    "AED|AUD|BGN|BRL|CAD|CHF|CNY|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|MAD|MXN|MYR|NOK|NZD|PHP|PLN|RON|RSD"
    "|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_SIGNS = "¢-¥฿₠-⃏"
_SYMBOL = re.compile(
    rf"(?:\b[A-Z]{{1,2}})?\$|[{_SIGNS}]|(?i:\bz[łl]\b|\bK[čc]\b|\bFt\b|\bkr\b|\blei\b|\bS?Fr\.)|\b(?:{_CODES})\b"
)

SYMBOLS = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "us$": ("USD",),
    "ca$": ("CAD",),
    "c$": ("CAD",),
    "au$": ("AUD",),
    "a$": ("AUD",),
    "nz$": ("NZD",),
    "hk$": ("HKD",),
    "nt$": ("TWD",),
    "r$": ("BRL",),
    "₽": ("RUB",),
    "₹": ("INR",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₩": ("KRW",),
    "₪": ("ILS",),
    "฿": ("THB",),
    "₫": ("VND",),
    "sfr.": ("CHF",),
    "fr.": ("CHF",),
    "zł": ("PLN",),
    "zl": ("PLN",),
    "kč": ("CZK",),
    "kc": ("CZK",),
    "ft": ("HUF",),
    "kr.": ("DKK", "SEK", "NOK"),
    "kr": ("SEK", "NOK", "DKK"),
    "lei": ("RON",),
}
"""Currencies that a symbol may stand for; a code stands for itself."""


@lru_cache(maxsize=4096)
def read_format(code: str) -> NumberFormat | None:
    """Return what the format of positive numbers says; None where it is an ordinary number."""
    section = _first_section(code)
    shown = "".join(quoted or escaped or " " for quoted, escaped in _LITERAL.findall(section))
    bare = _BRACKET.sub("", _LITERAL.sub("", section))
    scale = _SCALE.search(bare)
    symbol = _symbol(section, f"{shown} {bare}") if re.search(r"[0#?]", bare) else ""
    found = NumberFormat("%" in bare, symbol, 1000 ** len(scale[1]) if scale else 1)
    return None if found == NumberFormat() else found


def currencies_of(symbol: str) -> tuple[str, ...]:
    """Return the currencies that a symbol or code may mean; none for an unknown symbol."""
    if symbol.casefold() in SYMBOLS:
        return SYMBOLS[symbol.casefold()]
    return (symbol,) if re.fullmatch(_CODES, symbol) else ()


def _first_section(code: str) -> str:
    quoted = False
    for position, letter in enumerate(code):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            return code[:position]
    return code


def _symbol(section: str, shown: str) -> str:
    """Return the currency of a section: the whole of what stands in [$…], known or not, or a known sign in its text."""
    declared = [text[1:].partition("-")[0].strip() for text in _BRACKET.findall(section) if text.startswith("$")]
    found = _SYMBOL.search(shown)
    return next(filter(None, declared), found[0] if found else "")
