"""The example of an ERP with names of its own: two short files bring a PostgreSQL database into the demo's mapping."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from orchestration.settings import Settings
from orchestration.sources import source_config
from tests.integration.databases import empty_database, run
from tests.integration.dbt_build import run_dbt, set_clock

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
    (7, 'Müller & Söhne', 'DE', '2024-02-29 23:30+01'), (12, 'Zwölf', 'AT', '2024-03-01 08:00+01');
insert into vertrieb.artikel values
    ('A-1', 'Pumpe', 'Pumpen', '2024-01-01'), ('a-1', 'Ventil', 'Ventile', '2024-01-01');
insert into vertrieb.rechnung values
    ('R9', 12, '2024-02-29', false, '2024-03-01'), ('R10', 7, '2024-03-31', true, '2024-04-01');
insert into vertrieb."Rechnung-Position" values ('R9', 1, 'A-1', 2.500, 100.10, '2024-03-01'),
    ('R9', 2, 'a-1', 1, 0.01, '2024-03-01'), ('R10', 1, 'a-1', -1, -5, '2024-04-01')
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("renamed")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with empty_database("postgresql") as url:
        run(url, TABLES)
        yield url


def load_example(folder: Path, url: str, clock: datetime) -> LoadResult:
    """Load with the example's two files; only the address is the test's own."""
    own = {"erp_url": url, "erp_tables": EXAMPLE / "erp.yml"}
    settings = Settings(_env_file=EXAMPLE / "settings.env", **own)  # type: ignore[arg-type]
    config = source_config("erp", settings)
    return load(SOURCES["erp"], config, state_file=folder / "state.duckdb", pipelines_dir=folder / "dlt", clock=clock)


def test_the_two_files_are_under_thirty_lines() -> None:
    lines = [
        line
        for name in ("settings.env", "erp.yml")
        for line in (EXAMPLE / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert 20 < len(lines) < 30


def test_every_line_reaches_the_staging_contract(folder: Path, database: str) -> None:
    result = load_example(folder, database, datetime(2024, 4, 2))
    assert (result.appended, result.rejected, result.warnings) == (9, 0, ())
    assert "Table credit_note: the settings name no source for it, it stays empty." in result.notes
    with duckdb.connect(str(folder / "state.duckdb")) as connection:
        set_clock(connection, "2024-04-02")
    built = run_dbt(folder, "run", "--select", "+stg_erp__sales_lines", "stg_erp__customers", variables=MAPPINGS)
    assert built.returncode == 0, built.stdout
    lines = query(
        folder,
        "select sales_line_id, product_id, net_amount_document, is_cancelled, customer_source_id"
        " from staging.stg_erp__sales_lines order by 1",
    )
    assert lines == [
        ("erp:R10:1", "erp:a-1", Decimal(-5), True, "erp:7"),
        ("erp:R9:1", "erp:A-1", Decimal("100.10"), False, "erp:12"),
        ("erp:R9:2", "erp:a-1", Decimal("0.01"), False, "erp:12"),
    ]
    stamps = query(folder, "select customer_name, version_at from staging.stg_erp__customers order by 1")
    assert stamps == [("Müller & Söhne", datetime(2024, 2, 29, 22, 30)), ("Zwölf", datetime(2024, 3, 1, 7))]


def test_the_next_load_finds_changed_late_and_vanished_rows(folder: Path, database: str) -> None:
    run(
        database,
        "update vertrieb.kunde set firma = 'Zwölf AG', stand = '2024-04-03' where kdnr = 12;\n"
        "insert into vertrieb.kunde values (3, 'Late', 'DE', '2020-01-01');\n"
        "delete from vertrieb.\"Rechnung-Position\" where renr = 'R10'",
    )
    result = load_example(folder, database, datetime(2024, 4, 4))
    assert (result.appended, result.deleted) == (2, 1)
    assert load_example(folder, database, datetime(2024, 4, 5)).appended == 0


MAPPINGS = {"mappings": ["erp", "calendar"]}


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{folder / 'state.duckdb'}' as state (read_only)")
        return connection.execute(sql).fetchall()
