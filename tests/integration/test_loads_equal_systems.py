"""Loads of the small demo company: raw equals every system, value by value, after each load, days later too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pytest

from demo.systems.crm_state import CrmState
from demo.systems.store import demo_now, evolve
from ingestion.naming import raw_name
from ingestion.sources.erp.tables import TABLES as ERP_TABLES
from ingestion.sources.salesforce.tables import TABLES as CRM_TABLES
from tests.integration.loaded_company import LoadedCompany


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedCompany]:
    with LoadedCompany.running(tmp_path_factory.mktemp("company")) as made:
        made.load()
        yield made


def differing_erp_tables(company: LoadedCompany) -> list[str]:
    """The ERP's tables whose raw table does not hold the same values."""
    different = []
    with closing(sqlite3.connect(company.systems / "erp.sqlite")) as erp:
        for contract in ERP_TABLES.values():
            rows = erp.execute(f"select * from {contract.name}")
            names = [column[0] for column in rows.description]
            truth = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
            if company.differing("raw_erp", contract, truth):
                different.append(contract.name)
    return different


def differing_crm_tables(company: LoadedCompany) -> list[str]:
    """The org's objects whose raw table does not hold what the org holds, rejected records left aside.

    A field that has turned into text is left aside too: records that have not changed since keep their numbers.
    """
    org = CrmState(company.systems)
    different = []
    for name in org.object_names:
        contract, state = CRM_TABLES[name], org.object_at(name, demo_now(company.systems))
        assert state is not None
        rejected = company.query(
            f"select row_key from quality.rejected_row where source = 'salesforce' and table_name = '{raw_name(name)}'"
        )
        texts = {column.name for column in contract.columns if column.type == "text"}
        retyped = [field.name for field in state.fields if pa.types.is_string(field.type) and field.name not in texts]
        truth = state.raw.drop_columns(retyped)
        if company.differing("raw_salesforce", contract, truth, [key for (key,) in rejected]):
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
