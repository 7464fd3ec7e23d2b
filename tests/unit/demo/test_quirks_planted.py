"""Every quirk of the answer key is really in the tables, as the systems show them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from demo.company.clock import fiscal_year, local_days, to_date
from demo.company.timeline import FROZEN_NOW, Company, Quirk, state_at

EXPECTED_IDS = {
    *(f"A{n}" for n in (*range(1, 17), 18, 19, 20, 21)),
    *("Q9", "Q13", "Q14", "Q15", "Q16", "Q18"),
    *("F2", "F3", "F4", "F5", "O2", "O4", "O6", "REVENUE"),
}


def _quirk(company: Company, number: str, entity: str | None = None) -> Quirk:
    return next(q for q in company.answer_key if q.id == number and entity in (None, q.entity))


def _crm(company: Company, name: str, day: int = 0) -> pd.DataFrame:
    return state_at(company.crm[name], FROZEN_NOW + timedelta(days=day))


def _erp(company: Company, name: str) -> pd.DataFrame:
    return state_at(company.erp[name], FROZEN_NOW)


def test_the_key_is_complete_and_can_be_written(company: Company) -> None:
    assert {quirk.id for quirk in company.answer_key} == EXPECTED_IDS
    for quirk in company.answer_key:
        assert quirk.keys, quirk.id
        assert json.loads(json.dumps(quirk.expected)) == quirk.expected


def test_a1_deleted_deals_are_flagged_from_their_moment(company: Company) -> None:
    quirk = _quirk(company, "A1")
    deals = _crm(company, "Opportunity").set_index("Id")
    future = set(quirk.expected["after_now"])
    assert future
    for key in quirk.keys:
        assert bool(deals.at[key, "IsDeleted"]) == (key not in future)
    later = _crm(company, "Opportunity", day=30).set_index("Id")
    assert later.loc[sorted(future), "IsDeleted"].all()


def test_a2_hard_deleted_deals_are_gone_with_their_history(company: Company) -> None:
    quirk = _quirk(company, "A2")
    assert quirk.expected["before_now"]
    assert quirk.expected["after_now"]
    for name, column in (("Opportunity", "Id"), ("OpportunityHistory", "OpportunityId")):
        assert not set(quirk.expected["before_now"]) & set(_crm(company, name)[column])
        assert set(quirk.expected["after_now"]) <= set(_crm(company, name)[column])
        assert not set(quirk.keys) & set(_crm(company, name, day=30)[column])


def test_a3_restored_deals_have_both_events_in_field_history(company: Company) -> None:
    history = _crm(company, "OpportunityFieldHistory", day=30)
    for key in _quirk(company, "A3").keys:
        rows = history[(history["OpportunityId"] == key) & (history["Field"] == "IsDeleted")]
        assert rows.sort_values("Id")["NewValue"].tolist() == ["true", "false"]
        assert not _crm(company, "Opportunity", day=30).set_index("Id").at[key, "IsDeleted"]


@pytest.mark.parametrize(
    ("entity", "column"),
    [("Account", "MasterRecordId"), ("Contact", "MasterRecordId"), ("Opportunity", "Merged_Into__c")],
)
def test_a4_merged_records_name_a_survivor(company: Company, entity: str, column: str) -> None:
    quirk = _quirk(company, "A4", entity)
    rows = _crm(company, entity).set_index("Id")
    for victim, survivor in quirk.expected["survivor"].items():
        assert rows.at[victim, "IsDeleted"]
        assert rows.at[victim, column] == survivor
        assert not rows.at[survivor, "IsDeleted"]


def test_a6_pairs_share_what_their_kind_says_and_look_alikes_do_not(company: Company) -> None:
    accounts = _crm(company, "Account").set_index("Id")
    customers = _erp(company, "customer").set_index("customer_no")
    quirk = _quirk(company, "A6")
    for pair in quirk.expected["pairs"]:
        account, customer = accounts.loc[pair["account"]], customers.loc[pair["customer"]]
        if pair["kind"] == "exact_vat":
            assert _digits(account["VAT_Number__c"]) == _digits(customer["vat_no"])
        if pair["kind"] == "domain":
            assert customer["email"].split("@")[1] in account["Website"]
    for pair in quirk.expected["look_alikes"]:
        account, customer = accounts.loc[pair["account"]], customers.loc[pair["customer"]]
        assert account["Name"].split()[0] == customer["name"].split()[0]
        assert _digits(account["VAT_Number__c"]) != _digits(customer["vat_no"])


def _digits(vat: Any) -> str:
    return "".join(c for c in str(vat) if c.isdigit())


def test_a10_same_second_events_are_ordered_by_id(company: Company) -> None:
    history = _crm(company, "OpportunityHistory").sort_values("Id")
    for key, stages in _quirk(company, "A10").expected["stages_in_order"].items():
        rows = history[history["OpportunityId"] == key]
        assert rows["CreatedDate"].duplicated().any()
        assert rows["StageName"].tolist() == stages


def test_a11_one_pipeline_has_no_early_close_date_history(company: Company) -> None:
    history = _crm(company, "OpportunityFieldHistory")
    tender = _crm(company, "Opportunity").query("Pipeline__c == 'tender'")["Id"]
    early = history[(history["CreatedDate"] < "2022-09-01") & (history["Field"] == "CloseDate")]
    assert not set(early["OpportunityId"]) & set(tender)
    assert len(early) > 0
    assert _quirk(company, "A11").expected["often"]


def test_a12_odd_values_are_on_open_deals(company: Company) -> None:
    deals = _crm(company, "Opportunity").set_index("Id")
    odd = next(q for q in company.answer_key if q.id == "A12" and "zero" in q.expected).expected
    assert (deals.loc[odd["zero"], "Amount"] == 0).all()
    assert (deals.loc[odd["negative"], "Amount"] < 0).all()
    assert (deals.loc[odd["absurd"], "Amount"] > 1e9).all()
    assert deals.loc[odd["no_close_date"], "CloseDate"].isna().all()
    assert not deals.loc[[k for keys in odd.values() for k in keys], "IsClosed"].any()


def test_a13_records_are_older_than_the_system_knows(company: Company) -> None:
    expected = _quirk(company, "A13").expected
    first = company.crm["Opportunity"].frame.drop_duplicates("Id").set_index("Id")
    for key in expected["created_before_known"]:
        assert first.at[key, "CreatedDate"] < first.at[key, "_visible_from"] - pd.Timedelta(days=4)


def test_a14_labels_change_on_their_days(company: Company) -> None:
    history = _crm(company, "OpportunityHistory")
    seen = history.groupby("StageName")["CreatedDate"].agg(["min", "max"])
    assert seen.at["Proposal", "max"] < pd.Timestamp("2023-07-01") <= seen.at["Offer", "min"]
    assert seen.at["Demo", "max"] < pd.Timestamp("2023-04-01")
    assert seen.at["Technical Review", "min"] >= pd.Timestamp("2023-10-01")
    assert "Proposal" not in set(_crm(company, "Opportunity")["StageName"])


def test_a16_realigned_accounts_moved_as_the_successors_say(company: Company) -> None:
    quirk = _quirk(company, "A16")
    allowed = {(row["from"], row["to"]) for row in quirk.expected["successors"]}
    assert {(move["from"], move["to"]) for move in quirk.expected["accounts"].values()} <= allowed
    shares = pd.DataFrame(quirk.expected["successors"]).groupby("from")["share"].sum()
    assert np.allclose(shares, 1.0)
    assert (quirk.expected["territories_before"], quirk.expected["territories_after"]) == (14, 16)
    rows = _crm(company, "ObjectTerritory2Association")
    moved = rows[rows["ObjectId"].isin(quirk.keys)].groupby("ObjectId")["Valid_To__c"].agg(["count", "size"])
    assert (moved["size"] == 2).all()
    assert (moved["count"] == 1).all()


def test_a21_business_dates_differ_from_utc_where_planted(company: Company) -> None:
    deals = _crm(company, "Opportunity").set_index("Id")
    expected = _quirk(company, "A21", "Opportunity").expected["business_date"]
    for key, day in expected.items():
        assert deals.at[key, "CloseDate"].date().isoformat() == day
    invoices = _erp(company, "invoice").set_index("invoice_no")
    for number, day in _quirk(company, "A21", "invoice").expected["business_date"].items():
        issued = invoices.at[number, "issued_at"]
        assert issued.date().isoformat() != day
        assert to_date(local_days([int(issued.timestamp())])[0]).isoformat() == day


def test_f5_late_invoices_are_posted_after_their_month(company: Company) -> None:
    invoices = company.erp["invoice"].frame.drop_duplicates("invoice_no").set_index("invoice_no")
    keys = _quirk(company, "F5").keys
    rows = invoices.loc[keys]
    assert (rows["posted_at"].dt.to_period("M") > rows["invoice_date"].dt.to_period("M")).all()
    assert (rows["_visible_from"] > pd.Timestamp(FROZEN_NOW)).any()


def test_o4_late_rows_appear_after_their_stamp(company: Company) -> None:
    frame = company.crm["Opportunity"].frame
    late = frame[frame["_visible_from"] > frame["SystemModstamp"]]
    assert set(late["Id"]) == set(_quirk(company, "O4").keys)
    assert (late["_visible_from"] - late["SystemModstamp"] <= pd.Timedelta(days=2)).all()


def test_o6_awkward_names_are_verbatim(company: Company) -> None:
    names = set(_crm(company, "Account")["Name"])
    expected = _quirk(company, "O6", "Account").expected["names"]
    assert set(expected.values()) <= names
    assert any(name.startswith("=") for name in names)
    assert any("\n" in name for name in names)


def _net_eur(company: Company) -> pd.DataFrame:
    """Net revenue lines in EUR, computed from the ERP's tables alone."""
    invoices, lines = _erp(company, "invoice"), _erp(company, "invoice_line")
    customers = _erp(company, "customer")
    outside = customers.loc[customers["is_intercompany"] | customers["is_test"], "customer_no"]
    billed = lines.merge(invoices, on="invoice_no").assign(date=lambda f: f["invoice_date"])
    tax = np.where(billed["prices_include_tax"], 1 + billed["tax_rate"], 1)
    billed["net"] = billed["line_amount"] / tax
    billed = billed[~billed["is_cancelled"]]
    notes = _erp(company, "credit_note_line").merge(_erp(company, "credit_note"), on="credit_no")
    notes = notes.assign(date=notes["credit_date"], net=-notes["line_amount"])
    rows = pd.concat([billed, notes], ignore_index=True)[["customer_no", "currency", "date", "net"]]
    rows = rows[~rows["customer_no"].isin(outside)].sort_values("date", kind="stable")
    rates = company.fx[company.fx["rate_type"] == "daily"].rename(columns={"from_currency": "currency"})
    rates = rates.assign(date=pd.to_datetime(rates["rate_date"]).astype("datetime64[us]"))[["date", "currency", "rate"]]
    out = pd.merge_asof(rows, rates.sort_values("date"), on="date", by="currency", tolerance=pd.Timedelta(days=5))
    assert out.loc[out["currency"] != "EUR", "rate"].notna().all()
    return out.assign(eur=out["net"] * out["rate"].fillna(1.0))


