"""Orders and dated exchange rates of the demo CRM agree with what they come from: quotes, ERP orders, the rate book."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from demo.company.clock import day_number
from demo.company.fx import CURRENCIES, RateBook
from demo.company.timeline import FROZEN_NOW, HORIZON_DAYS, Company, generate, state_at

END = FROZEN_NOW + timedelta(days=HORIZON_DAYS)
OPEN_END = pd.Timestamp("9999-12-31")


@pytest.fixture(scope="module")
def rates(company: Company) -> pd.DataFrame:
    """The rates as the org shows them at the end."""
    return state_at(company.crm["DatedConversionRate"], END)


def test_every_accepted_quote_becomes_one_order_of_its_amount(company: Company) -> None:
    orders, items = (state_at(company.crm[name], END) for name in ("Order", "OrderItem"))
    quotes = state_at(company.crm["Quote"], END)
    accepted = quotes[quotes["Status"] == "Accepted"].set_index("Id")
    assert sorted(orders["QuoteId"]) == sorted(accepted.index)
    assert (
        orders.set_index("QuoteId")["TotalAmount"]
        .sort_index()
        .equals(accepted["GrandTotal"].sort_index().rename("TotalAmount").rename_axis("QuoteId"))
    )
    sums = items.groupby("OrderId")["TotalPrice"].sum().reindex(orders["Id"], fill_value=0.0)
    assert sums.to_numpy() == pytest.approx(orders["TotalAmount"].to_numpy(), abs=0.005)


def test_an_order_is_activated_when_the_erp_has_it(company: Company) -> None:
    orders = state_at(company.crm["Order"], END).dropna(subset=["ActivatedDate"])
    quotes = state_at(company.crm["Quote"], END).set_index("Id")
    placed = state_at(company.erp["sales_order"], END).dropna(subset=["quote_no"]).set_index("quote_no")["ordered_at"]
    family = quotes.loc[orders["QuoteId"], "Family__c"]
    assert (placed.loc[family].to_numpy() == orders["ActivatedDate"].to_numpy()).all()
    assert (orders["CreatedDate"] < orders["ActivatedDate"]).all()
    delivered = orders[orders["Status"] == "Delivered"]
    assert len(delivered) > 50
    assert (delivered["EndDate"] >= delivered["EffectiveDate"]).all()


def test_a_draft_that_the_erp_never_got_is_deleted_with_its_lines(company: Company) -> None:
    orders, items = (state_at(company.crm[name], END) for name in ("Order", "OrderItem"))
    deleted = orders[orders["IsDeleted"]]
    assert len(deleted) >= 2
    assert set(deleted["Status"]) == {"Draft"}
    assert set(items.loc[items["IsDeleted"], "OrderId"]) == set(deleted["Id"]) & set(items["OrderId"])


def test_contracts_of_orders_are_in_force(company: Company) -> None:
    orders = state_at(company.crm["Order"], END).dropna(subset=["ContractId"])
    contracts = company.crm["Contract"].frame.drop_duplicates("Id", keep="last").set_index("Id")
    of = contracts.loc[orders["ContractId"]].reset_index()
    assert len(of)
    assert (of["AccountId"].to_numpy() == orders["AccountId"].to_numpy()).all()
    assert (of["ActivatedDate"].to_numpy() <= orders["CreatedDate"].to_numpy()).all()
    assert (of["EndDate"].to_numpy() >= orders["EffectiveDate"].to_numpy()).all()


def test_rates_are_units_per_euro_by_the_last_known_day_of_the_rate_book(company: Company, rates: pd.DataFrame) -> None:
    days = np.array([day_number(start.date()) for start in rates["StartDate"]])
    book = RateBook(company.fx).daily(rates["IsoCode"], days - 1)
    assert rates["ConversionRate"].to_numpy() * book == pytest.approx(np.ones(len(rates)), abs=1e-5)
    assert set(rates["IsoCode"]) == set(CURRENCIES)
    assert set(rates.loc[rates["IsoCode"] == "EUR", "ConversionRate"]) == {1.0}


@pytest.mark.parametrize("days", [-700, 0, 3, 10])
def test_each_rate_ends_where_the_next_one_starts(company: Company, days: int) -> None:
    shown = state_at(company.crm["DatedConversionRate"], FROZEN_NOW + timedelta(days=days))
    for _, rows in shown.sort_values("StartDate").groupby("IsoCode"):
        assert rows["NextStartDate"].tolist() == [*rows["StartDate"].tolist()[1:], OPEN_END]


@pytest.mark.parametrize("seed", [7, 8])
def test_a_few_rates_are_mistyped_the_wrong_way_round_and_corrected_on_the_day(company: Company, seed: int) -> None:
    frame = (company if seed == company.seed else generate("S", seed)).crm["DatedConversionRate"].frame
    typed = frame.groupby("Id")["ConversionRate"].agg(["first", "last", "nunique"])
    wrong = typed[typed["nunique"] == 2]
    assert 2 <= len(wrong) < 0.05 * len(typed)
    assert (wrong["first"] * wrong["last"]).to_numpy() == pytest.approx(np.ones(len(wrong)), abs=1e-4)
    corrected = frame[frame["Id"].isin(wrong.index)].groupby("Id")["SystemModstamp"].nth(1)
    entered = frame[frame["Id"].isin(wrong.index)].groupby("Id")["SystemModstamp"].nth(0)
    assert (corrected.dt.date.to_numpy() == entered.dt.date.to_numpy()).all()
