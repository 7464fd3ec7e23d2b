"""What every source does when its system changes: columns come, go, change their type or name, rows vanish.

A source takes part through a `World`: its system, small, whose one table a test can rewrite.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from ingestion.errors import IngestionError
from ingestion.naming import raw_name
from ingestion.pipeline import LoadResult
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.fx.config import FxConfig
from tests.unit.ingestion.small_source import Warehouse, append_without_dlt

Row = dict[str, Any]
CLOCK = datetime(2024, 2, 29, 22, 30)
ELSEWHERE = {  # where the sources without a world are tested
    "salesforce": "the demo CRM changes its schema in tests/integration/test_late_and_changed_rows.py",
    "hubspot": "a portal of its own plays all of it in tests/integration/test_hubspot_source.py",
    "budget": "a workbook has no columns but a layout, tested in tests/unit/ingestion/test_budget_files.py",
    "calendar": "holidays are computed by a library: no system delivers them",
}


class World(Protocol):
    """A source's system: `number` is a column of a type other than text, `load_id` names no row of it."""

    source: str
    table: str
    number: str
    only: set[str] | None

    def __init__(self, folder: Path) -> None: ...

    def rows(self, count: int) -> list[Row]:
        """Rows that fit the contract, under the source's own names."""

    def put(self, rows: list[Row]) -> Any:
        """Let the system hold these rows and columns; give the config that reads them."""


class Erp:
    """One table of a SQLite database."""

    source, table, number, only = "erp", "customer", "credit_limit", {"customer"}

    def __init__(self, folder: Path) -> None:
        self._file = folder / "erp.sqlite"

    def rows(self, count: int) -> list[Row]:
        """Customers with odd numbers."""
        names = ("customer_no", "name", "credit_limit", "currency", "rowversion")
        return [dict(zip(names, (f"K-{i}ß", "Ă", 7.25, "PLN", i + 1), strict=True)) for i in range(count)]

    def put(self, rows: list[Row]) -> ErpConfig:
        """Make the table anew."""
        names = list(rows[0])
        with closing(sqlite3.connect(self._file)) as database, database:
            database.execute("drop table if exists customer")
            database.execute(f"create table customer ({', '.join(names)})")
            places = ", ".join("?" for _ in names)
            database.executemany(f"insert into customer values ({places})", [list(row.values()) for row in rows])
        return ErpConfig(url=f"sqlite:///{self._file}")


class Text:
    """One delimited file; `head` and its rows are those of the first."""

    only = None
    delimiter = ","

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "drop"
        self._folder.mkdir()
        self.file = self._folder / "a.csv"
        self._writes = 0

    def _write(self, rows: list[Row]) -> None:
        lines = [list(rows[0]), *(row.values() for row in rows)]
        text = "\n".join(self.delimiter.join(map(str, line)) for line in lines)
        self.file.write_text(text + "\n", encoding="utf-8")
        self._writes += 1
        os.utime(self.file, (self._writes, self._writes))


class Fx(Text):
    """Exchange rates."""

    source, table, number, delimiter = "fx", "rate", "rate", ";"

    def rows(self, count: int) -> list[Row]:
        """Daily rates from a leap day on."""
        days = (f"{datetime(2024, 2, 29) + timedelta(days=i):%Y-%m-%d}" for i in range(count))
        return [{"date": day, "from": "PLN", "to": "EUR", "type": "daily", "rate": 0.23} for day in days]

    def put(self, rows: list[Row]) -> FxConfig:
        """Write the one rate file."""
        self._write(rows)
        return FxConfig(folder=self._folder)


class Files(Text):
    """A plain file with one typed column."""

    source, table, number = "files", "old_lines", "amount"

    def rows(self, count: int) -> list[Row]:
        """Lines of an older system."""
        return [{"no": f"R/{i}", "amount": "12.5000", "note": "ș"} for i in range(count)]

    def put(self, rows: list[Row]) -> FilesConfig:
        """Write the one file."""
        self._write(rows)
        table = FileTable(name="old_lines", address=str(self.file), key=("no",), columns={"amount": "decimal"})
        return FilesConfig(tables=(table,))


