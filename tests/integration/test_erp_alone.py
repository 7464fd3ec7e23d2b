"""A company with an ERP and no CRM: its salespersons are its reps, its customers' `territory` tells its territories."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.pipeline import load
from ingestion.registry import SOURCES
from ingestion.sources.budget.tables import TABLES as BUDGET
from ingestion.sources.erp.config import ErpConfig
from tests.integration.databases import empty_database, run
from tests.integration.dbt_build import create_raw, insert, run_dbt, set_clock

pytestmark = pytest.mark.integration

MARTS = ("+fct_sales", "+fct_quota", "+fct_budget_vs_actual", "+dim_sales_rep")
VARIABLES = {"mappings": ["erp", "budget"], "fiscal_year_start_month": 1}
STAMP = "stand as updated_at"
QUERIES = {
    "customer": f"select nr as customer_no, firma as name, gebiet as territory, {STAMP} from kunde",
    "product": f"select nr as sku, name, {STAMP} from artikel",
    "salesperson": f"select nr as salesperson_no, name, crm as crm_user_id, {STAMP} from vertreter",
    "invoice": f"select nr as invoice_no, kunde as customer_no, vertreter as salesperson_no, datum as invoice_date,"
    f" 'EUR' as currency, {STAMP} from rechnung",
    "invoice_line": f"select nr as invoice_no, 1 as line_no, artikel as sku, 1 as quantity, betrag as line_amount,"
    f" {STAMP} from rechnung",
}
DATABASE = """
create table kunde (nr text, firma text, gebiet text, stand text);
create table artikel (nr text, name text, stand text);
create table vertreter (nr text, name text, crm text, stand text);
create table rechnung (nr text, kunde text, vertreter text, datum text, artikel text, betrag int, stand text);
insert into kunde values ('K7', 'Müller', 'Süd', '2024-01-02'), ('K12', 'Zwölf', null, '2024-01-02');
insert into artikel values ('P1', 'Pumpe', '2024-01-02');
insert into vertreter values ('V1', 'Ana Pop', null, '2024-01-02'), ('V2', 'Bo Li', '005x', '2024-01-02');
insert into rechnung values ('R1', 'K7', 'V1', '2024-02-28', 'P1', 100, '2024-02-28'),
    ('R2', 'K7', 'V2', '2024-02-29', 'P1', 20, '2024-02-29'), ('R3', 'K12', 'V9', '2024-02-29', 'P1', 3, '2024-02-29'),
    ('R4', 'K77', 'V1', '2024-02-29', 'P9', 4, '2024-02-29'), ('R5', 'K77', 'V1', '2024-02-29', 'P1', 5, '2024-02-29')
