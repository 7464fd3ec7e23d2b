"""The demo ERP on PostgreSQL and MariaDB reaches raw exactly as from SQLite, on one read-only snapshot."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr

from demo.company.model import Company
from demo.company.timeline import FROZEN_NOW, generate
from demo.systems.erp_database import create_erp, move_erp
from demo.systems.errors import DemoError
from ingestion.check import check_source
from ingestion.errors import IngestionError
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.databases import open_session
from ingestion.sources.erp.session import Selection
from orchestration.definitions import build_defs
from orchestration.demo import demo_systems
from orchestration.settings import Settings
from orchestration.sources import source_config
from tests.integration.databases import empty_database, run

LATER = FROZEN_NOW + timedelta(days=12)
KINDS = ("postgresql", "mariadb")


@pytest.fixture(scope="module")
def company() -> Company:
    return generate("S", seed=7)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of each kind."""
    with empty_database(request.param) as url:
        yield url


class Raw:
    """The raw ERP tables of one database, as loads have left them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.state_file = folder / "state.duckdb"

    def load(self, clock: datetime) -> LoadResult:
        return load(
            SOURCES["erp"],
            ErpConfig(url=self.url),
            state_file=self.state_file,
            pipelines_dir=self.folder / "dlt",
            clock=clock,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.state_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def versions(self) -> dict[str, list[tuple[Any, ...]]]:
        """Per table the rows without the columns that tell loads apart, sorted."""
        tables = self.query("select table_name from duckdb_tables() where schema_name = 'raw_erp' order by all")
        columns = "columns(c -> c not in ('_load_id', '_dlt_load_id', '_dlt_id'))"
        names = [name for (name,) in tables if not name.startswith("_dlt")]
        return {name: self.query(f'select {columns} from raw_erp."{name}" order by all') for name in names}


@pytest.fixture(scope="module")
def by_sqlite(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Raw versions of the demo ERP in SQLite, at first and twelve days later."""
    folder = tmp_path_factory.mktemp("sqlite")
    raw = Raw(folder, f"sqlite:///{folder / 'erp.sqlite'}")
    return _first_and_later(raw, company)


def _first_and_later(raw: Raw, company: Company) -> tuple[Any, Any]:
    create_erp(raw.url, company.erp.__getitem__, FROZEN_NOW)
    raw.load(FROZEN_NOW)
    first = raw.versions()
    move_erp(raw.url, company.erp.__getitem__, LATER)
    raw.load(LATER)
    return first, raw.versions()


