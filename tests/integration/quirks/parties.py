"""Quirks of accounts, customers, territories and names, found in the release."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from tests.integration.quirks.finding import Case, Finding, crm, erp, finding, finding_among_planted

REALIGNMENT = "2024-08-01"


def golden(case: Case) -> dict[str, str]:
    """Golden customer by source record, '<source>:<id>'."""
    return case.pairs("select source_system || ':' || source_id, customer_id from quality.entity_xref")


def a4_accounts(case: Case) -> Finding:
    """Accounts that were merged away belong to the customer of their survivor."""
    survivor_of = case.entry("Account")["expected"]["survivor"]
    customer_of = golden(case)
    merged = case.warehouse.query_build(
        "select distinct account_id, merged_into_id from intermediate.int_accounts_unioned"
        " where merged_into_id is not null"
    )
    found = {(victim, survivor) for victim, survivor in merged if customer_of[victim] == customer_of[survivor]}
    return finding("A4", "merged accounts", ((crm(v), crm(s)) for v, s in survivor_of.items()), found)


def a4_contacts(case: Case) -> Finding:
    """Contacts that were merged away name their survivor (no mart reads personal data yet)."""
    survivor_of = case.entry("Contact")["expected"]["survivor"]
    found = case.warehouse.query_build(
        "select distinct contact_id, merged_into_id from staging.base_salesforce__contacts"
        " where merged_into_id is not null"
    )
    return finding("A4", "merged contacts", ((crm(v), crm(s)) for v, s in survivor_of.items()), found)


def a5_duplicates(case: Case) -> Finding:
    """Duplicate accounts that a rule recognises (equal VAT number) are one customer; the others wait for a decision."""
    pairs = case.entry()["expected"]["pairs"]
    planted = {frozenset((crm(p["survivor"]), crm(p["duplicate"]))) for p in pairs if p["basis"] == "vat"}
    alive = case.warehouse.query("""
        select customer_id, list('salesforce:' || source_id)
        from quality.entity_xref
        where source_system = 'salesforce' and match_method <> 'merged'
        group by customer_id having count(*) > 1""")
    found = {frozenset(pair) for _, accounts in alive for pair in combinations(accounts, 2)}
    return finding("A5", "duplicate accounts with the same VAT number", planted, found)


def a6_pairs(case: Case) -> Finding:
    """Account and ERP customer of the same firm are one golden customer; nobody else shares one across systems."""
    customer_of = golden(case)
    planted = {(crm(p["account"]), erp(p["customer"])) for p in case.entry()["expected"]["pairs"]}
    accounts = [record for record in customer_of if record.startswith("salesforce:")]
    merged_away = case.ids("select 'salesforce:' || source_id from quality.entity_xref where match_method = 'merged'")
    undecided = _undecided_duplicates(case)
    found = {
        (account, customer)
        for customer, owner in customer_of.items()
        if customer.startswith("erp:")
        for account in accounts
        if customer_of[account] == owner and account not in merged_away
    }
    return finding("A6", "accounts and ERP customers of one firm", planted - undecided, found)


def _undecided_duplicates(case: Case) -> set[tuple[str, str]]:
    """Pairs through a duplicate account that no rule decides: they are suggestions, which come later."""
    duplicates = [q for q in case.warehouse.quirks() if q["id"] == "A5"]
    waiting = {p["duplicate"] for q in duplicates for p in q["expected"]["pairs"] if p["basis"] != "vat"}
    pairs = case.entry()["expected"]["pairs"]
    return {(crm(p["account"]), erp(p["customer"])) for p in pairs if p["account"] in waiting}


def a6_look_alikes(case: Case) -> Finding:
    """Firms that only look alike stay apart: each pair is found as two customers."""
    pairs = {(crm(p["account"]), erp(p["customer"])) for p in case.entry()["expected"]["look_alikes"]}
    customer_of = golden(case)
    return finding_among_planted(
        "A6", "look-alikes kept apart", pairs, {p for p in pairs if customer_of[p[0]] != customer_of[p[1]]}
    )


def a6_parents(case: Case) -> Finding:
    """Parent and child accounts stay two customers that know each other."""
    parent_of = case.entry()["expected"]["parent_of"]
    customer_of = golden(case)
    planted = {(customer_of[crm(child)], customer_of[crm(parent)]) for child, parent in parent_of.items()}
    found = case.warehouse.query(
        "select distinct customer_id, parent_customer_id from marts.dim_customer where parent_customer_id is not null"
    )
    return finding("A6", "parents and children", {pair for pair in planted if pair[0] != pair[1]}, found)


def a16_accounts(case: Case) -> Finding:
    """Accounts that moved at the realignment were in the old territory until then and are in the new one since."""
    customer_of = golden(case)
    moves = case.entry()["expected"]["accounts"]
    planted = {
        (crm(account), crm(move["from"]), crm(move["to"]))
        for account, move in moves.items()
        if customer_of[crm(account)] == crm(account)
    }
    found = case.warehouse.query(f"""
        select before.customer_id, before.territory_id, later.territory_id
        from marts.bridge_account_territory as before
        inner join marts.bridge_account_territory as later using (customer_id)
        where before.valid_to = date '{REALIGNMENT}' and later.valid_from = date '{REALIGNMENT}'
            and before.recorded_to is null and later.recorded_to is null""")
    return finding("A16", "accounts moved by the realignment", planted, found)


def a16_successors(case: Case) -> Finding:
    """Old and new territories with their shares."""
    planted = {
        (crm(row["from"]), crm(row["to"]), round(row["share"], 6)) for row in case.entry()["expected"]["successors"]
    }
    found = case.warehouse.query("""
        select from_territory_id, to_territory_id, share_ratio::double
        from marts.bridge_territory_successor where from_territory_id <> to_territory_id""")
    return finding("A16", "successions of territories", planted, found)


def a16_counts(case: Case) -> Finding:
    """Fourteen territories the day before, sixteen the day after."""
    expected = case.entry()["expected"]
    alive = """
        select count(distinct territory_id) from marts.dim_territory
        where territory_id <> 'UNKNOWN' and valid_from <= ?::date and coalesce(valid_to, date '9999-12-31') > ?::date"""
    found = [case.warehouse.query(alive, day, day)[0][0] for day in ("2024-07-31", REALIGNMENT)]
    planted = [expected["territories_before"], expected["territories_after"]]
    return finding("A16", "territories before and after", enumerate(planted), enumerate(found))


def o6_names(case: Case) -> Finding:
    """Names that look like formulas, emoji, long names and line breaks arrive as they are."""
    names = case.entry("Account")["expected"]["names"]
    planted = {(crm(account), name) for account, name in names.items()}
    found = case.warehouse.query("""
        select customer_id, customer_name from marts.dim_customer
        where is_current and (customer_name[1] in ('=', '+', '-', '@', chr(9)) or length(customer_name) > 200
            or customer_name like '%' || chr(10) || '%' or regexp_matches(customer_name, '[\\x{2000}-\\x{1FFFF}]'))""")
    known = golden(case)
    return finding("O6", "awkward names verbatim", {p for p in planted if known[p[0]] == p[0]}, found)


FINDERS: dict[str, list[Callable[[Case], Finding]]] = {
    "A4": [a4_accounts, a4_contacts],
    "A5": [a5_duplicates],
    "A6": [a6_pairs, a6_look_alikes, a6_parents],
    "A16": [a16_accounts, a16_successors, a16_counts],
    "O6": [o6_names],
}
