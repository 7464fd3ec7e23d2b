"""AdventureWorks, a company that nobody here made up, reaches the same marts: its published totals must agree.

Control totals are those of `../shared/data/README.md`; without that folder the tests are skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from exports.publish import current_release
from orchestration.environment import Environment
from orchestration.runs import run_job
from orchestration.settings import Settings

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[3] / "shared" / "data"
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "adventureworks"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of the whole job, run on the example's settings: every check of every mart has passed."""
    if not DATA.exists():
        pytest.skip("the shared sample data (../shared/data) is absent")
    settings = example_settings(tmp_path_factory.mktemp("adventureworks"))
    outcome = run_job(settings, "full", lambda progress: None)
    assert outcome.success, "\n".join(outcome.failures)
    release = current_release(Environment.of(settings).releases)
    with duckdb.connect(str(release.database), read_only=True) as connection:
        yield connection


def example_settings(folder: Path) -> Settings:
    """The example's settings, with its files where the sample data lie and everything produced below `folder`."""
    budget = folder / "drop" / "budget"
    budget.mkdir(parents=True)
    for file in ("adventureworks_budget/SalesBudget.xlsx", "pl300_targets/ResellerSalesTargets.csv"):
        shutil.copy(DATA / file, budget)
    shutil.copy(EXAMPLE / "templates.yml", budget)
    files = folder / "files.yml"
    files.write_text((EXAMPLE / "files.yml").read_text(encoding="utf-8").replace("data/", f"{DATA}/"), encoding="utf-8")
    return Settings(  # type: ignore[call-arg]
        _env_file=EXAMPLE / "settings.env", var_dir=folder / "var", drop_folder=budget.parent, files_config=files
    )


def test_sales_add_up_to_the_fourth_decimal(warehouse: duckdb.DuckDBPyConnection) -> None:
    """All lines are there, in document currency exactly, split as the two facts of the source are."""
    totals = "count(*), sum(net_amount_document)"
    assert _row(warehouse, f"select {totals} from marts.fct_sales") == (121_253, Decimal("109809274.2030"))
    by_reseller = f"select {totals} from marts.fct_sales where sales_rep_id <> 'UNKNOWN'"
    assert _row(warehouse, by_reseller) == (60_855, Decimal("80450596.9823"))


def test_no_line_lacks_a_member(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each line finds its product, customer and territory; the internet knows no reps."""
    unknown = """
        select
            count(*) filter (product_key = 'UNKNOWN'), count(*) filter (customer_key = 'UNKNOWN'),
            count(*) filter (territory_id = 'UNKNOWN'), count(*) filter (sales_rep_id = 'UNKNOWN')
        from marts.fct_sales
    """
    assert _row(warehouse, unknown) == (0, 0, 0, 60_398)


def test_cost_comes_from_the_line(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Sales in US dollars need no rate: their cost is the sum of the files' own line costs."""
    files = ", ".join(f"'{DATA}/adventureworks/Fact{kind}Sales.csv'" for kind in ("Internet", "Reseller"))
    in_files = f"""
        select sum(cast(TotalProductCost as decimal(18, 4)))
        from read_csv([{files}], all_varchar = true, union_by_name = true)
        where CurrencyKey = '100'
    """
    assert _row(warehouse, "select sum(cogs) from marts.fct_sales where currency = 'USD'") == _row(warehouse, in_files)


def test_rates_convert_into_dollars(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A pound buys more than a dollar and a Canadian dollar less: the direction of the rates is right."""
    ratio = "select sum(net_amount) / sum(net_amount_document) from marts.fct_sales where currency = ?"
    assert 1.3 < _row(warehouse, ratio, "GBP")[0] < 1.7
    assert 0.6 < _row(warehouse, ratio, "CAD")[0] < 0.7


def test_budgets_and_quotas_keep_their_totals(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The workbook lands nine years back, the targets where they are and in thousands, each beside its actuals."""
    budget = "select sum(budget_amount), min(fiscal_period_key), max(fiscal_period_key) from marts.fct_budget_vs_actual"
    assert _row(warehouse, f"{budget} where budget_version = 'Budget'") == (Decimal(28_300_000), 201201, 201312)
    of_2018 = f"{budget} where budget_version = 'Targets' and fiscal_period_key // 100 = 2018"
    assert _row(warehouse, of_2018) == (Decimal(98_700_000), 201801, 201812)
    assert _row(warehouse, "select count(*), sum(amount) from marts.fct_quota") == (163, Decimal(95_714_000))


def test_actuals_stand_beside_the_company_budget(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A budget of one number per month meets the month's whole net revenue, and last year's."""
    months = "select count(*), sum(actual_amount), sum(prior_year_amount) from marts.fct_budget_vs_actual"
    in_years = "select sum(net_amount) from marts.fct_sales where year(invoice_date) in (?, ?)"
    actual, prior = _row(warehouse, in_years, 2012, 2013)[0], _row(warehouse, in_years, 2011, 2012)[0]
    assert _row(warehouse, f"{months} where budget_version = 'Budget'") == (24, actual, prior)


def test_everything_delivered_is_accounted_for(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Nothing is lost between the files and the marts, per period and currency."""
    assert warehouse.execute("select distinct status from quality.reconciliation").fetchall() == [("passed",)]


def _row(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> tuple[Any, ...]:
    return connection.execute(query, list(parameters)).fetchall()[0]
