"""The budget numbers: versions, re-sent files, territories of their time, the leaver and the vacant position."""

from __future__ import annotations

from demo.company.timeline import FROZEN_NOW, BudgetVersion, Company


def _total(version: BudgetVersion) -> float:
    return sum(a or 0.0 for sheet in version.sheets for row in sheet.rows for a in row.amounts)


def _version(company: Company, year: int, number: int) -> BudgetVersion:
    return next(b for b in company.budgets if (b.fiscal_year, b.version, b.is_resend) == (year, number, False))


def test_six_versions_and_two_resent_files(company: Company) -> None:
    first = [(b.fiscal_year, b.version) for b in company.budgets if not b.is_resend]
    assert first == [(2022, 1), (2023, 1), (2024, 1), (2024, 2), (2024, 3), (2025, 1)]
    resent = [b for b in company.budgets if b.is_resend]
    assert len(resent) == 2
    assert [b.delivered_at > FROZEN_NOW for b in resent] == [False, True]
    for again in resent:
        original = _version(company, again.fiscal_year, again.version)
        assert again.file_name == original.file_name
        assert _total(again) > _total(original)


def test_versions_plan_the_territories_of_their_time(company: Company) -> None:
    for budget in company.budgets:
        names = {row.territory for sheet in budget.sheets for row in sheet.rows}
        assert len(names) == budget.territory_count == (16 if (budget.fiscal_year, budget.version) >= (2024, 3) else 14)
        assert all(len(row.amounts) == 12 for sheet in budget.sheets for row in sheet.rows)


def test_a_leaver_and_a_vacant_position_have_a_budget(company: Company) -> None:
    leavers = set(company.crm["User"].frame.dropna(subset=["Termination_Date__c"])["Name"])
    reps = {
        (b.fiscal_year, b.version): {row.rep for sheet in b.sheets for row in sheet.rows} - {None}
        for b in company.budgets
        if not b.is_resend
    }
    assert reps[2024, 2] <= leavers
    assert reps[2024, 2]
    assert reps[2025, 1] == {"Vacant"}


def test_aliases_name_existing_members(company: Company) -> None:
    territories = set(company.crm["Territory2"].frame["Name"])
    categories = set(company.erp["product"].frame["category"])
    for kind, alias, member in company.aliases:
        known = {"territory": territories, "category": categories, "rep": {"Vacant"}}[kind]
        assert member in known
        assert alias not in known
