"""The example of Odoo: its PostgreSQL schema reaches the marts by the example's files and the mapping `odoo` alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from exports.publish import current_release
from ingestion.pipeline import load
from ingestion.registry import SOURCES
from orchestration.environment import Environment
from orchestration.runs import run_job
from orchestration.settings import Settings
from orchestration.sources import source_config
from tests.integration.databases import empty_database, run
from tests.integration.dbt_build import run_dbt
from tests.integration.odoo_database import COMPANY, LAYOUT, NEXT_DAYS, OLDER_COSTS

WITHOUT_CRM = {"mappings": ["odoo", "calendar"]}
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "odoo"


class Company:
    """The small company in its database, and the warehouse built from it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def run(self, clock: str) -> duckdb.DuckDBPyConnection:
        """Load, build, check and publish with the example's files; return the release."""
        settings = self.settings(clock)
        outcome = run_job(settings, "full", lambda progress: None)
        assert outcome.success, "\n".join(outcome.failures)
        return duckdb.connect(str(current_release(Environment.of(settings).releases).database), read_only=True)

    def settings(self, clock: str) -> Settings:
        """The example's settings; only addresses and the clock are the test's own."""
        own = {"erp_url": self.url, "erp_tables": EXAMPLE / "erp.yml", "var_dir": self.folder / "var", "clock": clock}
        return Settings(_env_file=EXAMPLE / "settings.env", **own)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with empty_database("postgresql") as url:
        run(url, f"{LAYOUT};\n{COMPANY}")
        yield Company(url, tmp_path_factory.mktemp("odoo"))