@pytest.fixture(scope="module", params=KINDS)
def by_server(request: pytest.FixtureRequest, company: Company, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server's raw tables, and their versions at first and later."""
    with empty_database(request.param) as url:
        raw = Raw(tmp_path_factory.mktemp(request.param), url)
        yield raw, *_first_and_later(raw, company)


def test_every_database_gives_the_same_raw_rows(by_server: tuple[Raw, Any, Any], by_sqlite: tuple[Any, Any]) -> None:
    _, first, later = by_server
    assert (first, later) == by_sqlite
    assert sum(map(len, later.values())) > sum(map(len, first.values())) > 5_000


def test_the_database_is_asked_for_counts_and_sums(by_server: tuple[Raw, Any, Any]) -> None:
    raw = by_server[0]
    checks = raw.query(
        "select measure, source_value, warehouse_value, status from quality.load_reconciliation"
        " where entity = 'invoice_line' and load_id = (select min(load_id) from ops.load) order by measure"
    )
    first = f"from raw_erp.invoice_line where _extracted_at = timestamp '{FROZEN_NOW}'"
    rows, amount = raw.query(f"select count(*), sum(line_amount) {first}")[0]
    assert checks == [
        ("rows", rows, rows, "passed"),
        ("sum of line_amount", float(amount), float(amount), "passed"),
    ]
    assert raw.query("select distinct status from quality.load_reconciliation") == [("passed",)]


def test_a_session_sees_one_moment_and_writes_nothing(database: str) -> None:
    run(database, "create table sale (no integer primary key, amount decimal(18, 4));\ninsert into sale values (1, 5)")
    with closing(open_session(database)) as session:
        sale = Selection("sale", "sale", session.columns("sale", "sale"))
        assert session.totals(sale, ["amount"]) == {"rows": 1, "amount": 5}
        run(database, "insert into sale values (2, 7)")
        assert session.totals(sale, ["amount"]) == {"rows": 1, "amount": 5}
        (batch,) = session.batches(sale, 10)
        assert [str(value) for value in batch.to_pylist()[0].values()] == ["1", "5.0000"]
        with pytest.raises(session.errors, match=r"(?i)read.only"):
            session.row("delete from sale returning no")


def test_a_long_table_takes_no_more_memory_than_a_batch(database: str) -> None:
    """Forty megabytes of text that the server has ready sooner than anybody takes them."""
    rows = "generate_series(1, 200000)" if "postgresql" in database else "seq_1_to_200000"
    number = "generate_series" if "postgresql" in database else "seq"
    with closing(open_session(database)) as session:
        query = session.relation("", None, f"select {number} as no, repeat('x', 200) as note from {rows}")
        tracemalloc.start()
        count = sum(
            batch.num_rows for batch in session.batches(Selection("note", query, session.columns("note", query)), 1000)
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 200_000
    assert peak < 10_000_000


def test_days_of_zeros_and_bytes_after_many_blanks_arrive(tmp_path: Path) -> None:
    with empty_database("mariadb") as url:
        run(
            url,
            "create table odd (id int primary key, day date, at datetime(3), raw varbinary(4), amount decimal(18, 4),"
            " big bigint unsigned, number int(5) zerofill)",
        )
        late = "'0000-00-00', '0000-00-00 00:00:00', x'ff00', 99999999999999.9999, 18446744073709551615, 7"
        run(
            url,
            "insert into odd select seq, '2024-02-29', '2024-02-29 23:30:00.250', null, -0.0001, 5, 12"
            f" from seq_1_to_1200;\ninsert into odd values (2000, {late})",
        )
        with closing(open_session(url)) as session:
            odd = Selection("odd", "odd", session.columns("odd", "odd"))
            first, last = session.batches(odd, 1000)
            assert {column.name: column.type for column in odd.columns}["amount"] == "decimal"
    assert first.slice(0, 1).to_pylist() == [
        {"id": 1, "day": date(2024, 2, 29), "at": datetime(2024, 2, 29, 23, 30, 0, 250_000), "raw": None,
         "amount": Decimal("-0.0001"), "big": 5, "number": 12},
    ]  # fmt: skip
    assert last.slice(200).to_pylist() == [
        {"id": 2000, "day": "0000-00-00", "at": "0000-00-00 00:00:00.000", "raw": b"\xff\x00",
         "amount": Decimal("99999999999999.9999"), "big": "18446744073709551615", "number": 7},
    ]  # fmt: skip


def test_a_database_that_is_no_demo_is_left_alone(database: str, company: Company) -> None:
    run(database, "create table customer (name text);\ninsert into customer values ('mine')")
    with pytest.raises(DemoError, match=r"no demo company's \(customer\)"):
        create_erp(database, company.erp.__getitem__, FROZEN_NOW)
    with pytest.raises(DemoError, match="holds no demo ERP"):
        move_erp(database, company.erp.__getitem__, LATER)
    with closing(open_session(database)) as session:
        assert session.row("select count(*) from customer")[0] in (1, "1")


def test_the_demo_runs_with_its_erp_on_a_server(database: str, tmp_path: Path) -> None:
    """Its address is the demo's own, whatever driver it names."""
    address = database.replace("://", "+asyncmy://" if "mysql" in database else "+psycopg://", 1)
    demo = Settings(var_dir=tmp_path, demo_profile="S", demo_erp_url=SecretStr(address))
    with demo_systems(demo) as reachable:
        build_defs(reachable)
        config = source_config("erp", reachable)
        assert config.url.get_secret_value() == address
        assert {table.problem for table in check_source("erp", config).tables} == {""}


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_password_is_one_sentence_without_it(kind: str, tmp_path: Path) -> None:
    with empty_database(kind) as url:
        host = url.split("@")[-1]
        if kind == "mariadb":
            run(url, "create user if not exists 'canary_user'@'127.0.0.1' identified by 'right'")
        raw = Raw(tmp_path, f"{url.split('://')[0]}://canary_user:canary-secret@{host}")
        with pytest.raises(IngestionError, match="check that it runs, its address and the password") as caught:
            raw.load(FROZEN_NOW)
        if kind == "mariadb":
            run(url, "drop user 'canary_user'@'127.0.0.1'")
    assert "canary-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
