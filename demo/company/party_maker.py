"""Making the firms and their records: how many of each kind, and how the two systems differ about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demo.company.clock import HISTORY_START, NOW_DAY, day_number
from demo.company.names import AWKWARD_NAMES, LEGAL_FORMS, NameBook, fold, name_variant
from demo.company.parties import CURRENCY_OF, NAME_VARIANTS, Account, Customer, Firm, Parties
from demo.company.people import SalesForce
from demo.company.profiles import Profile

COUNTRIES: dict[str, tuple[tuple[str, float], ...]] = {
    "North": (("DE", 0.5), ("NL", 0.23), ("GB", 0.27)),
    "South": (("AT", 0.4), ("RO", 0.25), ("IT", 0.35)),
    "West": (("FR", 0.55), ("US", 0.25), ("GB", 0.2)),
    "Central": (("DE", 0.55), ("PL", 0.25), ("CZ", 0.2)),
    "East": (("RO", 0.5), ("PL", 0.2), ("HU", 0.3)),
}
_VAT_DIGITS = {"DE": 9, "AT": 8, "PL": 10, "RO": 8, "GB": 9, "NL": 9, "IT": 11, "FR": 11, "US": 9, "CZ": 8, "HU": 8}
_FREE_MAIL = ("freemail.example", "postbox.example")
_PARTY_SCALE = 0.1
"""Least share of profile M's parties, so that small profiles still have customers in every territory."""


def build_parties(profile: Profile, force: SalesForce, rng: np.random.Generator) -> Parties:
    """Firms of every kind in the proportions of profile M, with their records in both systems."""
    maker = _Maker(profile, force, rng)
    kinds = ["vat"] * maker.count(640) + ["domain"] * maker.count(130) + ["name"] * maker.count(160)
    kinds += ["crm_only"] * maker.count(181) + ["erp_only"] * maker.count(58)
    for kind in kinds:
        maker.firm(kind)
    maker.branches(maker.count(38))
    maker.duplicates(maker.count(27), maker.count(21))
    maker.merged_accounts(maker.count(41))
    maker.parents(maker.count(55))
    maker.look_alikes(maker.count(22))
    maker.special_customers()
    maker.awkward_names()
    return maker.parties