@pytest.fixture(scope="module")
def first(company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release after the first load."""
    with company.run("2025-02-04T20:00:00Z") as connection:
        yield connection


@pytest.fixture(scope="module")
def second(company: Company, first: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release after the second load."""
    run(company.url, NEXT_DAYS)
    with company.run("2025-02-06T20:00:00Z") as connection:
        yield connection


SALES = """
    select
        sales_line_id, document_type, cast(invoice_date as varchar), customer_id, cast(quantity as double), currency,
        cast(net_amount_document as double), cast(net_amount as double), cast(cogs as double), is_return
    from marts.fct_sales
    order by sales_line_id
"""


def test_every_posted_line_is_counted_once(first: duckdb.DuckDBPyConnection) -> None:
    """Drafts, sections, intercompany and cancelled documents are out; a refund gives a deducted discount back.

    Two dozens are 24 units; 110 dollars at 1.10 are 100 euros; 30 Canadian dollars, 1.5 of which are as much as 0.75
    euros, are 15.
    """
    assert rows(first, SALES) == [
        ("odoo:11:16", "invoice", "2025-02-04", "UNKNOWN", 1, "EUR", 12, 12, None, False),
        ("odoo:1:1", "invoice", "2025-01-10", "odoo:10", 24, "EUR", 240.1, 240.1, 480, False),
        ("odoo:1:3", "invoice", "2025-01-10", "odoo:10", 1.5, "EUR", 100, 100, None, False),
        ("odoo:2:6", "credit_note", "2025-01-20", "odoo:10", -6, "EUR", -60.02, -60.02, -120, True),
        ("odoo:2:7", "credit_note", "2025-01-20", "odoo:10", -1, "EUR", 10, 10, 0, False),
        ("odoo:6:12", "invoice", "2025-02-03", "odoo:12", 3, "USD", 110, 100, 13.5, False),
        ("odoo:7:13", "invoice", "2025-01-15", "odoo:10", 1, "CAD", 30, 15, 20, False),
    ]
    excluded = "select sum(warehouse_value - source_value), bool_and(status = 'passed') from quality.reconciliation"
    assert rows(first, excluded) == [(0.0, True)]


def test_members_are_found_and_named(first: duckdb.DuckDBPyConnection) -> None:
    customers = rows(first, "select customer_id, customer_name, country, industry from marts.dim_customer order by 1")
    assert customers == [
        ("UNKNOWN", "Unknown", "UNKNOWN", "UNKNOWN"),
        ("odoo:10", "Müller & Söhne KG", "DE", "Food"),
        ("odoo:12", "Zwölf AG", "AT", "UNKNOWN"),
        ("odoo:14", "Nobody Ltd", "UNKNOWN", "UNKNOWN"),
        ("odoo:15", "Prospect SA", "AT", "UNKNOWN"),
        ("odoo:2", "Hansa Inc", "UNKNOWN", "UNKNOWN"),
    ]
    products = "select product_id, sku, product_name, category, product_line from marts.dim_product order by 1"
    assert rows(first, products) == [
        ("UNKNOWN", "UNKNOWN", "Unknown", "UNKNOWN", "UNKNOWN"),
        ("odoo:101", "P-1", "Pump", "All / Pumps", "All"),
        ("odoo:102", "V-1 [102]", "Ventil", "All / Pumps", "All"),
        ("odoo:103", "[103]", "Mounting", "All", "All"),
        ("odoo:104", "V-1 [104]", "Valve", "All / Pumps", "All"),
    ]
    reps = """
        select sales_rep_id, sales_rep_name, manager_sales_rep_id, team from marts.dim_sales_rep
        where sales_rep_id like 'odoo:%' order by 1
    """
    assert rows(first, reps) == [("odoo:5", "Ada", "odoo:6", "Direct"), ("odoo:6", "Ben", None, "Direct")]
    sold_by = "select sales_rep_id, order_line_id, territory_id from marts.fct_sales where sales_line_id = 'odoo:1:1'"
    assert rows(first, sold_by) == [("odoo:5", "odoo:31", "UNKNOWN")]


def test_rates_are_turned_towards_the_reporting_currency(first: duckdb.DuckDBPyConnection) -> None:
    """A company that keeps its books in euros speaks before one that does not; there is no budget rate."""
    rates = "select from_currency, rate_date, rate_type, round(rate, 6) from marts.fct_fx_rate order by all"
    assert rows(first, rates) == [
        ("CAD", date(2025, 1, 1), "daily", 0.5),
        ("USD", date(2025, 1, 1), "daily", 0.8),
        ("USD", date(2025, 2, 1), "daily", 0.909091),
    ]


DEALS = """
    select opportunity_id, current_stage_id, is_won, is_lost, customer_id, sales_rep_id, cast(amount as double)
    from marts.fct_opportunity order by opportunity_id
"""
EVENTS = """
    select opportunity_id, to_stage_id, cast(entered_at as varchar) from marts.fct_opportunity_stage_event
    order by opportunity_id, event_seq
"""


def test_deals_have_the_stages_that_odoo_recorded(first: duckdb.DuckDBPyConnection) -> None:
    """An archived deal is lost; what happened to a lead before it became a deal is no stage of the deal."""
    assert rows(first, DEALS) == [
        ("odoo_crm:50", "offer", False, False, "odoo:10", "odoo:5", 1000),
        ("odoo_crm:51", "closed_lost", False, True, "odoo:12", "odoo:5", 300),
        ("odoo_crm:52", "closed_won", True, False, "odoo:10", "odoo:6", 60),
        ("odoo_crm:54", "qualification", False, False, "odoo:15", "odoo:5", 20.5),
    ]
    assert rows(first, EVENTS) == [
        ("odoo_crm:50", "qualification", "2025-01-05 00:00:00"),
        ("odoo_crm:50", "offer", "2025-01-12 09:00:00"),
        ("odoo_crm:51", "qualification", "2025-01-06 00:00:00"),
        ("odoo_crm:51", "closed_lost", "2025-01-20 09:00:00"),
        ("odoo_crm:52", "offer", "2025-01-09 00:00:00"),
        ("odoo_crm:52", "closed_won", "2025-01-30 09:00:00"),
        ("odoo_crm:54", "qualification", "2025-01-10 00:00:00"),
    ]
    reasons = "select loss_reason_id from marts.fct_opportunity where is_lost"
    assert rows(first, reasons) == [("too_expensive",)]


def test_leads_and_activities_belong_to_deals(first: duckdb.DuckDBPyConnection) -> None:
    leads = "select lead_id, status, opportunity_id, source_id, campaign_id from marts.fct_lead order by lead_id"
    assert rows(first, leads) == [
        ("odoo_crm:52", "converted", "odoo_crm:52", "trade_fair", "odoo_crm:1"),
        ("odoo_crm:53", "open", None, "UNKNOWN", "UNKNOWN"),
    ]
    activities = """
        select activity_id, activity_type, customer_id, sales_rep_id, opportunity_id from marts.fct_activity
        order by activity_id
    """
    assert rows(first, activities) == [
        ("odoo_crm:3", "meeting", "odoo:10", "odoo:5", "odoo_crm:50"),
        ("odoo_crm:7", "email", "odoo:10", "odoo:6", None),
    ]


def test_a_restored_deal_is_open_where_it_was(second: duckdb.DuckDBPyConnection) -> None:
    restored = [row for row in rows(second, EVENTS) if row[0] == "odoo_crm:51"]
    assert restored[1:] == [
        ("odoo_crm:51", "closed_lost", "2025-01-20 09:00:00"),
        ("odoo_crm:51", "qualification", "2025-02-05 13:00:00"),
    ]
    assert ("odoo_crm:51", "qualification", False, False, "odoo:12", "odoo:5", 300) in rows(second, DEALS)


def test_the_next_load_follows_what_odoo_changed(second: duckdb.DuckDBPyConnection) -> None:
    """The cancelled invoice and the deleted line are gone, the new cost holds from its day on."""
    lines = "select sales_line_id, net_amount, cogs from marts.fct_sales order by sales_line_id"
    assert rows(second, lines) == [
        ("odoo:11:16", Decimal(12), None),
        ("odoo:12:17", Decimal(100), Decimal(25)),
        ("odoo:1:1", Decimal("240.10"), Decimal(480)),
        ("odoo:2:6", Decimal("-60.02"), Decimal(-120)),
        ("odoo:2:7", Decimal(10), Decimal(0)),
        ("odoo:7:13", Decimal(15), Decimal(20)),
    ]
    pumps = "select product_name, category, unit_cost from marts.dim_product where sku = 'P-1' order by valid_from"
    versions = rows(second, pumps)
    assert versions[0][0] == "Pump"
    assert versions[-1] == ("Pump II", "Goods / Pumps", Decimal(25))


def test_nothing_secret_or_rejected_is_kept(company: Company, second: duckdb.DuckDBPyConnection) -> None:
    """Every row was taken, every sum agreed, and no password was read."""
    assert rows(second, "select count(*) from quality.rejected_row") == [(0,)]
    checked = "select distinct measure, status from quality.reconciliation where measure like 'sum of%' order by all"
    assert rows(second, checked) == [
        (f"sum of {name}", "passed") for name in ("amount_untaxed", "expected_revenue", "price_subtotal")
    ]
    with duckdb.connect(str(company.folder / "var" / "odoo" / "state.duckdb"), read_only=True) as state:
        columns = "select column_name from duckdb_columns() where schema_name = 'raw_erp' and table_name = 'res_users'"
        assert ("password",) not in state.execute(columns).fetchall()


def test_a_document_without_one_of_its_lines_is_a_warning(
    company: Company, second: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """All heads agree with their lines, until a line is lost."""
    shutil.copy(company.folder / "var" / "odoo" / "state.duckdb", tmp_path)
    selected = ["build", "--select", "+stg_odoo__sales_lines"]
    check = "warn_odoo_documents_differ_from_their_lines"
    assert f"PASS {check}" in run_dbt(tmp_path, *selected, variables=WITHOUT_CRM).stdout
    with duckdb.connect(str(tmp_path / "state.duckdb")) as state:
        state.execute("delete from raw_erp.account_move_line where id = 6")
    assert f"WARN 1 {check}" in run_dbt(tmp_path, *selected, variables=WITHOUT_CRM).stdout


def test_a_company_without_the_crm_app_needs_none_of_its_tables(
    company: Company, second: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Without the mapping odoo_crm who only has a deal is no customer yet."""
    shutil.copy(company.folder / "var" / "odoo" / "state.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "state.duckdb")) as state:
        for table in ("crm_stage", "crm_lost_reason", "crm_lead", "crm_lead_tracking", "crm_message"):
            state.execute(f"drop table raw_erp.{table}")
    selected = [f"+stg_odoo__{name}" for name in ("customers", "sales_reps", "sales_lines")]
    built = run_dbt(tmp_path, "build", "--select", *selected, variables=WITHOUT_CRM)
    assert built.returncode == 0, built.stdout
    with duckdb.connect(str(tmp_path / "build.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{tmp_path / 'state.duckdb'}' as state (read_only)")
        customers = "select customer_source_id from staging.stg_odoo__customers order by 1"
        assert rows(connection, customers) == [("odoo:10",), ("odoo:12",), ("odoo:14",), ("odoo:2",)]


def test_costs_of_odoo_16_and_17_are_read_as_the_page_says(company: Company, tmp_path: Path) -> None:
    """The page's own table replaces that of Odoo 18; defaults, costs of no company and other properties are none."""
    run(company.url, OLDER_COSTS)
    block = re.search(r"```yaml\n(.*?)```", (EXAMPLE / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    tables = tmp_path / "erp.yml"
    tables.write_text(yaml.safe_dump({"tables": yaml.safe_load(block[1])}), encoding="utf-8")
    config = source_config("erp", company.settings("2025-02-06T20:00:00Z").model_copy(update={"erp_tables": tables}))
    state = tmp_path / "state.duckdb"
    clock = datetime(2025, 2, 6)
    result = load(SOURCES["erp"], config, state_file=state, pipelines_dir=tmp_path / "dlt", clock=clock)
    assert (result.appended, result.rejected) == (1, 0)
    with duckdb.connect(str(state), read_only=True) as connection:
        costs = "select product_id, company_id, standard_price from raw_erp.product_standard_price order by all"
        assert rows(connection, costs) == [(101, 1, 20.5)]


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()
