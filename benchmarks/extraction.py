"""ERP extraction against DuckDB reading the same rows from CSV.

What belongs here: this one comparison. What does not: the extraction (ingestion).
Run: python -m benchmarks.extraction
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
from pydantic import SecretStr

from benchmarks.measure import Measured, ratio_line
from demo.company.timeline import FROZEN_NOW
from demo.systems.store import create_systems
from ingestion.pipeline import load
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig


def main(profile: str = "M") -> None:
    """Print what a first and a second load of the demo ERP cost, as multiples of DuckDB's CSV reader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create_systems(folder / "demo", profile)
        database = folder / "demo" / "erp.sqlite"
        rows = _write_csv(database, folder / "csv")
        with Measured() as floor:
            _read_csv(folder / "csv", folder / "floor.duckdb")
        print(f"ERP of profile {profile}: {rows:,} rows in {len(SOURCES['erp'].tables)} tables")
        for what in ("first load", "second load, nothing new"):
            with Measured() as measured:
                _load(database, folder)
            print(ratio_line(what, measured.seconds, "DuckDB reading the same rows from CSV", floor.seconds))


def _load(database: Path, folder: Path) -> None:
    load(
        SOURCES["erp"],
        ErpConfig(url=SecretStr(f"sqlite:///{database}")),
        state_file=folder / "state.duckdb",
        pipelines_dir=folder / "dlt",
        clock=FROZEN_NOW,
    )


def _write_csv(database: Path, folder: Path) -> int:
    """Put every ERP table into a CSV file; give the number of rows."""
    folder.mkdir()
    total = 0
    with closing(sqlite3.connect(database)) as source, closing(duckdb.connect()) as target:
        for table in SOURCES["erp"].tables:
            cursor = source.execute(f'select * from "{table}"')
            names = [column[0] for column in cursor.description]
            frame = pd.DataFrame(cursor.fetchall(), columns=names)
            target.from_df(frame).write_csv(str(folder / f"{table}.csv"))
            total += len(frame)
    return total


def _read_csv(folder: Path, database: Path) -> None:
    with closing(duckdb.connect(str(database))) as connection:
        for file in sorted(folder.glob("*.csv")):
            connection.execute(f"create table \"{file.stem}\" as select * from read_csv('{file}')")


if __name__ == "__main__":
    main()