class _Maker:
    """Adds firms and records one after another; keeps names, VAT numbers and domains unique."""

    def __init__(self, profile: Profile, force: SalesForce, rng: np.random.Generator) -> None:
        self.parties = Parties()
        self._scale = max(profile.scale, _PARTY_SCALE)
        self._force = force
        self._rng = rng
        self._book = NameBook(rng)
        self._vats: set[str] = set()

    def count(self, at_m: int) -> int:
        """Scaled number of parties of a kind, at least two."""
        return min(at_m, max(2, round(at_m * self._scale)))

    def firm(self, kind: str) -> Firm:
        """A firm with the records its kind implies."""
        number = len(self.parties.firms)
        seat = number % len(self._force.seat_new)
        region = self._force.seat_new[seat].split()[0]
        names = [name for name, _ in COUNTRIES[region]]
        country = names[int(self._rng.choice(len(names), p=[weight for _, weight in COUNTRIES[region]]))]
        forms = LEGAL_FORMS[country]
        base = self._book.firm()
        firm = Firm(
            number=number,
            base=base,
            form=forms[int(self._rng.integers(len(forms)))],
            country=country,
            region=region,
            vat=self._vat(country),
            domain=f"{fold(base)}.example",
            seat=seat,
            match=kind,
            weight=float(np.exp(self._rng.normal(0.0, 0.9))),
        )
        self.parties.firms.append(firm)
        if kind != "erp_only":
            self._main_account(firm)
        if kind != "crm_only":
            self._main_customer(firm)
        return firm

    def _vat(self, country: str) -> str:
        while True:
            digits = "".join(str(d) for d in self._rng.integers(0, 10, size=_VAT_DIGITS[country]))
            vat = {"AT": "ATU"}.get(country, country) + digits + ("B01" if country == "NL" else "")
            if vat not in self._vats:
                self._vats.add(vat)
                return vat

    def _main_account(self, firm: Firm) -> None:
        vat = firm.vat if firm.match in ("vat", "crm_only") or self._rng.random() < 0.4 else None
        website = f"https://www.{firm.domain}" if firm.match != "name" or self._rng.random() < 0.5 else None
        self._account(firm, firm.name, vat, website, "main", -1)

    def _account(self, firm: Firm, name: str, vat: str | None, website: str | None, role: str, of: int) -> Account:
        start = day_number(HISTORY_START)
        early = int(self._rng.integers(start - 1500, start))
        late = int(self._rng.integers(start, NOW_DAY - 120))
        created = late if firm.match == "crm_only" and self._rng.random() < 0.6 else early
        if of >= 0:
            created = int(self._rng.integers(start + 60, NOW_DAY - 60))
        account = Account(len(self.parties.accounts) + 1, firm.number, name, vat, website, created, role, of, -1)
        self.parties.accounts.append(account)
        return account

    def _main_customer(self, firm: Firm) -> None:
        if firm.match == "vat":
            self._customer(firm, self._slightly_different(firm), self._vat_spelling(firm), self._mail(firm), "main")
        elif firm.match == "domain":
            self._customer(firm, f"{self._book.firm()} {firm.form}", None, f"office@{firm.domain}", "main")
        elif firm.match == "name":
            variant = NAME_VARIANTS[firm.number % len(NAME_VARIANTS)]
            free = f"{fold(firm.base)}@{_FREE_MAIL[firm.number % 2]}" if self._rng.random() < 0.5 else None
            self._customer(firm, name_variant(firm.base, variant, firm.country, firm.form), None, free, "main")
        else:
            self._customer(firm, firm.name, firm.vat, self._mail(firm), "erp_only")

    def _customer(self, firm: Firm, name: str, vat: str | None, email: str | None, role: str, of: int = -1) -> Customer:
        number = len(self.parties.customers) + 1
        currency = CURRENCY_OF.get(firm.country, "EUR")
        customer = Customer(number, firm.number, name, vat, email, firm.country, currency, role, of)
        self.parties.customers.append(customer)
        return customer

    def _slightly_different(self, firm: Firm) -> str:
        return firm.name if self._rng.random() < 0.6 else f"{firm.base.upper()} {firm.form}"

    def _vat_spelling(self, firm: Firm) -> str:
        style = int(self._rng.integers(4))
        digits = firm.vat[len(firm.country) :]
        if style == 0:
            return f"{firm.country} {digits[:3]} {digits[3:6]} {digits[6:]}"
        if style == 1:
            return f"{firm.country.lower()}-{digits[:4]}.{digits[4:]}"
        return firm.vat

    def _mail(self, firm: Firm) -> str:
        return f"invoices@{firm.domain}"

    def _sample(self, kind: str, count: int, offset: int) -> list[Firm]:
        """Firms of a kind, every third from an offset on, so that the samples of different quirks differ."""
        of_kind = [firm for firm in self.parties.firms if firm.match == kind]
        rotated = of_kind[offset:] + of_kind[:offset]
        return rotated[:count]

    def branches(self, count: int) -> None:
        """One CRM account, several ERP customers: a second customer number with the same VAT number."""
        main = {c.firm: c for c in self.parties.customers}
        for firm in self._sample("vat", count, 0):
            name = f"{firm.base} Branch {firm.form}"
            self._customer(firm, name, firm.vat, self._mail(firm), "branch", main[firm.number].number)

    def duplicates(self, linked: int, unlinked: int) -> None:
        """A second account of one firm: `linked` ones share the VAT number of a customer, the others a domain."""
        main = self.parties.main_account()
        for firm in self._sample("vat", linked, self.count(38)):
            name = name_variant(firm.base, "legal_form", firm.country, firm.form)
            self._account(firm, name, firm.vat, None, "duplicate", main[firm.number].number)
        for firm in self._sample("crm_only", unlinked, 0):
            name = name_variant(firm.base, "punctuation", firm.country, firm.form)
            self._account(firm, name, None, f"http://{firm.domain}/", "duplicate", main[firm.number].number)

    def merged_accounts(self, count: int) -> None:
        """Accounts that were merged into the firm's main account."""
        main = self.parties.main_account()
        for firm in self._sample("vat", count, self.count(38) + self.count(27)):
            self._account(firm, firm.base, None, None, "merged", main[firm.number].number)

    def parents(self, count: int) -> None:
        """Daughters: the account names a parent account; the two stay different customers."""
        offset = self.count(38) + self.count(27) + self.count(41)
        main = self.parties.main_account()
        chosen = self._sample("vat", 2 * count, offset)
        half = len(chosen) // 2
        for child, parent in zip(chosen[:half], chosen[half:], strict=False):
            account = main[child.number]
            self.parties.accounts[account.number - 1] = replace(account, parent=main[parent.number].number)

    def look_alikes(self, count: int) -> None:
        """Other firms of nearly the same name in the same country, with another VAT number."""
        for firm in self._sample("vat", count, max(0, len(self._sample("vat", 10**6, 0)) - count)):
            twin = replace(
                firm,
                number=len(self.parties.firms),
                vat=self._vat(firm.country),
                domain=f"{fold(firm.base)}-{firm.country.lower()}.example",
                match="look_alike",
                weight=0.5,
            )
            self.parties.firms.append(twin)
            name = name_variant(twin.base, "legal_form", twin.country, twin.form)
            customer = self._customer(twin, name, twin.vat, self._mail(twin), "look_alike")
            account = self.parties.main_account()[firm.number]
            self.parties.look_alikes.append((account.number, customer.number))

    def special_customers(self) -> None:
        """The company's own sister firm and the test customer of the ERP's administrators."""
        for role, name in (("intercompany", "Nordwind Components Services"), ("test", "ZZ Test Customer")):
            number = len(self.parties.firms)
            firm = Firm(number, name, "GmbH", "DE", "Central", self._vat("DE"), f"{role}.example", 0, role, 0.0)
            firm = replace(firm, seat=next(i for i, n in enumerate(self._force.seat_new) if n.startswith("Central")))
            self.parties.firms.append(firm)
            self._customer(firm, f"{name} GmbH", firm.vat, None, role)

    def awkward_names(self) -> None:
        """Half of the names that exports must survive go to CRM-only accounts (the others to deals, contacts)."""
        main = self.parties.main_account()
        firms = [f for f in self.parties.firms if f.match == "crm_only"][-len(AWKWARD_NAMES) :]
        for firm, name in zip(firms, AWKWARD_NAMES, strict=False):
            account = main[firm.number]
            self.parties.accounts[account.number - 1] = replace(account, name=name, vat=firm.vat)
