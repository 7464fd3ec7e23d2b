"""The readers of the ERP database, rate files, plain files and the calendar."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_source import Warehouse

from ingestion.errors import IngestionError
from ingestion.registry import SOURCES
from ingestion.sources.calendar import read_holidays
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig, ErpTable
from ingestion.sources.erp.databases import open_session
from ingestion.sources.erp.session import Selection
from ingestion.sources.erp.sqlite import SqliteSession
from ingestion.sources.files import tables_of
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.fx.config import FxConfig


def write_rates(folder: Path, name: str, lines: list[str], at: int) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(["date;from;to;type;rate", *lines]) + "\n", encoding="utf-8")
    os.utime(path, (at, at))


def test_newest_rate_file_speaks(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "fx"
    write_rates(folder, "z.csv", ["2024-02-29;PLN;EUR;daily;0.23", "2024-03-31;GBP;EUR;daily;1.17"], 1_000_000)
    write_rates(folder, "a.csv", ["2024-02-29;PLN;EUR;daily;0.24"], 2_000_000)
    warehouse.load(SOURCES["fx"], FxConfig(folder=folder))
    rows = warehouse.query("select from_currency, rate, source_file from raw_fx.rate order by 1")
    assert rows == [("GBP", 1.17, "z.csv"), ("PLN", 0.24, "a.csv")]


def test_bad_rates_are_rejected(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = [
        "2024-02-30;PLN;EUR;daily;0.23",
        "2024-03-01;PLN;EUR;daily;0",
        "2024-03-02;;EUR;daily;0.2",
        "2024-03-03;PLN;EUR;daily;0,2",
    ]
    write_rates(tmp_path / "fx", "a.csv", lines, 1_000_000)
    result = warehouse.load(SOURCES["fx"], FxConfig(folder=tmp_path / "fx"))
    assert (result.appended, result.rejected) == (0, 4)
    reasons = {sentence.partition(": ")[2] for sentence in result.rejections}
    assert reasons == {
        "column rate_date: expected date (YYYY-MM-DD), got 2024-02-30",
        "column rate: must be above zero, got 0",
        "column from_currency: required, but empty",
        "column rate: expected double, got 0,2",
    }


def test_rate_file_with_other_header_ends_the_load(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "fx").mkdir()
    (tmp_path / "fx" / "a.csv").write_text("day,rate\n1,2\n")
    with pytest.raises(IngestionError, match=r"a\.csv: expected the columns date;from;to;type;rate, found day,rate"):
        warehouse.load(SOURCES["fx"], FxConfig(folder=tmp_path / "fx"))
    with pytest.raises(IngestionError, match="does not exist"):
        warehouse.load(SOURCES["fx"], FxConfig(folder=tmp_path / "gone"))


def test_erp_reader_reads_mixed_columns_and_quoted_names(tmp_path: Path) -> None:
    path = tmp_path / "erp.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute('create table "order" (no text primary key, amount, "select" real, rowversion integer)')
        database.executemany('insert into "order" values (?, ?, ?, ?)', [("ș1", 5, None, 1), ("b", "n/a", 0.25, 7)])
    with closing(open_session(f"sqlite:///{path}")) as session:
        order = Selection("order", '"order"', session.columns("order", '"order"'))
        everything = pa.concat_tables(session.batches(order, batch_rows=10))
        late = replace(order, at_least=(order.columns[-1], 2))
        (changed,) = session.batches(late, batch_rows=10)
        assert session.totals(late, ["rowversion"]) == {"rows": 1, "rowversion": 7}
    assert everything.to_pylist()[0] == {"no": "ș1", "amount": "5", "select": None, "rowversion": 1}
    assert changed["no"].to_pylist() == ["b"]


def test_a_load_that_stops_lets_the_read_ahead_end_before_the_session(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "erp.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table sale (id integer, stamp integer)")
    events: list[str] = []

    def batches(_session: SqliteSession, _selection: Selection, _rows: int) -> Iterator[pa.Table]:
        yield pa.table({"id": [1], "stamp": [1]})
        time.sleep(0.2)
        events.append("read")
        yield pa.table({"id": [2], "stamp": [2]})

    def stop(_table: str, rows: int) -> None:
        if rows:
            raise KeyboardInterrupt

    monkeypatch.setattr(SqliteSession, "batches", batches)
    monkeypatch.setattr(SqliteSession, "close", lambda _session: events.append("closed"))
    config = ErpConfig(url=f"sqlite:///{path}", tables={"sale": ErpTable(key=("id",), cursor="stamp")})
    with pytest.raises(KeyboardInterrupt):
        warehouse.load(SOURCES["erp"], config, on_progress=stop)
    assert events == ["read", "closed"]


def test_missing_erp_is_one_sentence(warehouse: Warehouse, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gone.sqlite'}"
    with pytest.raises(IngestionError, match=r"ERP database sqlite:.*gone\.sqlite.* could not be read: unable to open"):
        warehouse.load(SOURCES["erp"], ErpConfig(url=url))
    assert not (tmp_path / "gone.sqlite").exists()
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(IngestionError, match="table customer does not exist"):
        warehouse.load(SOURCES["erp"], ErpConfig(url=f"sqlite:///{tmp_path / 'empty.sqlite'}"))


def test_files_keep_digits_and_tell_empty_from_null(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('No,Amount,Note,Day\n2,0010.1230,"",2024-02-29\n1,7,,2023-01-31\n', encoding="utf-8")
    table = FileTable(name="Lines", address=str(path), key=("No",), columns={"Day": "date"}, date_shift_years=-1)
    warehouse.load(SOURCES["files"], FilesConfig(tables=(table,)))
    rows = warehouse.query("select no, amount, note, cast(day as varchar) from raw_files.lines order by no")
    assert rows == [("1", "7", None, "2022-01-31"), ("2", "0010.1230", "", "2023-02-28")]


def test_parquet_file_through_fsspec(warehouse: Warehouse, tmp_path: Path) -> None:
    pq.write_table(pa.table({"k": [2, 1], "v": [Decimal("1.0001"), None]}), tmp_path / "t.parquet")
    table = FileTable(name="t", address=f"file://{tmp_path}/t.parquet", key=("k",), format="parquet")
    warehouse.load(SOURCES["files"], FilesConfig(tables=(table,)))
    assert warehouse.query("select k, v from raw_files.t order by k") == [("1", None), ("2", "1.0001")]


def test_file_settings_that_do_not_fit_are_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(IngestionError, match="column c is named in the settings but the file has only a, b"):
        tables_of(FilesConfig(tables=(FileTable(name="t", address=str(tmp_path / "t.csv"), key=("c",)),)))
    with pytest.raises(IngestionError, match=r"gone\.csv of table t cannot be read") as caught:
        tables_of(FilesConfig(tables=(FileTable(name="t", address="file://u:canary@x/gone.csv", key=("c",)),)))
    assert "canary" not in str(caught.value)


def test_holidays_of_a_year_with_orthodox_easter() -> None:
    (table,) = read_holidays(CalendarConfig(country="RO", first_year=2024, last_year=2024))
    days = dict(zip(table["holiday_date"].to_pylist(), table["holiday_name"].to_pylist(), strict=True))
    assert "Easter" in days[datetime(2024, 5, 6).date()]
    with pytest.raises(IngestionError, match="known for ZZ"):
        next(read_holidays(CalendarConfig(country="ZZ", first_year=2024, last_year=2024)))
