"""Casting batches to the contract: what fits is kept as it is, what does not is told, whatever type a source uses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingestion.casting import INCOMING, MISFIT, REASON, ROW_NUMBER, plan_cast
from ingestion.contract import ColumnType, TableContract, columns

CASES: list[tuple[ColumnType, pa.DataType, Any, Any]] = [
    ("integer", pa.int16(), -7, -7),
    ("integer", pa.int64(), 2**63 - 1, 2**63 - 1),
    ("integer", pa.uint64(), 2**63, None),
    ("integer", pa.float64(), 2.0, 2),
    ("integer", pa.float64(), 2.5, None),
    ("integer", pa.string(), " 12 ", 12),
    ("integer", pa.string(), "12.5", None),
    ("decimal", pa.decimal128(18, 4), Decimal("99999999999999.9999"), Decimal("99999999999999.9999")),
    ("decimal", pa.decimal128(16, 2), Decimal("-0.05"), Decimal("-0.05")),
    ("decimal", pa.decimal128(38, 4), Decimal("123456789012345.0000"), None),
    ("double", pa.float32(), 0.5, 0.5),
    ("boolean", pa.bool_(), True, True),
    ("boolean", pa.int64(), 1, True),
    ("boolean", pa.int64(), 2, None),
    ("date", pa.date32(), date(2024, 2, 29), date(2024, 2, 29)),
    ("date", pa.timestamp("us"), datetime(2024, 2, 29), date(2024, 2, 29)),
    ("date", pa.timestamp("us"), datetime(2024, 2, 29, 8), None),
    ("date", pa.string(), "2024-02-29", date(2024, 2, 29)),
    ("timestamp", pa.timestamp("us"), datetime(2024, 3, 31, 2, 30), datetime(2024, 3, 31, 2, 30)),
    ("timestamp", pa.string(), "2024-03-31 02:30:00+02", datetime(2024, 3, 31, 0, 30)),
    ("timestamp", pa.string(), "yesterday", None),
]


def cast(kind: ColumnType, values: pa.Array) -> list[tuple[Any, str | None]]:
    """The values of a column `v` after the cast, each with the reason for its rejection."""
    contract = TableContract("t", ("id",), columns(f"id! v:{kind}"))
    rows = len(values)
    batch = pa.table({"id": pa.array(range(rows)), "v": values})
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register(INCOMING, batch.append_column(ROW_NUMBER, pa.array(range(rows))))
        plan = plan_cast(contract, batch.schema)
        return connection.execute(f"select v, {REASON} from ({plan.sql}) order by {ROW_NUMBER}").fetchall()


@pytest.mark.parametrize(("kind", "source_type", "value", "kept"), CASES)
def test_a_value_is_kept_as_it_is_or_its_row_is_rejected(
    kind: ColumnType, source_type: pa.DataType, value: Any, kept: Any
) -> None:
    (found, reason), (empty, no_reason) = cast(kind, pa.array([value, None], source_type))
    assert (found, empty, no_reason) == (kept, None, None)
    if kept is None:
        assert reason is not None and reason.startswith(f"column v: expected {kind}, got ")
    else:
        assert reason is None


def test_a_date_in_another_form_is_told_the_one_expected() -> None:
    assert cast("date", pa.array(["03.03.2024"])) == [(None, "column v: expected date (YYYY-MM-DD), got 03.03.2024")]


@pytest.mark.parametrize("source_type", [pa.int64(), pa.string(), pa.null()])
def test_a_required_value_that_is_missing_is_told_whatever_its_type(source_type: pa.DataType) -> None:
    contract = TableContract("t", ("id",), columns("id! v:integer!"))
    batch = pa.table({"id": pa.array([1]), "v": pa.array([None], source_type)})
    with duckdb.connect() as connection:
        connection.register(INCOMING, batch.append_column(ROW_NUMBER, pa.array([0])))
        found = connection.execute(f"select {REASON} from ({plan_cast(contract, batch.schema).sql})").fetchall()
    assert found == [("column v: required, but empty",)]


def test_where_the_source_says_why_a_row_does_not_fit_nothing_is_added() -> None:
    contract = TableContract("t", ("id",), columns("id! v:integer! w:decimal"))
    rows = [(1, None, "n/a", "the sheet's total is wrong"), (2, None, "n/a", None), (3, 7, "1.5", None)]
    batch = pa.table(dict(zip(["id", "v", "w", MISFIT], map(list, zip(*rows, strict=True)), strict=True)))
    with duckdb.connect() as connection:
        connection.register(INCOMING, batch.append_column(ROW_NUMBER, pa.array([0, 1, 2])))
        sql = plan_cast(contract, batch.schema).sql
        found = connection.execute(f"select {REASON} from ({sql}) order by {ROW_NUMBER}").fetchall()
    assert found == [
        ("the sheet's total is wrong",),
        ("column v: required, but empty; column w: expected decimal, got n/a",),
        (None,),
    ]