def test_the_key_s_revenue_is_what_the_erp_shows(company: Company) -> None:
    rows = _net_eur(company)
    years = rows["date"].map(lambda moment: str(fiscal_year(moment.date())))
    expected = _quirk(company, "REVENUE").expected
    assert rows.groupby(years)["eur"].sum().to_dict() == pytest.approx(expected["right"], abs=0.01)
    assert rows.groupby(years).size().to_dict() == expected["lines"]
    for mistake in ("credit_notes_ignored", "tax_inclusive_summed", "cancelled_included"):
        assert sum(expected[mistake].values()) > sum(expected["right"].values()), mistake


def test_east_sells_only_from_its_opening(company: Company) -> None:
    territories = company.crm["Territory2"].frame.drop_duplicates("Id", keep="last")
    east = territories.loc[territories["Region__c"] == "East", "Id"]
    assigned = company.crm["UserTerritory2Association"].frame
    reps = assigned.loc[assigned["Territory2Id"].isin(set(east)), "UserId"]
    persons = _erp(company, "salesperson")
    numbers = persons.loc[persons["crm_user_id"].isin(set(reps)), "salesperson_no"]
    invoices = _erp(company, "invoice")
    first = invoices.loc[invoices["salesperson_no"].isin(set(numbers)), "invoice_date"].min()
    assert first >= pd.Timestamp("2024-09-01")


def test_exchange_rates_miss_only_what_is_planted(company: Company) -> None:
    daily = company.fx[company.fx["rate_type"] == "daily"]
    days = pd.Series(sorted(set(daily["rate_date"])))
    assert days.diff().dropna().map(lambda gap: gap.days).max() <= 5
    assert not set(_quirk(company, "Q13").keys) & {day.isoformat() for day in days}
    budget = company.fx.loc[company.fx["rate_type"] == "budget", "rate_date"]
    assert {(day.month, day.day) for day in budget} == {(2, 1)}