WORLDS: dict[str, type[World]] = {"erp": Erp, "fx": Fx, "files": Files}


class Loader:
    """A world, and the warehouse that it is loaded into."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self._warehouse, self._loads = world, Warehouse(folder), 0
        self.raw = f'raw_{world.source}."{world.table}"'

    def load(self, rows: list[Row]) -> LoadResult:
        """Put the rows into the system and load it, a day after the load before."""
        config = self.world.put(rows)
        self._loads += 1
        clock = CLOCK + timedelta(days=self._loads)
        return self._warehouse.load(SOURCES[self.world.source], config, clock, only=self.world.only)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the state file."""
        return self._warehouse.query(sql)


@pytest.fixture(params=sorted(SOURCES.keys() - ELSEWHERE))
def loader(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    """The world of each registered source."""
    name: str = request.param
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    (tmp_path / "out").mkdir()
    return Loader(WORLDS[name](tmp_path), tmp_path / "out")


def test_equal_content_adds_nothing(loader: Loader) -> None:
    rows = loader.world.rows(3)
    assert loader.load(rows).appended == 3
    again = loader.load(rows)
    assert (again.appended, again.deleted, again.rejected, again.warnings) == (0, 0, 0, loader.load(rows).warnings)


def test_a_new_column_is_accepted_and_told(loader: Loader) -> None:
    rows = loader.world.rows(3)
    loader.load(rows)
    told = loader.load([row | {"Loud__c": "x" if i else ""} for i, row in enumerate(rows)]).warnings
    assert [sentence for sentence in told if "Loud__c" in sentence]
    assert loader.query(f"select count(*) from {loader.raw} where loud_c = 'x'") == [(2,)]


def test_a_changed_type_is_quarantined(loader: Loader) -> None:
    rows = loader.world.rows(3)
    rows[1][loader.world.number] = "a lot"
    result = loader.load(rows)
    assert (result.appended, result.rejected) == (2, 1)
    ((reason, payload),) = loader.query("select reason, payload from quality.rejected_row")
    assert f"column {loader.world.number}: expected" in reason
    assert "a lot" in reason
    assert '"a lot"' in payload


def renamed(rows: list[Row], old: str) -> list[Row]:
    """The rows with one column under another name."""
    return [{(f"{old}_2" if name == old else name): value for name, value in row.items()} for row in rows]


def test_a_renamed_column_is_told_with_both_names(loader: Loader) -> None:
    rows = loader.world.rows(3)
    loader.load(rows)
    before = loader.query(f"select * from {loader.raw}")
    try:
        told = loader.load(renamed(rows, loader.world.number)).warnings
    except IngestionError as error:
        told = (str(error),)
        assert loader.query(f"select * from {loader.raw}") == before
    assert [s for s in told if loader.world.number in s.replace(f"{loader.world.number}_2", "") and "_2" in s], told


def test_a_lost_key_ends_the_load_by_name(loader: Loader) -> None:
    rows = loader.world.rows(3)
    key = next(iter(rows[0]))
    loader.load(rows)
    with pytest.raises(IngestionError, match=rf"\b{key}\b"):
        loader.load(renamed(rows, key))
    assert loader.query(f"select count(*) from {loader.raw}") == [(3,)]


def test_a_truncated_table_is_refused(loader: Loader) -> None:
    rows = loader.world.rows(50)
    loader.load(rows)
    with pytest.raises(IngestionError, match=r"nothing was loaded\. Restore the source"):
        loader.load(rows[:20])
    assert loader.query(f"select count(*) from {loader.raw} where _deleted_at is null") == [(50,)]
    assert loader.load(rows[:40]).deleted == (0 if loader.world.source == "fx" else 10)


def test_a_column_of_a_file_that_goes_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain file declares its columns itself, so what it brought before is what it is held to."""
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    files = Loader(Files(tmp_path), tmp_path)
    files.load(files.world.rows(2))
    told = files.load(renamed(files.world.rows(2), "note")).warnings
    assert (
        "Table old_lines of files: column note came before and is missing now; perhaps it is called note_2 now." in told
    )
    assert raw_name("note_2") in [row[0] for row in files.query(f"describe {files.raw}")]
