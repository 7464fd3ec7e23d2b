"""What goes wrong in databases: each fault ends in a load that is right, or in one sentence and nothing half kept.

A SQLite file has no connection to lose and no clock for statements; it may be locked, or damaged, instead.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from ingestion.check import check_source
from ingestion.errors import IngestionError
from ingestion.pipeline import LoadResult
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from tests.integration.databases import empty_database, engine, kind_of, run
from tests.unit.ingestion.small_source import Warehouse, append_without_dlt

ROOT = Path(__file__).parents[2]
SALES, FEW_SALES, DROPS = 300_000, 40, 20
NAP = 0.003
"""Seconds that reading a row takes where a read is slowed down."""
OTHERS = {
    "postgresql": "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    "mariadb": "select id from information_schema.processlist where db = database() and id <> connection_id()",
}
KILL = {"postgresql": "select pg_terminate_backend({})", "mariadb": "kill {}"}
MANY = {
    "postgresql": f"select i, repeat('x', 200), 1 from generate_series(1, {SALES}) as t (i)",
    "mariadb": f"select seq, repeat('x', 200), 1 from seq_1_to_{SALES}",
}


class Erp:
    """A database with a table, and the warehouse that reads it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.kind, self.warehouse = url, kind_of(url), Warehouse(folder)

    def run(self, sql: str) -> None:
        run(self.url, sql)

    def load(
        self,
        day: int = 1,
        url: str = "",
        on_progress: Callable[[str, int], None] | None = None,
        batch_rows: int = 50_000,
        **tables: Any,
    ) -> LoadResult:
        """Load the table, or those described."""
        tables = tables or {"sale": SALE}
        config = ErpConfig(url=url or self.url, tables=tables, lookback_rows=1, batch_rows=batch_rows)
        return self.warehouse.load(SOURCES["erp"], config, datetime(2024, 3, day), on_progress=on_progress)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.warehouse.query(sql)

    def option(self, postgresql: str, mariadb: str) -> str:
        """The address with a setting of the session; a file has none."""
        if self.kind == "sqlite":
            return self.url
        chosen = {"options": f"-c {postgresql}"} if self.kind == "postgresql" else {"init_command": f"set {mariadb}"}
        return sa.make_url(self.url).update_query_dict(chosen).render_as_string(hide_password=False)

    def break_off(self) -> None:
        """Kill every other connection to the database."""
        with engine(self.url).connect() as connection:
            for (number,) in connection.exec_driver_sql(OTHERS[self.kind]).fetchall():
                # It may have ended by itself meanwhile.
                with suppress(sa.exc.DBAPIError):
                    connection.exec_driver_sql(KILL[self.kind].format(number))


SALE = {"key": ["id"], "cursor": "version"}


@contextmanager
def erp_of(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erp]:
    """An ERP with an empty table, loaded without dlt's part and without waits."""
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    monkeypatch.setattr("ingestion.pipeline.WAIT_SECONDS", 0)
    with empty_database(kind) as url:
        made = Erp(url, folder)
        made.run("create table sale (id integer primary key, note varchar(200), version integer)")
        yield made


