"""The generated tables: same seed same rows, contracts kept, keys unique, stamps in order, references whole."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from demo.company.model import TableTimeline
from demo.company.timeline import FROZEN_NOW, HORIZON_DAYS, Company, generate, state_at
from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.salesforce.tables import TABLES as CRM

MOMENTS = [datetime(2023, 7, 1, 12), FROZEN_NOW, FROZEN_NOW + timedelta(days=10)]


def _tables(company: Company) -> list[TableTimeline]:
    return [*company.crm.values(), *company.erp.values()]


def test_every_table_of_the_contracts_is_there(company: Company) -> None:
    assert set(company.crm) == set(CRM)
    assert set(company.erp) == set(ERP)
    for table, contract in [(company.crm[n], CRM[n]) for n in company.crm] + [(company.erp[n], ERP[n]) for n in ERP]:
        expected = [column.name for column in contract.columns] + ["_visible_from", "_hard_deleted_at"]
        assert table.frame.columns.tolist() == expected
        assert table.key == contract.key
        required = [column.name for column in contract.columns if column.required]
        assert not table.frame[required].isna().any().any(), table.name


def test_the_same_seed_gives_the_same_rows(company: Company) -> None:
    again = generate("S")
    for one, other in zip(_tables(company), _tables(again), strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(company.fx, again.fx)
    assert company.budgets == again.budgets
    assert company.answer_key == again.answer_key


def test_another_seed_gives_other_rows(company: Company) -> None:
    other = generate("S", seed=8)
    for name in ("Opportunity", "Account", "Lead"):
        assert not company.crm[name].frame["CreatedDate"].equals(other.crm[name].frame["CreatedDate"])
    assert not company.erp["invoice_line"].frame["line_amount"].equals(other.erp["invoice_line"].frame["line_amount"])


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(ValueError, match="Profile XL is unknown: use one of M, S"):
        generate("XL")


def test_keys_are_unique_at_every_moment(company: Company) -> None:
    for table in _tables(company):
        for moment in MOMENTS:
            shown = state_at(table, moment)
            assert not shown.duplicated(list(table.key)).any(), table.name
        assert len(state_at(table, FROZEN_NOW)) > 0, table.name


def test_stamps_never_run_backwards_and_stay_within_the_horizon(company: Company) -> None:
    horizon = pd.Timestamp(FROZEN_NOW + timedelta(days=HORIZON_DAYS))
    for table in _tables(company):
        stamp = CRM[table.name].cursor if table.name in company.crm else "rowversion"
        steps = table.frame.groupby(list(table.key))[stamp].diff().dropna()
        assert (steps >= steps * 0).all(), table.name
        late = table.frame["_visible_from"] > horizon + timedelta(days=2)
        assert not late.any(), table.name


def test_rowversions_number_the_whole_database(company: Company) -> None:
    numbers = np.concatenate([table.frame["rowversion"].to_numpy(dtype="int64") for table in company.erp.values()])
    assert sorted(numbers.tolist()) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("Contact", "AccountId", "Account"),
        ("Opportunity", "AccountId", "Account"),
        ("Opportunity", "OwnerId", "User"),
        ("Opportunity", "CampaignId", "Campaign"),
        ("OpportunityLineItem", "OpportunityId", "Opportunity"),
        ("OpportunityLineItem", "Product2Id", "Product2"),
        ("OpportunityHistory", "OpportunityId", "Opportunity"),
        ("OpportunityFieldHistory", "OpportunityId", "Opportunity"),
        ("Task", "WhatId", "Opportunity"),
        ("Event", "AccountId", "Account"),
        ("Lead", "OwnerId", "User"),
        ("Lead", "Primary_Campaign__c", "Campaign"),
        ("CampaignMember", "CampaignId", "Campaign"),
        ("CampaignMember", "LeadId", "Lead"),
        ("CampaignMember", "ContactId", "Contact"),
        ("Campaign_Cost__c", "Campaign__c", "Campaign"),
        ("UserTerritory2Association", "UserId", "User"),
        ("UserTerritory2Association", "Territory2Id", "Territory2"),
        ("ObjectTerritory2Association", "ObjectId", "Account"),
        ("ForecastingQuota", "QuotaOwnerId", "User"),
        ("User", "ManagerId", "User"),
        ("Quote", "OpportunityId", "Opportunity"),
        ("QuoteLineItem", "QuoteId", "Quote"),
        ("QuoteLineItem", "OpportunityLineItemId", "OpportunityLineItem"),
        ("Order", "AccountId", "Account"),
        ("Order", "OpportunityId", "Opportunity"),
        ("Order", "QuoteId", "Quote"),
        ("Order", "ContractId", "Contract"),
        ("Order", "OwnerId", "User"),
        ("OrderItem", "OrderId", "Order"),
        ("OrderItem", "QuoteLineItemId", "QuoteLineItem"),
        ("OrderItem", "Product2Id", "Product2"),
        ("Contract", "AccountId", "Account"),
        ("Case", "AccountId", "Account"),
        ("Case", "OwnerId", "User"),
    ],
)
@pytest.mark.parametrize("moment", MOMENTS)
def test_crm_references_are_whole(company: Company, child: str, column: str, parent: str, moment: datetime) -> None:
    rows = state_at(company.crm[child], moment)[column].dropna()
    known = set(company.crm[parent].frame.loc[company.crm[parent].frame["_visible_from"] <= moment, "Id"])
    gone = set(company.crm[parent].frame.loc[company.crm[parent].frame["_hard_deleted_at"] <= moment, "Id"])
    assert set(rows) <= known
    assert not set(rows) & gone


@pytest.mark.parametrize(
    ("child", "columns", "parent", "keys"),
    [
        ("invoice", ["customer_no"], "customer", ["customer_no"]),
        ("invoice", ["salesperson_no"], "salesperson", ["salesperson_no"]),
        ("invoice_line", ["invoice_no"], "invoice", ["invoice_no"]),
        ("invoice_line", ["sku"], "product", ["sku"]),
        ("invoice_line", ["order_no", "order_line_no"], "sales_order_line", ["order_no", "line_no"]),
        ("sales_order_line", ["order_no"], "sales_order", ["order_no"]),
        ("credit_note", ["original_invoice_no"], "invoice", ["invoice_no"]),
        ("credit_note_line", ["credit_no"], "credit_note", ["credit_no"]),
        ("product_cost", ["sku"], "product", ["sku"]),
        ("price_list", ["sku"], "product", ["sku"]),
        ("bundle_component", ["component_sku"], "product", ["sku"]),
    ],
)
def test_erp_references_are_whole(
    company: Company, child: str, columns: list[str], parent: str, keys: list[str]
) -> None:
    rows = state_at(company.erp[child], FROZEN_NOW)[columns].dropna()
    known = state_at(company.erp[parent], FROZEN_NOW)[keys]
    assert set(rows.itertuples(index=False, name=None)) <= set(known.itertuples(index=False, name=None))


def test_salespersons_carry_their_crm_user(company: Company) -> None:
    persons = state_at(company.erp["salesperson"], FROZEN_NOW)["crm_user_id"].dropna()
    assert set(persons) <= set(company.crm["User"].frame["Id"])
    assert len(persons) > 10


@pytest.mark.parametrize(
    ("name", "at_m"),
    [("Lead", 24_000), ("Task", 90_000), ("Event", 30_000), ("CampaignMember", 40_000)],
)
def test_crm_volumes_follow_the_profile(company: Company, name: str, at_m: int) -> None:
    assert len(state_at(company.crm[name], FROZEN_NOW)) == pytest.approx(at_m * 0.03, rel=0.1)


@pytest.mark.parametrize(
    ("name", "at_m"),
    [("sales_order", 14_000), ("sales_order_line", 48_000), ("invoice", 16_500), ("invoice_line", 52_000)],
)
def test_erp_volumes_follow_the_profile(company: Company, name: str, at_m: int) -> None:
    assert len(state_at(company.erp[name], FROZEN_NOW)) == pytest.approx(at_m * 0.03, rel=0.1)


def test_every_evolved_day_has_something_new(company: Company) -> None:
    for day in range(10):
        begin, end = FROZEN_NOW + timedelta(days=day), FROZEN_NOW + timedelta(days=day + 1)
        seen = [table.frame["_visible_from"] for table in _tables(company)]
        moved = sum(int(((moments > begin) & (moments <= end)).sum()) for moments in seen)
        assert moved > (0 if begin.weekday() >= 5 else 10), end


@pytest.mark.parametrize(
    "name",
    [
        "Lead",
        "Opportunity",
        "OpportunityHistory",
        "Task",
        "invoice",
        "credit_note",
        "sales_order",
        "OpportunityLineItem",
    ],
)
def test_the_horizon_brings_new_rows(company: Company, name: str) -> None:
    table = {**company.crm, **company.erp}[name]
    before = state_at(table, FROZEN_NOW).set_index(list(table.key)).index
    after = state_at(table, FROZEN_NOW + timedelta(days=HORIZON_DAYS)).set_index(list(table.key)).index
    assert len(after.difference(before)) > 0


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Account", "Industry"),
        ("Opportunity", "Amount"),
        ("Opportunity", "CloseDate"),
        ("Opportunity", "StageName"),
        ("Opportunity", "OwnerId"),
        ("Opportunity", "IsDeleted"),
        ("customer", "payment_terms_days"),
        ("sales_order", "status"),
        ("invoice", "is_cancelled"),
    ],
)
def test_the_horizon_changes_rows(company: Company, name: str, column: str) -> None:
    table = {**company.crm, **company.erp}[name]
    before = state_at(table, FROZEN_NOW).set_index(list(table.key))[column]
    after = state_at(table, FROZEN_NOW + timedelta(days=HORIZON_DAYS)).set_index(list(table.key))[column]
    common = after.index.intersection(before.index)
    assert (before[common].astype(str) != after[common].astype(str)).any()


def test_the_erp_loses_an_order_with_its_lines(company: Company) -> None:
    for name in ("sales_order", "sales_order_line", "price_list"):
        frame = company.erp[name].frame
        gone = frame[frame["_hard_deleted_at"].notna()]
        assert len(gone) > 0, name
        assert (gone["_hard_deleted_at"] > pd.Timestamp(FROZEN_NOW)).all()


@pytest.mark.parametrize(
    ("name", "still_in_force"),
    [("UserTerritory2Association", {"Valid_To__c": None}), ("ForecastingQuota", {"Version__c": 1})],
)
def test_an_administrator_takes_an_assignment_and_a_quota_away(
    company: Company, name: str, still_in_force: dict[str, object]
) -> None:
    """Both show at the frozen now; of an assignment nothing but its absence tells."""
    frame = company.crm[name].frame
    (removed,) = frame[frame["_hard_deleted_at"].notna()].to_dict("records")
    assert FROZEN_NOW < removed["_hard_deleted_at"] < FROZEN_NOW + timedelta(days=9)
    assert {key: None if pd.isna(removed[key]) else removed[key] for key in still_in_force} == still_in_force
    assert removed["Id"] in set(state_at(company.crm[name], FROZEN_NOW)["Id"])
    assert removed["Id"] not in set(state_at(company.crm[name], FROZEN_NOW + timedelta(days=9))["Id"])


def test_state_at_shows_the_last_visible_version_without_deleted_rows() -> None:
    frame = pd.DataFrame(
        {
            "Id": ["a", "a", "b", "c"],
            "value": [1, 2, 3, 4],
            "_visible_from": pd.to_datetime(["2025-01-01", "2025-03-01", "2025-01-01", "2025-02-01"]),
            "_hard_deleted_at": pd.to_datetime([None, None, "2025-02-15", None]),
        }
    )
    table = TableTimeline("x", ("Id",), frame)
    assert state_at(table, datetime(2025, 1, 31))["value"].tolist() == [1, 3]
    assert state_at(table, datetime(2025, 3, 1))["value"].tolist() == [2, 4]


def test_a_quote_adds_up_is_revised_one_at_a_time_and_accepted_once(company: Company) -> None:
    quotes, lines = (state_at(company.crm[name], FROZEN_NOW) for name in ("Quote", "QuoteLineItem"))
    sums = lines.groupby("QuoteId")["TotalPrice"].sum().round(2)
    totals = quotes.set_index("Id")["GrandTotal"]
    assert (sums.reindex(totals.index, fill_value=0.0) - totals).abs().max() < 0.005
    families = quotes.sort_values("Version__c").groupby("Family__c")
    assert (families["Version__c"].max() == families.size()).all()
    assert (quotes[quotes["Status"] == "Accepted"].groupby("Family__c").size() == 1).all()
    waiting = quotes[quotes["Status"].isin(["Draft", "Presented"])]
    assert not waiting.duplicated("Family__c").any()
    assert len(quotes) > families.ngroups


def test_most_cases_name_an_order(company: Company) -> None:
    references = state_at(company.crm["Case"], FROZEN_NOW)["Order_Reference__c"]
    known = references.isin(state_at(company.erp["sales_order"], FROZEN_NOW)["order_no"])
    assert 0.85 < known.mean() < 1.0
