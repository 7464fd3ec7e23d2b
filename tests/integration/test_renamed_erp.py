"""The example of an ERP with names of its own: two short files bring a PostgreSQL database into the demo's mapping."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from exports.publish import current_release
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from orchestration.audit import recorded_checks
from orchestration.environment import Environment
from orchestration.runs import run_job
from orchestration.runs_model import RunOutcome
from orchestration.settings import Settings
from orchestration.sources import source_config
from tests.integration.databases import empty_database, run
from tests.integration.demo_warehouse import query_file

POSTED = "2024-02-29 00:00:00"  # the invoice date: this ERP keeps no moment of posting
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "renamed_erp"
TABLES = """
create schema vertrieb;
create table vertrieb.kunde (kdnr int primary key, firma text, land char(2), stand timestamptz not null);
create table vertrieb.artikel (artnr varchar(20) primary key, bezeichnung text, gruppe text,
    stand timestamptz not null);
create table vertrieb.rechnung (renr text primary key, kdnr int, datum date, storno boolean,
    stand timestamptz not null);
create table vertrieb."Rechnung-Position" (renr text, pos smallint, artnr varchar(20), menge numeric(12, 3),
    betrag numeric(14, 2), stand timestamptz not null, primary key (renr, pos));
insert into vertrieb.kunde values
    (7, 'Müller & Söhne', 'DE', '2024-02-29 23:30+01'), (12, 'Zwölf', null, '2024-03-01 08:00+01');
insert into vertrieb.artikel values
    ('A-1', 'Pumpe', 'Pumpen', '2024-01-01'), ('a-1', 'Ventil', 'Ventile', '2024-01-01');
insert into vertrieb.rechnung values
    ('R9', 12, '2024-02-29', false, '2024-03-01'), ('R10', 7, '2024-03-31', true, '2024-04-01');
insert into vertrieb."Rechnung-Position" values ('R9', 1, 'A-1', 2.500, 100.10, '2024-03-01'),
    ('R9', 2, 'a-1', 1, 0.01, '2024-03-01'), ('R10', 1, 'a-1', -1, -5, '2024-04-01')
