"""ERP tables of a million rows from real databases, against the database's own CSV and against dlt's defaults.

What belongs here: this comparison, with ten times the rows where asked. What does not: the extraction (ingestion). A
database takes part where the environment names its server, as for the tests; SQLite always does.
Run: python -m benchmarks.databases [--rows 1000000] [--without-ten] [--without-dlt]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import sqlalchemy as sa
from pydantic import SecretStr

from benchmarks.measure import Measured, ratio_line, resident_mb
from ingestion.pipeline import load
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig, ErpTable

DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
SERVERS = {"PostgreSQL": "SALESWH_TEST_POSTGRES", "MariaDB": "SALESWH_TEST_MARIADB"}
NAME = "saleswh_benchmark"
TABLE = "sale"
DDL = (
    f"create table {TABLE} (id integer primary key, invoice_no varchar(20), line_no integer, sku varchar(20),"
    " quantity decimal(18, 4), unit_price decimal(18, 4), amount decimal(18, 4), tax_rate double precision,"
    " updated_at timestamp null, version integer)"
)
DISTINCT_ROWS = 20_000


def main(rows: int = 1_000_000, *, ten: bool = True, with_dlt: bool = True) -> None:
    """Print, per database, loads as multiples of the floor and of dlt's, and how memory grows with the rows."""
    servers = {name: os.environ.get(variable, "") for name, variable in SERVERS.items()}
    for name, server in {"SQLite": "sqlite://", **servers}.items():
        if not server:
            print(f"{name}: not measured, {SERVERS[name]} names no server")
            continue
        with tempfile.TemporaryDirectory() as folder, _database(server, Path(folder)) as url:
            _measure(name, url, Path(folder), rows, ten=ten, with_dlt=with_dlt)


def _measure(name: str, url: str, folder: Path, rows: int, *, ten: bool, with_dlt: bool) -> None:
    _fill(url, 0, rows)
    seconds, memory = _against_the_floor(name, url, folder / "once", rows)
    if with_dlt:
        default, _ = _in_a_process("dlt", url, folder / "dlt")
        print(f"{name}: {default / seconds:.1f} times as fast as dlt's sql_database by default")
    if ten:
        _fill(url, rows, 10 * rows)
        _, tenfold = _against_the_floor(name, url, folder / "ten", 10 * rows)
        print(f"{name}: {tenfold / memory:.2f} times the memory for ten times the rows")