@pytest.fixture(params=["postgresql", "mariadb"])
def erp(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erp]:
    """An ERP on a server."""
    with erp_of(request.param, tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.parametrize("times", [1, 3])
def test_a_connection_that_drops_is_tried_three_times(erp: Erp, times: int) -> None:
    erp.run(f"insert into sale {MANY[erp.kind]}")
    broken = []

    def drop(table: str, rows: int) -> None:
        # After the first batch of a load: the second may have been read already, and come once more.
        if rows and len(broken) < times and rows == (broken or [rows])[0]:
            broken.append(rows)
            erp.break_off()

    if times == 3:
        with pytest.raises(IngestionError, match=r"table sale of .* could not be read: .*\(tried 3 times\)"):
            erp.load(on_progress=drop)
        assert erp.query("select distinct status from ops.load") == [("failed",)]
    assert erp.load(on_progress=drop).appended == SALES
    assert erp.query("select count(*), count(distinct id) from raw_erp.sale") == [(SALES, SALES)]
    assert erp.query("select count(*) from ops.load where status = 'failed'") == [(times,)]
    assert erp.query("select distinct status from quality.load_reconciliation") == [("passed",)]


def test_twenty_drops_at_random_moments_show_no_part_of_a_load(erp: Erp) -> None:
    """Each load reads the table whole and slowly, and finds one more row: once, whenever the line goes dead."""
    nap = f"cast(pg_sleep({NAP}) as text)" if erp.kind == "postgresql" else f"sleep({NAP})"
    slow = {"sale": {"query": f"select id, note, version, {nap} as slept from sale", "key": ["id"]}}
    rows = ", ".join(f"({i}, 'first', 1)" for i in range(FEW_SALES))
    erp.run(f"insert into sale values {rows}")
    erp.load(1, **slow)
    shares = np.random.default_rng(17).uniform(0.1, 0.9, size=(DROPS // 2, 2)).tolist()
    for number, pair in enumerate(shares, start=1):
        erp.run(f"insert into sale values ({FEW_SALES + number}, 'one more', 1)")
        dropping: list[threading.Timer] = []

        def drop(_table: str, rows: int, left: list[float] = pair, dropping: list[threading.Timer] = dropping) -> None:
            # Told of no rows yet: the reading begins, anew after each drop.
            if not rows and left:
                dropping.append(threading.Timer(left.pop() * NAP * FEW_SALES, erp.break_off))
                dropping[-1].start()

        result = erp.load(2, on_progress=drop, batch_rows=9, **slow)
        for timer in dropping:
            timer.join()
        assert (result.appended, result.deleted) == (1, 0)
        assert erp.query("select count(*), count(distinct id) from raw_erp.sale") == [(FEW_SALES + number,) * 2]
    (struck,) = erp.query("select count(*) from ops.load where status = 'failed'")[0]
    assert DROPS / 2 <= struck <= DROPS


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def any_erp(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erp]:
    """An ERP of any kind, for what may go wrong in all of them."""
    with erp_of(request.param, tmp_path, monkeypatch) as made:
        yield made


LOCKS = {
    "sqlite": ("begin exclusive", "rollback"),
    "postgresql": ("begin;\nlock table sale in access exclusive mode", "rollback"),
    "mariadb": ("lock tables sale write", "unlock tables"),
}


@contextmanager
def locked(erp: Erp) -> Iterator[None]:
    """Another process holds the table for the block: within one, two libraries of SQLite do not see their locks."""
    lock, unlock = LOCKS[erp.kind]
    code = (
        "import sys\nfrom tests.integration.databases import engine\n"
        "with engine(sys.argv[1]).connect() as connection:\n"
        "    for statement in sys.argv[2].split(';\\n'):\n"
        "        connection.exec_driver_sql(statement)\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
        "    connection.exec_driver_sql(sys.argv[3])\n"
    )
    command = [sys.executable, "-c", code, erp.url, lock, unlock]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.stdin.close()


def test_a_lock_that_is_not_given_ends_in_a_sentence(any_erp: Erp) -> None:
    any_erp.run("insert into sale values (1, 'a', 1)")
    any_erp.load()
    any_erp.run("insert into sale values (2, 'b', 2)")
    words = r"(?i)(lock timeout|lock wait timeout|database is locked).*tried 3 times"
    with locked(any_erp), pytest.raises(IngestionError, match=words) as caught:
        any_erp.load(2, url=any_erp.option("lock_timeout=100", "session lock_wait_timeout = 1"))
    assert "\n" not in str(caught.value)
    assert any_erp.query("select id from raw_erp.sale") == [(1,)]
    assert any_erp.query("select status, count(*) from ops.load group by 1 order by 1") == [
        ("failed", 3), ("succeeded", 1),
    ]  # fmt: skip
    assert any_erp.load(3).appended == 1


def test_a_statement_that_takes_too_long_ends_in_a_sentence(erp: Erp) -> None:
    erp.run("insert into sale values (1, 'a', 1)")
    wait = "cast(pg_sleep(2) as text)" if erp.kind == "postgresql" else "sleep(2)"
    slow = {"query": f"select id, version, {wait} as waited from sale", "key": ["id"]}
    with pytest.raises(
        IngestionError, match=r"(?i)table sale .*(timeout|max_statement_time|interrupted).*tried 3 times"
    ):
        erp.load(url=erp.option("statement_timeout=100", "session max_statement_time = 0.1"), sale=slow)
    assert erp.query("select distinct status from ops.load") == [("failed",)]
    assert erp.query("select 1 from duckdb_tables() where schema_name = 'raw_erp'") == []
    assert erp.load().appended == 1


QUERIES = {
    "select id,\n  notte from sale": {
        "postgresql": 'column "notte" does not exist (line 2: notte from sale) HINT: Perhaps you meant to reference the'
        ' column "sale.note"',
        "mariadb": "Unknown column 'notte' in 'SELECT'",
    },
    "select id frm sale -- all": {
        "postgresql": 'syntax error at or near "sale" (line 1: sale -- all)',
        "mariadb": "syntax to use near 'sale -- all' at line 1",
    },
    "select id from sale where id in": {
        "postgresql": 'syntax error at or near ")" (at its end)',
        "mariadb": "syntax to use near '' at line 2",
    },
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_fails_is_told_in_the_words_of_the_database(erp: Erp, query: str) -> None:
    table = {"query": query, "key": ["id"]}
    with pytest.raises(IngestionError) as raised:
        erp.load(sale=table)
    told = str(raised.value)
    assert told.startswith("ERP database: the query of table sale in the settings failed: ")
    assert told.endswith("; correct it there.")
    assert QUERIES[query][erp.kind] in told
    assert not [word for word in ("asked", "limit 0", "select", "tried") if word in told], told
    (found,) = check_source("erp", ErpConfig(url=erp.url, tables={"sale": table})).tables
    assert found.problem == told
    erp.load(sale={"query": "select id, note from sale -- all of them", "key": ["id"]})


def test_a_query_that_fails_on_a_value_is_told_too(erp: Erp) -> None:
    if erp.kind == "mariadb":
        pytest.skip("MariaDB gives NULL")
    erp.run("insert into sale values (1, 'a', 0)")
    with pytest.raises(IngestionError, match="query of table sale in the settings failed: division by zero; correct"):
        erp.load(sale={"query": "select id, 1 / version as share from sale", "key": ["id"]})


def test_late_rows_deletions_and_reused_keys(any_erp: Erp) -> None:
    rows = ", ".join(f"({i}, 'first', {i})" for i in range(10, 60))
    any_erp.run(f"insert into sale values {rows}")
    any_erp.load(1)
    any_erp.run(
        "insert into sale values (1, 'late, with an old version', 3);\n"
        "delete from sale where id = 11;\n"
        "delete from sale where id = 12;\n"
        "insert into sale values (12, 'another sale', 70);\n"
        "update sale set note = 'within the look-back' where id = 59"
    )
    result = any_erp.load(2)
    assert (result.appended, result.deleted) == (3, 1)
    assert any_erp.query("select id, note from raw_erp.sale where _extracted_at = '2024-03-02' order by 1, 2") == [
        (1, "late, with an old version"), (11, "first"), (12, "another sale"), (59, "within the look-back"),
    ]  # fmt: skip
    any_erp.run("insert into sale values (11, 'first', 11)")
    assert any_erp.load(3).appended == 1, "a restored row is a version again"
    assert any_erp.load(4).appended == 0


def test_a_replica_that_lags_behind_is_made_good_by_the_next_load(any_erp: Erp) -> None:
    """A load that reads yesterday's rows takes the newest for gone, and overwrites nothing with what is older."""
    rows = ", ".join(f"({i}, 'first', {i})" for i in range(10, 60))
    any_erp.run(f"insert into sale values {rows}")
    any_erp.run("update sale set note = 'second', version = 70 where id = 20")
    any_erp.load(1)
    any_erp.run("delete from sale where id > 56;\n update sale set note = 'first', version = 20 where id = 20")
    lagging = any_erp.load(2)
    assert (lagging.appended, lagging.deleted) == (0, 3)
    any_erp.run("update sale set note = 'second', version = 70 where id = 20")
    any_erp.run("insert into sale values (57, 'first', 57), (58, 'first', 58), (59, 'first', 59)")
    assert any_erp.load(3).appended == 3
    current = any_erp.query(
        "select id, note from raw_erp.sale qualify row_number() over (partition by id order by _extracted_at desc) = 1"
        " and _deleted_at is null order by id"
    )
    assert current == [(i, "second" if i == 20 else "first") for i in range(10, 60)]
    assert any_erp.load(4).appended == 0


def test_odd_types_keep_their_value_or_reject_the_row(erp: Erp) -> None:
    zoned, plain = ("timestamptz", "timestamp") if erp.kind == "postgresql" else ("timestamp", "datetime(6)")
    moment = "'2024-02-29 23:30:00+02'" if erp.kind == "postgresql" else "'2024-02-29 21:30:00'"
    erp.run("set time_zone = '+00:00'" if erp.kind == "mariadb" else "set time zone 'UTC'")
    quote = '"' if erp.kind == "postgresql" else "`"
    erp.run(
        f"create table odd (id integer primary key, n numeric(38, 10), z {zoned} null, p {plain},"
        f" {quote}select{quote} integer, {quote}Größe in cm{quote} text)"
    )
    values = f"1234567890123456789012345678.0123456789, {moment}, '2024-02-29 23:30:00.123456', 7, 'ñ'"
    with engine(erp.url).connect() as connection:
        if erp.kind == "mariadb":
            connection.exec_driver_sql("set time_zone = '+00:00'")
        connection.exec_driver_sql(f"insert into odd values (1, {values})")
    erp.load(odd={"key": ["id"], "amounts": []})
    assert erp.query('select n, z, p, "select", columns(\'gr.*\') from raw_erp.odd') == [
        ("1234567890123456789012345678.0123456789", datetime(2024, 2, 29, 21, 30),
         datetime(2024, 2, 29, 23, 30, 0, 123456), 7, "ñ"),
    ]  # fmt: skip
    erp.run("create table cost (sku varchar(9), day date, cost numeric(38, 10), primary key (sku, day))")
    erp.run(
        "insert into cost values ('a', '2024-02-29', 0.12345), ('b', '2024-02-29', 0.12340), ('c', '2024-02-29', 1e20)"
    )
    query = "select sku, day as valid_from, cost as unit_cost from cost"
    result = erp.load(2, product_cost={"query": query})
    reasons = "\n".join(result.rejections)
    assert (result.appended, result.rejected) == (1, 2)
    assert "column unit_cost: more than four decimals would be lost of 0.1234500000" in reasons
    assert "column unit_cost: expected decimal, got 100000000000000000000" in reasons


def test_a_thousand_columns_an_empty_table_and_a_dropped_one(any_erp: Erp) -> None:
    names = ", ".join(f"c{i} integer" for i in range(999))
    any_erp.run(f"create table wide (id integer primary key, {names})")
    any_erp.run(f"insert into wide values ({', '.join(['5'] * 1000)}), ({', '.join(['6'] * 1000)})")
    wide = {"key": ["id"]}
    assert any_erp.load(1, wide=wide, sale=SALE).appended == 2
    assert any_erp.query("select id, c0, c998 from raw_erp.wide order by id") == [(5, 5, 5), (6, 6, 6)]
    assert any_erp.query("select count(*) from raw_erp.sale") == [(0,)]
    any_erp.run("drop table sale")
    with pytest.raises(IngestionError, match="table sale does not exist"):
        any_erp.load(2, sale=SALE)
    assert any_erp.query("select count(*) from raw_erp.wide") == [(2,)]
    any_erp.run("create table sale (id integer primary key, note varchar(200), version integer)")
    any_erp.run("insert into sale values (1, 'a', 1)")
    assert any_erp.load(3, sale=SALE).appended == 1


def test_latin_1_text_arrives_as_it_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    options = {"postgresql": "template template0 encoding 'LATIN1' locale 'C'", "mariadb": "character set latin1"}
    for kind, option in options.items():
        with empty_database(kind, option) as url:
            run(url, "create table sale (id integer primary key, note varchar(20), version integer)")
            run(url, "insert into sale values (1, 'Müßig é', 1)")
            erp = Erp(url, tmp_path / kind)
            (tmp_path / kind).mkdir()
            erp.load()
            assert erp.query("select note from raw_erp.sale") == [("Müßig é",)]


@pytest.fixture
def erp_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erp]:
    """An ERP in a SQLite file."""
    with erp_of("sqlite", tmp_path, monkeypatch) as made:
        yield made


def test_a_file_that_is_cut_off_while_it_is_read_ends_in_a_sentence(erp_file: Erp) -> None:
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)"
    rows += " select i, hex(zeroblob(100)), 1 from n"
    erp_file.run(f"insert into sale {rows}")
    path = Path(str(sa.make_url(erp_file.url).database))
    content = path.read_bytes()

    def cut(_table: str, count: int) -> None:
        if count:
            path.write_bytes(content[: len(content) // 3])

    for on_progress in (cut, None):
        with pytest.raises(IngestionError, match=r"could not be read: .*(malformed|not a database)") as caught:
            erp_file.load(on_progress=on_progress, batch_rows=500)
        assert "\n" not in str(caught.value)
        assert erp_file.query("select 1 from duckdb_tables() where schema_name = 'raw_erp'") == []
    path.write_bytes(content)
    assert erp_file.load(batch_rows=500).appended == 20_000
    assert erp_file.query("select count(*), count(distinct id) from raw_erp.sale") == [(20_000, 20_000)]


def test_odd_values_of_a_file_keep_their_value_or_reject_the_row(erp_file: Erp) -> None:
    """SQLite has a type per value: what fits stays as it is, what is no text or would lose digits is told."""
    erp_file.run(
        'create table odd (id integer primary key, z timestamp, p timestamp, "select" integer, "Größe in cm" text)'
    )
    erp_file.run("insert into odd values (1, '2024-02-29 23:30:00+02:00', '2024-02-29 23:30:00.123456', 7, 'ñ')")
    erp_file.run("insert into odd values (2, null, null, 8, cast(x'4DFC' as text))")
    result = erp_file.load(odd={"key": ["id"]})
    assert erp_file.query("select z, p, \"select\", columns('gr.*') from raw_erp.odd") == [
        (datetime(2024, 2, 29, 21, 30), datetime(2024, 2, 29, 23, 30, 0, 123456), 7, "ñ"),
    ]
    assert (result.appended, result.rejected) == (1, 1)
    assert "column Größe in cm: its text is not UTF-8" in next(iter(result.rejections))
    erp_file.run("create table cost (sku text, day date, cost numeric(38, 10), primary key (sku, day))")
    erp_file.run(
        "insert into cost values ('a', '2024-02-29', '0.12345'), ('b', '2024-02-29', 12.5), ('c', '2024-02-29', 1e20)"
    )
    query = "select sku, day as valid_from, printf('%.10f', cost) as unit_cost from cost"
    result = erp_file.load(2, product_cost={"query": query})
    reasons = "\n".join(result.rejections)
    assert (result.appended, result.rejected) == (1, 2)
    assert "column unit_cost: more than four decimals would be lost of 0.1234500000" in reasons
    assert "column unit_cost: expected decimal, got 100000000000000000000" in reasons
