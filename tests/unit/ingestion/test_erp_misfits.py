"""Values that a declared type would change: the row is rejected with its reason, the others are not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from small_source import Warehouse

from ingestion.casting import MISFIT
from ingestion.contract import TableContract, columns
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.misfits import with_misfits
from ingestion.sources.erp.session import SourceColumn, typed

COST = TableContract("cost", ("sku",), columns("sku! cost:decimal at:timestamp"))
SOURCE = (
    SourceColumn("sku", "text", "sku"),
    SourceColumn("cost", "text", "cost"),
    SourceColumn("at", "timestamp", "at"),
)


@pytest.mark.parametrize("value", ["0.12345", "-1.00001", "1e-5", "12345678901234.00000001"])
def test_digits_that_would_be_lost_reject_the_row(value: str) -> None:
    batch = with_misfits(pa.table({"sku": ["a", "b"], "cost": [value, "0.1234000"]}), COST, SOURCE)
    assert batch[MISFIT].to_pylist() == [f"column cost: more than four decimals would be lost of {value}", None]


def test_days_outside_the_calendar_and_broken_text_reject_the_row() -> None:
    broken = pa.array([b"ok", b"M\xfc\xdfig", None], pa.binary())
    text = pa.StringArray.from_buffers(3, broken.buffers()[1], broken.buffers()[2], broken.buffers()[0])
    stamps = pa.array([0, -9_222_425_352_054_775_809, None], pa.timestamp("us"))
    batch = with_misfits(pa.table({"sku": text, "at": stamps}), COST, (SOURCE[0], SOURCE[2]))
    assert batch[MISFIT].to_pylist() == [
        None,
        "column sku: its text is not UTF-8; column at: a day outside the years 1 to 9999",
        None,
    ]
    assert batch["sku"].to_pylist() == ["ok", r"M\xfc\xdfig", None]


@pytest.mark.parametrize("cost", ["1.5000000", 0.1 + 0.2])
def test_what_fits_is_left_as_it_is(cost: object) -> None:
    batch = pa.table({"sku": ["ș"], "cost": [cost], "at": [datetime(2024, 2, 29)]})
    assert with_misfits(batch, COST, SOURCE) is batch


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        (pa.decimal128(18, 4), ["1.5", "-0.0001", None], [Decimal("1.5"), Decimal("-0.0001"), None]),
        (pa.decimal128(18, 4), ["1.5", "NaN"], None),
        (pa.decimal128(18, 4), ["1.5", "0.12345"], None),
        (pa.decimal128(18, 4), ["1.5", "100000000000000"], None),
        (pa.int64(), ["007", "-9223372036854775808"], [7, -(2**63)]),
        (pa.int64(), ["1", "18446744073709551615"], None),
        (pa.date32(), ["2024-02-29"], [date(2024, 2, 29)]),
        (pa.date32(), ["2024-02-29", "0000-00-00"], None),
        (pa.date32(), ["2023-02-29"], None),
        (pa.timestamp("us"), ["2024-02-29 23:59:59.000001"], [datetime(2024, 2, 29, 23, 59, 59, 1)]),
        (pa.timestamp("us"), ["2024-02-29 23:59:59+02"], None),
    ],
)
def test_text_becomes_its_type_only_as_a_whole(
    kind: pa.DataType, texts: list[str | None], values: list[object] | None
) -> None:
    batch = pa.table({"key": ["1"] * len(texts), "value": pa.array(texts, pa.string())})
    found = typed(batch, (SourceColumn("key", "text", "key"), SourceColumn("value", "text", "value", arrow=kind)))
    assert found["value"].type == (kind if values else pa.string())
    assert found["value"].to_pylist() == (values or texts)
    assert found["key"].to_pylist() == batch["key"].to_pylist()


def test_sqlite_values_of_any_type_arrive(warehouse: Warehouse, tmp_path: Path) -> None:
    """SQLite types values, not columns: empty for a thousand rows, then text; numbers of two kinds; a blob."""
    path = tmp_path / "odd #%.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table odd (id integer primary key, late, mixed, amount numeric, raw)")
        rows = [(i, None, i, i / 4, None) for i in range(1, 1200)]
        database.executemany("insert into odd values (?, ?, ?, ?, ?)", [*rows, (2000, "text", "n/a", 3, b"\xff")])
    config = ErpConfig(url=f"sqlite:///{path}", tables={"odd": {"key": ["id"]}}, batch_rows=500)
    result = warehouse.load(SOURCES["erp"], config)
    assert (result.appended, result.rejected) == (1200, 0)
    rows = warehouse.query("select late, mixed, amount, raw from raw_erp.odd where id in (7, 2000) order by id")
    assert rows == [(None, "7", "1.75", None), ("text", "n/a", "3.0", r"\xFF")]
