"""Firms as they are, and how the CRM's accounts and the ERP's customers each know them.

The firms are the truth; accounts and customers are two imperfect views of them. Which pairs belong together is kept
for the answer key. Tables are written by `accounts` and `customers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.company.clock import EAST_OPENS, HISTORY_START, day_number

CURRENCY_OF = {"GB": "GBP", "PL": "PLN", "RO": "RON", "US": "USD"}
NAME_VARIANTS = ("legal_form", "diacritics", "punctuation", "abbreviation")


@dataclass(frozen=True)
class Firm:
    """A real party; `match` is how its two records can be recognised as one, if it has two."""

    number: int
    base: str
    form: str
    country: str
    region: str
    vat: str
    domain: str
    seat: int
    match: str
    weight: float

    @property
    def name(self) -> str:
        """Name with legal form."""
        return f"{self.base} {self.form}"


@dataclass(frozen=True)
class Account:
    """A CRM account of a firm; `role` tells why it exists (main, duplicate, merged)."""

    number: int
    firm: int
    name: str
    vat: str | None
    website: str | None
    created: int
    role: str
    of: int
    parent: int


@dataclass(frozen=True)
class Customer:
    """An ERP customer of a firm; `role` is main, branch, erp_only, look_alike, intercompany or test."""

    number: int
    firm: int
    name: str
    vat: str | None
    email: str | None
    country: str
    currency: str
    role: str
    of: int

    @property
    def customer_no(self) -> str:
        """Customer number in the ERP."""
        return f"C{10_000 + 7 * self.number}"


@dataclass
class Parties:
    """Firms, their records, and the pairs that a matching must and must not find."""

    firms: list[Firm] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    look_alikes: list[tuple[int, int]] = field(default_factory=list)

    def main_account(self) -> dict[int, Account]:
        """Surviving account by firm number."""
        return {a.firm: a for a in self.accounts if a.role == "main"}


def opens_late(region: str) -> int:
    """First day on which a region sells."""
    return day_number(EAST_OPENS if region == "East" else HISTORY_START)
