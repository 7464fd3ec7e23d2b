"""The answer key of the parties: which account and which customer are the same firm, and which only look so."""

from __future__ import annotations

from typing import Any

from demo.company.accounts import account_id
from demo.company.model import Quirk
from demo.company.parties import NAME_VARIANTS, Firm, Parties


def _variant(firm: Firm) -> str | None:
    """How the ERP writes the name of a firm that only its name gives away."""
    return NAME_VARIANTS[firm.number % len(NAME_VARIANTS)] if firm.match == "name" else None


def match_quirk(parties: Parties) -> Quirk:
    """A6: pairs (CRM id, ERP number, kind); look-alikes must never be merged; parent and child stay apart."""
    main = parties.main_account()
    pairs: list[dict[str, Any]] = []
    for customer in parties.customers:
        account = main.get(customer.firm)
        if account is None or customer.role not in ("main", "branch"):
            continue
        firm = parties.firms[customer.firm]
        kind = {"vat": "exact_vat"}.get(firm.match, firm.match)
        relation = "one_to_many" if customer.role == "branch" else "one_to_one"
        row = {"account": account_id(account.number), "customer": customer.customer_no}
        pairs.append({**row, "kind": kind, "variant": _variant(firm), "relation": relation})
    numbers = {c.firm: c.customer_no for c in parties.customers if c.role == "main"}
    for account in parties.accounts:
        if account.role == "duplicate" and account.firm in numbers:
            row = {"account": account_id(account.number), "customer": numbers[account.firm]}
            pairs.append({**row, "kind": "exact_vat", "variant": None, "relation": "many_to_one"})
    by_no = {c.number: c.customer_no for c in parties.customers}
    look_alikes = [{"account": account_id(a), "customer": by_no[c]} for a, c in parties.look_alikes]
    children = {account_id(a.number): account_id(a.parent) for a in parties.accounts if a.parent > 0}
    counts: dict[str, int] = {}
    for pair in pairs:
        counts[pair["kind"]] = counts.get(pair["kind"], 0) + 1
    expected = {"pairs": pairs, "look_alikes": look_alikes, "parent_of": children, "pairs_by_kind": counts}
    return Quirk("A6", "customer", sorted({pair["customer"] for pair in pairs}), expected)