"""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with empty_database("postgresql") as url:
        run(url, TABLES)
        yield url


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, database: str) -> Settings:
    """The example's two files; only the address, the clock and where to write are the test's own."""
    own = {"erp_url": database, "erp_tables": EXAMPLE / "erp.yml", "clock": "2024-04-02T06:00:00Z"}
    folder = tmp_path_factory.mktemp("renamed")
    return Settings(_env_file=EXAMPLE / "settings.env", var_dir=folder, **own)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def outcome(company: Settings) -> RunOutcome:
    """What `saleswh run` does in this environment, of a company with three lines and no closed month."""
    return run_job(company, "full", lambda progress: None)


def test_the_two_files_are_under_thirty_lines() -> None:
    lines = [
        line
        for name in ("settings.env", "erp.yml")
        for line in (EXAMPLE / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert 20 < len(lines) < 30


def test_the_job_ends_well_and_says_what_the_settings_leave_out(outcome: RunOutcome) -> None:
    assert outcome.success, "\n".join(outcome.failures)
    assert "Table credit_note: the settings name no source for it, it stays empty." in outcome.notes


def test_what_the_settings_leave_out_hides_no_warning(company: Settings, outcome: RunOutcome) -> None:
    """The notes name what is not delivered; a column that is delivered and empty in a row is another matter."""
    checks = recorded_checks(Environment.of(company).state_file, outcome.run_id)
    warned = {check.check_id: check.finding for check in checks if check.status == "warned"}
    assert [check_id for check_id in warned if check_id.startswith("gx:")] == [
        "gx:raw_erp/customer:raw_erp/customer.country.not_null"
    ]
    assert warned["gx:raw_erp/customer:raw_erp/customer.country.not_null"].endswith("for example customer_no 12.")
    assert "sales_line_id = erp:R9:1, " in warned["dbt:warn_sales_lines_without_cost"]
    assert len(outcome.warned) == len(warned)
    assert all(any(finding in told for told in outcome.warned) for finding in warned.values())


def test_a_query_that_is_changed_reaches_the_rows_before(company: Settings, outcome: RunOutcome) -> None:
    config = source_config("erp", company)
    product = config.tables["product"]
    told = product.model_copy(update={"query": product.query.replace("bezeichnung as", "upper(bezeichnung) as")})
    changed = config.model_copy(update={"tables": {**config.tables, "product": told}})
    result = load_erp(company, datetime(2024, 4, 3), changed)
    assert (result.appended, result.deleted) == (2, 0)
    assert "Table product: its query changed since the last load, so it was read whole." in result.notes
    assert load_erp(company, datetime(2024, 4, 3, 1)).appended == 2, "the former words again"


def test_every_line_reaches_the_release(company: Settings, outcome: RunOutcome) -> None:
    release = current_release(Environment.of(company).releases)
    lines = query_file(
        release.database,
        "select sales_line_id, sku, cast(invoice_date as varchar), customer_name, net_amount_document, net_amount,"
        " cast(posted_at as varchar)"
        " from marts.fct_sales join marts.dim_product using (product_key)"
        " join marts.dim_customer using (customer_key) order by 1",
    )
    assert lines == [
        ("erp:R9:1", "A-1", "2024-02-29", "Zwölf", Decimal("100.1000"), Decimal("100.1000"), POSTED),
        ("erp:R9:2", "a-1", "2024-02-29", "Zwölf", Decimal("0.0100"), Decimal("0.0100"), POSTED),
    ]
    assert [release.row_count(f"forecast.{name}") for name in ("forecast_run", "fct_forecast")] == [0, 0]


def test_every_row_reaches_the_staging_contract(company: Settings, outcome: RunOutcome) -> None:
    lines = staged(
        company,
        "select sales_line_id, product_id, net_amount_document, is_cancelled, customer_source_id"
        " from staging.stg_erp__sales_lines order by 1",
    )
    assert lines == [
        ("erp:R10:1", "erp:a-1", Decimal(-5), True, "erp:7"),
        ("erp:R9:1", "erp:A-1", Decimal("100.10"), False, "erp:12"),
        ("erp:R9:2", "erp:a-1", Decimal("0.01"), False, "erp:12"),
    ]
    stamps = staged(company, "select customer_name, version_at from staging.stg_erp__customers order by 1")
    assert stamps == [("Müller & Söhne", datetime(2024, 2, 29, 22, 30)), ("Zwölf", datetime(2024, 3, 1, 7))]


def test_the_next_load_finds_changed_late_and_vanished_rows(
    company: Settings, outcome: RunOutcome, database: str
) -> None:
    run(
        database,
        "update vertrieb.kunde set firma = 'Zwölf AG', stand = '2024-04-03' where kdnr = 12;\n"
        "insert into vertrieb.kunde values (3, 'Late', 'DE', '2020-01-01');\n"
        "delete from vertrieb.\"Rechnung-Position\" where renr = 'R10'",
    )
    result = load_erp(company, datetime(2024, 4, 4))
    assert (result.appended, result.deleted) == (2, 1)
    assert load_erp(company, datetime(2024, 4, 5)).appended == 0


def load_erp(company: Settings, clock: datetime, config: ErpConfig | None = None) -> LoadResult:
    environment = Environment.of(company)
    return load(
        SOURCES["erp"],
        config or source_config("erp", company),
        state_file=environment.state_file,
        pipelines_dir=environment.pipelines,
        clock=clock,
    )


def staged(company: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Rows of staging, whose models are views on the state."""
    environment = Environment.of(company)
    with duckdb.connect(str(environment.build_file), read_only=True) as connection:
        connection.execute(f"attach '{environment.state_file}' as state (read_only)")
        return connection.execute(sql).fetchall()