def _against_the_floor(name: str, url: str, folder: Path, rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of one load, after the line that compares it with the floor."""
    folder.mkdir()
    with Measured() as floor:
        _floor(url, folder)
    seconds, memory = _in_a_process("load", url, folder)
    print(ratio_line(f"{name}, {rows:,} rows: load", seconds, "its rows as CSV, read by DuckDB", floor.seconds))
    print(f"{name}, {rows:,} rows: {rows / seconds:,.0f} rows a second, {memory:,.0f} MB more than before")
    return seconds, memory


def _in_a_process(what: str, url: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one load in a process of its own, which has loaded a single row before."""
    command = [sys.executable, "-m", "benchmarks.databases", "--measure", what, "--folder", str(folder)]
    # The address goes by the standard input: it may hold a password.
    done = subprocess.run(command, input=url, stdout=subprocess.PIPE, text=True, check=True)
    seconds, memory = done.stdout.split()[-2:]
    return float(seconds), float(memory)


def _load_here(what: str, url: str, folder: Path) -> None:
    run = {"load": _load, "dlt": _load_by_default}[what]
    # What a process does once is the same for one row and for ten million: imports, dlt's plug-ins.
    folder.mkdir(exist_ok=True)
    single = f"sqlite:///{folder / 'single.sqlite'}"
    _fill(single, 0, 1)
    run(single, folder / "single")
    before = resident_mb()
    with Measured() as measured:
        run(url, folder / "measured")
    print(measured.seconds, measured.peak_mb - before)


def _load(url: str, folder: Path) -> None:
    table = ErpTable(key=("id",), cursor="version", amounts=("amount",))
    load(
        SOURCES["erp"],
        ErpConfig(url=SecretStr(url), tables={TABLE: table}),
        state_file=folder / "state.duckdb",
        pipelines_dir=folder / "dlt",
        clock=datetime(2025, 3, 14),
    )


def _load_by_default(url: str, folder: Path) -> None:
    import dlt
    from dlt.sources.sql_database import sql_database

    folder.mkdir(parents=True)
    destination = dlt.destinations.duckdb(str(folder / "default.duckdb"))
    pipeline = dlt.pipeline("by_default", pipelines_dir=str(folder), destination=destination, dataset_name="by_default")
    pipeline.run(sql_database(_with_driver(url), table_names=[TABLE]))


def _floor(url: str, folder: Path) -> None:
    """The table as the database itself writes CSV, and DuckDB's reader on it."""
    target = folder / "floor.csv"
    address = sa.make_url(url)
    host = [f"--host={address.host}", f"--port={address.port}", f"--user={address.username}"]
    query = f"select * from {TABLE}"
    with target.open("wb") as file:
        if address.get_backend_name() == "sqlite":
            command = ["sqlite3", "-csv", str(address.database), query]
        elif address.get_backend_name() == "postgresql":
            copy = ["--no-password", "--command", f"copy {TABLE} to stdout csv"]
            command = ["psql", f"--host={address.host}", f"--port={address.port}", f"--username={address.username}"]
            command += [f"--dbname={address.database}", *copy]
        else:
            command = [
                "mysql",
                *host,
                "--quick",
                "--batch",
                "--skip-column-names",
                f"--execute={query}",
                str(address.database),
            ]
        subprocess.run(command, stdout=file, check=True)
    with closing(duckdb.connect(str(folder / "floor.duckdb"))) as connection:
        connection.execute(f"create table {TABLE} as from read_csv('{target}', header = false)")


def _fill(url: str, have: int, want: int) -> None:
    """Let the table, which has `have` rows, hold `want`: the database copies its own rows under new numbers."""
    engine = sa.create_engine(_with_driver(url))
    marks = ", ".join(f":c{i}" for i in range(10))
    copied = "invoice_no, line_no, sku, quantity, unit_price, amount, tax_rate, updated_at"
    with engine.begin() as connection:
        if not have:
            connection.execute(sa.text(DDL))
            have = min(DISTINCT_ROWS, want)
            rows = [_row(number) for number in range(1, have + 1)]
            connection.execute(sa.text(f"insert into {TABLE} values ({marks})"), rows)
        while have < want:
            copy = f"insert into {TABLE} select id + :have, {copied}, version + :have from {TABLE} where id <= :last"
            connection.execute(sa.text(copy), {"have": have, "last": want - have})
            have = min(2 * have, want)
    engine.dispose()


def _row(number: int) -> dict[str, object]:
    quantity, price = number % 977 / 8, number * 31 % 9973 / 16
    values = (
        number, f"INV{number // 3:09d}", number % 3 + 1, f"SKU-{number * 7919 % 5000}", quantity, price,
        round(quantity * price, 4), 0.19, f"2024-{number % 12 + 1:02d}-15 08:{number % 60:02d}:00", number,
    )  # fmt: skip
    return {f"c{i}": value for i, value in enumerate(values)}


@contextmanager
def _database(server: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, dropped at the end."""
    if server == "sqlite://":
        yield f"sqlite:///{folder / 'erp.sqlite'}"
        return
    _administer(server, f"drop database if exists {NAME}", f"create database {NAME}")
    try:
        yield sa.make_url(server).set(database=NAME).render_as_string(hide_password=False)
    finally:
        _administer(server, f"drop database {NAME}")


def _administer(server: str, *statements: str) -> None:
    engine = sa.create_engine(_with_driver(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def _with_driver(url: str) -> str:
    address = sa.make_url(url)
    name = DRIVERS.get(address.get_backend_name(), address.drivername)
    return address.set(drivername=name).render_as_string(hide_password=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.databases", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the table")
    parser.add_argument("--without-ten", action="store_true", help="leave out ten times as many rows")
    parser.add_argument("--without-dlt", action="store_true", help="leave out dlt's defaults, which take minutes")
    parser.add_argument("--measure", choices=("load", "dlt"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    if given.measure:
        _load_here(given.measure, sys.stdin.read(), given.folder)
    else:
        main(given.rows, ten=not given.without_ten, with_dlt=not given.without_dlt)
