"""Loads of the small demo company: raw equals every system after each load, days later too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from demo.systems.crm_state import CrmState
from demo.systems.store import demo_now, evolve
from ingestion.naming import raw_name
from ingestion.sources.erp.tables import TABLES as ERP_TABLES
from tests.integration.loaded_company import LoadedCompany


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedCompany]:
    with LoadedCompany.running(tmp_path_factory.mktemp("company")) as made:
        made.load()
        yield made


def differing_erp_tables(company: LoadedCompany) -> list[str]:
    different = []
    with closing(sqlite3.connect(company.systems / "erp.sqlite")) as erp:
        for contract in ERP_TABLES.values():
            key = [f"cast({name} as text)" for name in contract.key]
            there = set(erp.execute(f"select {', '.join(key)}, rowversion from {contract.name}").fetchall())
            here = company.current_keys("raw_erp", contract.name, contract.key, "rowversion")
            if there != {(*(str(part) for part in row[:-1]), row[-1]) for row in here}:
                different.append(contract.name)
    return different


def differing_crm_tables(company: LoadedCompany) -> list[str]:
    """The org's objects whose raw table does not show what the org shows, rejected records left aside."""
    org = CrmState(company.systems)
    different = []
    for name in org.object_names:
        table, state = raw_name(name), org.object_at(name, demo_now(company.systems))
        assert state is not None
        rejected = {
            key
            for (key,) in company.query(
                "select json_extract_string(payload, '$.Id') from quality.rejected_row"
                f" where source = 'salesforce' and table_name = '{table}'"
            )
        }
        there = {(row["Id"], row[state.stamp]) for row in state.raw.select(["Id", state.stamp]).to_pylist()}
        here = company.current_keys("raw_salesforce", table, ("Id",), raw_name(state.stamp))
        if any(key not in rejected for key, _ in there ^ here):
            different.append(name)
    return different


def test_first_load_equals_the_systems_and_a_second_adds_nothing(company: LoadedCompany) -> None:
    assert differing_erp_tables(company) == []
    assert differing_crm_tables(company) == []
    again = company.load()
    assert {name: (result.appended, result.deleted) for name, result in again.items()} == dict.fromkeys(again, (0, 0))
    assert company.query("select distinct status from quality.load_reconciliation") == [("passed",)]


def test_planted_wrong_total_is_the_only_rejection(company: LoadedCompany) -> None:
    reasons = {row[0] for row in company.query("select reason from quality.rejected_row where source = 'budget'")}
    assert len(reasons) == 1
    assert "Budget_FY2024_v2.xlsx, sheet North, cell S48: the total says" in reasons.pop()


def test_evolved_days_arrive(company: LoadedCompany) -> None:
    for days in (1, 9):
        evolve(company.systems, days)
        results = company.load()
        assert differing_erp_tables(company) == []
        assert differing_crm_tables(company) == []
    appended = {row.resource: row.appended for row in results["salesforce"].resources}
    assert all(appended[table] for table in ("opportunity", "quote", "order", "order_item", "dated_conversion_rate"))
    assert results["erp"].appended > 0
    assert company.query("select count(*) from raw_salesforce.opportunity where _deleted_at is not null")[0][0] > 0
    for table in ("user_territory2_association", "forecasting_quota"):
        assert company.query(f"select count(*) from raw_salesforce.{table} where _deleted_at is not null") == [(1,)]
    drift = " ".join(results["salesforce"].warnings)
    assert "Sustainability_Rating__c is not declared" in drift
    missing = [sentence for sentence in results["salesforce"].warnings if "is missing" in sentence]
    assert [("Role__c" in sentence) for sentence in missing] == [True]
