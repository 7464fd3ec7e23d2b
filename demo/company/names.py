"""Made-up names of firms, people and products, from syllables; no real ones.

Also the awkward names that every export must survive. Uniqueness is kept per `NameBook`.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np


def _words(text: str) -> list[str]:
    return text.split()


_FIRM_START = _words(
    """
    Bra Kel Vor Mon Sta Dre Lun Ost Fer Gal Hav Jor Kru Lem Nor Pol Rav Sil Tor Ul Ves Wal Zan Bîr Pră
    Łom Mű Sø
    """
)
_FIRM_MIDDLE = _words(
    """
    no ve ta li mar do ri sa ku ne lo ga bi ţa ö ża ber din fel mo
    """
)
_FIRM_END = _words(
    """
    vik tec ran dor mex lux gard nis tal von brook stein ców escu berg ola
    """
)
_FIRM_TRADE = _words(
    """
    Industrie Components Technik Metal Hydraulik Armaturen Maschinen Systems Engineering Logistik
    Antriebe Elektro Energie Bau Prozess Pumpen Verpackung Automation Recycling Werke
    """
)
LEGAL_FORMS = {
    "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "AT": ("GmbH", "AG"),
    "PL": ("Sp. z o.o.", "S.A."),
    "RO": ("S.R.L.", "S.A."),
    "GB": ("Ltd", "PLC"),
    "US": ("Inc.", "LLC"),
    "NL": ("B.V.", "N.V."),
    "IT": ("S.r.l.", "S.p.A."),
    "FR": ("SARL", "SAS"),
    "CZ": ("s.r.o.", "a.s."),
    "HU": ("Kft.", "Zrt."),
}
_GIVEN = _words(
    """
    Ada Bela Cora Dirk Elin Falk Gerd Hana Ilka Jori Kaia Liv Mira Nils Oana Piet Rada Sven Tilda Ursz
    Vlad Wanja Ylva Zeno Ştefan Łucja Zoë René
    """
)
_FAMILY_START = _words(
    """
    Ar Bel Cho Dro Eck Fri Gro Hel Iva Jan Kos Lan Mor Nie Opr Pav Rus Sem Tom Urb Vas Wit Zie Şer Żak
    Mül
    """
)
_FAMILY_END = _words(
    """
    mann ski escu sen berg ova ić ton dahl wicz aru eanu er ler ström ak
    """
)


class NameBook:
    """Draws names that stay different after folding case, accents and punctuation."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def firm(self) -> str:
        """A firm's name without its legal form."""
        while True:
            parts = [self._pick(_FIRM_START), self._pick(_FIRM_MIDDLE), self._pick(_FIRM_END)]
            name = f"{''.join(parts)} {self._pick(_FIRM_TRADE)}"
            if self._take(name):
                return name

    def person(self) -> tuple[str, str]:
        """First and last name of a person whose full name nobody else has."""
        while True:
            first = self._pick(_GIVEN)
            last = self._pick(_FAMILY_START) + self._pick(_FAMILY_END)
            if self._take(f"{first} {last}"):
                return first, last

    def _pick(self, words: list[str]) -> str:
        return words[int(self._rng.integers(len(words)))]

    def _take(self, name: str) -> bool:
        folded = fold(name)
        if folded in self._taken:
            return False
        self._taken.add(folded)
        return True


def people_names(rng: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    """First and last names of many people; full names may repeat, as they do."""
    first = [_GIVEN[i] for i in rng.integers(len(_GIVEN), size=count)]
    starts = rng.integers(len(_FAMILY_START), size=count)
    ends = rng.integers(len(_FAMILY_END), size=count)
    return first, [_FAMILY_START[s] + _FAMILY_END[e] for s, e in zip(starts, ends, strict=True)]


@cache
def fold(text: str) -> str:
    """Lower case letters and digits only, accents removed."""
    special = text.translate(str.maketrans("łŁøØ", "lLoO"))
    plain = unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum())


def name_variant(base: str, kind: str, country: str, form: str) -> str:
    """Another way to write a firm's name: kind is legal_form, diacritics, punctuation or abbreviation."""
    if kind == "legal_form":
        other = next((f for f in LEGAL_FORMS[country] if f != form), form)
        return f"{base} {other}"
    if kind == "diacritics":
        special = base.translate(str.maketrans("łŁøØ", "lLoO"))
        plain = unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()
        return f"{plain.upper()} {form}"
    if kind == "punctuation":
        return f"{base.replace(' ', '-')}, {form}"
    first, _, trade = base.partition(" ")
    return f"{first} {trade[:4]}. {form}"


AWKWARD_NAMES = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+49 Handel & Söhne",
    "-2+3 Versuch",
    "Blitz ⚡ Antriebe 🚀",
    "Lang" + "e Namen " * 36 + "GmbH & Co",
    "Zeilen\numbruch\r\nBau",
    "\tTabulator; \"Zitat\", 'Komma'",
)
"""Names that an export must neither execute nor break on: formulas, emoji, 297 characters, line breaks."""
