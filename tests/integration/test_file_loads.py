"""Plain files that nobody here wrote reach raw to the last digit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.pipeline import load
from ingestion.registry import SOURCES
from ingestion.sources.files.config import FilesConfig, FileTable

FROZEN = datetime(2014, 1, 29, 6)
SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_adventureworks_facts_to_the_fourth_decimal(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared sample data (../shared/data) is absent")
    tables = tuple(
        FileTable(
            name=name,
            address=str(SHARED / "adventureworks" / f"{name}.csv"),
            key=("SalesOrderNumber", "SalesOrderLineNumber"),
        )
        for name in ("FactInternetSales", "FactResellerSales")
    )
    state_file = tmp_path / "state.duckdb"
    load(
        SOURCES["files"],
        FilesConfig(tables=tables),
        state_file=state_file,
        pipelines_dir=tmp_path / "pipelines",
        clock=FROZEN,
    )
    with duckdb.connect(str(state_file), read_only=True) as connection:
        rows = connection.execute(
            "select count(*), sum(sales_amount::decimal(18, 4)) from ("
            "select sales_amount from raw_files.fact_internet_sales"
            " union all select sales_amount from raw_files.fact_reseller_sales)"
        ).fetchall()
    assert rows == [(121_253, Decimal("109809274.2030"))]