"""
CHANGES = """
update kunde set gebiet = ' NORD', stand = '2024-02-29 08:00' where nr = 'K7';
update vertreter set name = 'Ana Pop-Ionescu', stand = '2024-02-29' where nr = 'V1';
delete from vertreter where nr = 'V2'
"""


def cell(connection: duckdb.DuckDBPyConnection, table: str, place: str, amount: int, **given: Any) -> None:
    """One number of February 2024 in an approved workbook."""
    origin = {"file_sha256": table, "source_file": table, "source_sheet": "S", "source_cell": place, "template": table}
    period = {"fiscal_year": 2024, "fiscal_period": 2, "currency": "EUR"}
    known = {"approved_at": "2024-01-20", "file_modified_at": "2024-01-21"}
    insert(connection, f"raw_budget.{table}", **origin, **period, **known, amount=amount, **given)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse after two loads of the ERP, with a budget and quotas; its folder."""
    folder = tmp_path_factory.mktemp("erp_alone")
    with duckdb.connect(str(folder / "state.duckdb")) as connection:
        set_clock(connection, "2024-03-02 06:00:00")
        create_raw(connection, "budget", BUDGET.values())
        budget = {"budget_version": "FY2024 v1", "measure": "net_revenue", "product_category": None}
        cell(connection, "line", "B2", 90, **budget, territory="süd", sales_rep="Ana Pop")
        cell(connection, "line", "B3", 30, **budget, territory="Nord", sales_rep="erp:V2")
        cell(connection, "quota", "B2", 80, version="FY2024 v1", sales_rep="Ana Pop-Ionescu")
        cell(connection, "quota", "B3", 10, version="FY2024 v1", sales_rep="V2")
    with empty_database("sqlite") as url:
        config = ErpConfig.model_validate({"url": url, "tables": {n: {"query": q} for n, q in QUERIES.items()}})
        for clock, sql in ((datetime(2024, 3, 1, 6), DATABASE), (datetime(2024, 3, 2, 6), CHANGES)):
            run(url, sql)
            files = {"state_file": folder / "state.duckdb", "pipelines_dir": folder / "pipelines"}
            load(SOURCES["erp"], config, clock=clock, **files)
    without_tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    done = run_dbt(folder, "build", *without_tests, "--select", *MARTS, variables=VARIABLES)
    assert done.returncode == 0, done.stdout[-4000:]
    return folder


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the build."""
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_each_sale_is_its_salesperson_s_in_the_territory_of_its_customer_on_the_day(build: Path) -> None:
    """Without a CRM a CRM user's id links nobody; a number that no salesperson bears is unknown."""
    sales = query(build, "select invoice_id, sales_rep_id, territory_id from marts.fct_sales order by 1")
    assert sales == [
        ("erp:R1", "erp:V1", "erp:süd"),
        ("erp:R2", "erp:V2", "erp:nord"),
        ("erp:R3", "UNKNOWN", "UNKNOWN"),
        ("erp:R4", "erp:V1", "UNKNOWN"),
        ("erp:R5", "erp:V1", "UNKNOWN"),
    ]


def test_reps_and_territories_are_members_with_their_history(build: Path) -> None:
    """A deleted salesperson stays: what he sold is his."""
    named = "select sales_rep_id, sales_rep_name, is_current from marts.dim_sales_rep where sales_rep_id like 'erp:%'"
    assert sorted(query(build, named)) == [
        ("erp:V1", "Ana Pop", False),
        ("erp:V1", "Ana Pop-Ionescu", True),
        ("erp:V2", "Bo Li", True),
    ]
    territories = query(build, "select territory_id, territory_name from marts.dim_territory order by 1")
    assert territories == [("UNKNOWN", "Unknown"), ("erp:nord", "NORD"), ("erp:süd", "Süd")]


def test_quotas_and_budgets_meet_their_actuals(build: Path) -> None:
    quotas = query(build, "select sales_rep_id, amount from marts.fct_quota where is_current order by 1")
    assert quotas == [("erp:V1", Decimal(80)), ("erp:V2", Decimal(10))]
    compared = query(
        build,
        "select territory_id, sales_rep_id, budget_amount, actual_amount from marts.fct_budget_vs_actual"
        " where budget_amount <> 0 order by budget_amount",
    )
    assert compared == [
        ("erp:nord", "erp:V2", Decimal(30), Decimal(20)),
        ("erp:süd", "erp:V1", Decimal(90), Decimal(100)),
    ]


def test_customers_and_products_that_nobody_delivers_are_told_by_id(build: Path) -> None:
    done = run_dbt(build, "test", "--select", "warn_sales_of_unknown_members", "--store-failures", variables=VARIABLES)
    assert done.returncode == 0, done.stdout[-4000:]
    assert query(build, "select * from dbt_test__audit.warn_sales_of_unknown_members order by 1") == [
        (
            "erp:K77",
            "customer",
            2,
            "erp:R4:1",
            "Deliver this customer, or let the line name the id under which another mapping has it.",
        ),
        (
            "erp:P9",
            "product",
            1,
            "erp:R4:1",
            "Deliver this product, or let the line name the id under which another mapping has it.",
        ),
    ]


def test_the_mapping_s_own_unit_tests_pass(build: Path) -> None:
    models = ("stg_erp__account_territories", "stg_erp__sales_reps")
    selected = [f"{model},test_type:unit" for model in models]
    done = run_dbt(build, "test", "--select", *selected, variables=VARIABLES)
    results = json.loads((build / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert [result["status"] for result in results] == ["pass"] * len(models), done.stdout[-4000:]
