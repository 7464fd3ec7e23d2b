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
_MARK = "\x01"
"""Stands for the digits in what a section shows."""

_DIGITS = re.compile(r"[0#?]|General", re.IGNORECASE)
_GENERAL = re.compile(r'General(?=(?:[^"]*"[^"]*")*[^"]*$)', re.IGNORECASE)
_CLOCK = re.compile(r"[dyhs]", re.IGNORECASE)
_PERCENT = re.compile(rf"{_MARK}\s*[%‰]|[%‰]\s*{_MARK}")
_WORDS = {
    **dict.fromkeys(("t", "k", "th", "tsd", "tausend", "thousand", "thousands", "tys", "tis"), 10**3),
    **dict.fromkeys(("m", "mn", "mm", "mio", "mill", "mln", "mil", "million", "millions", "millionen"), 10**6),
    **dict.fromkeys(("b", "bn", "mrd", "mld", "bio", "billion", "billions", "milliarden"), 10**9),
}
_WORD = re.compile(
    rf"(?<![^\W\d_])({'|'.join(sorted(_WORDS, key=len, reverse=True))})(?=(?:{_CODES})\b|[^\w]|{_MARK}|$)",
    re.IGNORECASE,
)
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
    """Return what the format says of numbers in any of its sections; None where it is an ordinary number."""
    sections = [_read_section(section) for section in _sections(code)]
    found = NumberFormat(
        any(section.is_percent for section in sections),
        " / ".join(dict.fromkeys(section.currency for section in sections if section.currency)),
        max(section.scale for section in sections),
        max(section.named for section in sections),
    )
    return None if found == NumberFormat() else found


def _read_section(section: str) -> NumberFormat:
    bare = _BRACKET.sub("", _LITERAL.sub("", section))
    if not _DIGITS.search(bare) or _CLOCK.search(_GENERAL.sub("", bare)):
        return NumberFormat()
    shown = _shown(section)
    commas = _SCALE.search(bare)
    scale = 1000 ** len(commas[1]) if commas else 1
    word = _WORD.search(shown)
    named = _WORDS[word[1].casefold()] if word else 1
    is_percent = "%" in bare or _PERCENT.search(shown) is not None
    return NumberFormat(is_percent, _symbol(section, shown), scale, 1 if named == scale else named)


def _shown(section: str) -> str:
    """Return what the section shows, with a mark for the digits."""

    def text(match: re.Match[str]) -> str:
        quoted, escaped, bracket = match.groups()
        if bracket is not None:
            return bracket[1:].partition("-")[0] if bracket.startswith("$") else ""
        return (quoted or escaped or " ").replace("0", "o")

    spelled = re.sub(rf"{_LITERAL.pattern}|{_BRACKET.pattern}", text, _GENERAL.sub("0", section))
    return re.sub(r"[0#?.,/]*[0#?][0#?.,/]*", _MARK, spelled)


def currencies_of(symbol: str) -> tuple[str, ...]:
    """Return the currencies that a symbol or code may mean; none for an unknown symbol."""
    if symbol.casefold() in SYMBOLS:
        return SYMBOLS[symbol.casefold()]
    return (symbol,) if re.fullmatch(_CODES, symbol) else ()


def _sections(code: str) -> list[str]:
    """Return the sections for numbers: the first three; the fourth is for texts."""
    parts = re.findall(r'(?:"[^"]*"?|\\.|\[[^\]]*\]|[^;])+', code)
    return parts[:3] or [""]


def _symbol(section: str, shown: str) -> str:
    """Return the currency of a section: the whole of what stands in [$…], known or not, or a known sign in its text."""
    declared = [text[1:].partition("-")[0].strip() for text in _BRACKET.findall(section) if text.startswith("$")]
    found = _SYMBOL.search(shown)
    return next(filter(None, declared), found[0] if found else "")
