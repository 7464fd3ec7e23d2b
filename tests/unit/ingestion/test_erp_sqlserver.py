"""SQL Server without a server: a driver that notes what it is asked, and answers with a few rows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from ingestion.errors import IngestionError
from ingestion.sources.erp.databases import open_session
from ingestion.sources.erp.session import Selection
from ingestion.sources.erp.sqlserver import connection_string

URL = "mssql://reader:p%7Dw%3Bx@erp:1444/Sales"
COLUMNS = [
    ("No", "int", 10, 0),
    ("order", "nvarchar(20)", 0, 0),
    ("Changed", "timestamp", 0, 0),
    ("Amount", "decimal(38,10)", 38, 10),
    ("At", "datetimeoffset(7)", 34, 7),
]


class Cursor:
    """Answers by the words of the statement."""

    def __init__(self, statements: list[str], snapshot: int) -> None:
        self.statements, self.snapshot = statements, snapshot

    def execute(self, sql: str) -> None:
        self.statements.append(sql)

    def fetchone(self) -> tuple[Any, ...]:
        return (3, 7) if "count" in self.statements[-1] else (self.snapshot,)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [(None, None, None, None)] if "gone" in self.statements[-1] else COLUMNS

    def arrow_reader(self, batch_size: int) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"No": [batch_size]})


@pytest.fixture(params=[1, 0], ids=["snapshot allowed", "snapshot refused"])
def statements(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the driver was asked, in order; the connection string first."""
    asked: list[str] = []
    driver = ModuleType("mssql_python")

    class Connection:
        def cursor(self) -> Cursor:
            return Cursor(asked, request.param)

        def close(self) -> None:
            asked.append("closed")

    def connect(text: str, **_: Any) -> Connection:
        asked.append(text)
        return Connection()

    driver.__dict__.update(Error=type("Error", (Exception,), {}), connect=connect)
    monkeypatch.setitem(sys.modules, "mssql_python", driver)
    return asked


def test_sql_of_a_session(statements: list[str], request: pytest.FixtureRequest) -> None:
    with closing(open_session(URL)) as session:
        relation = session.relation("Order Head", "dbo", None)
        selection = Selection("Order Head", relation, session.columns("Order Head", relation))
        changed = replace(selection.of(["No", "order", "Changed", "At"]), at_least=(selection.columns[2], 41))
        assert [column.type for column in selection.columns] == ["integer", "text", "integer", "text", "timestamp"]
        assert session.totals(changed, ["Amount"]) == {"rows": 3, "Amount": 7}
        assert next(session.batches(changed, 500)).to_pylist() == [{"No": 500}]
    isolation = "snapshot" if "allowed" in request.node.name else "read committed"
    assert statements[2:4] == [f"set transaction isolation level {isolation}", "begin transaction"]
    where = "from [dbo].[Order Head] where [Changed] >= cast(cast(41 as bigint) as binary(8))"
    assert statements[4].startswith("select name, system_type_name, precision, scale from sys.dm_exec_describe_first")
    assert "(N'select * from [dbo].[Order Head]', null, 0)" in statements[4]
    assert statements[5] == f"select count_big(*), sum([Amount]) {where}"
    assert statements[6] == (
        "select [No] as [No], [order] as [order], cast(cast([Changed] as binary(8)) as bigint) as [Changed],"
        f" cast(switchoffset([At], '+00:00') as datetime2(6)) as [At] {where}"
    )
    assert statements[-1] == "closed"


def test_hostile_names_stay_names(statements: list[str]) -> None:
    with closing(open_session(URL)) as session:
        assert session.relation("a]; drop table b --", None, None) == "[a]]; drop table b --]"
        with pytest.raises(IngestionError, match="table gone does not exist"):
            session.columns("gone", "gone")


def test_connection_string_braces_every_value() -> None:
    address = sa.make_url(f"{URL}?driver=ODBC&TrustServerCertificate=yes")
    assert connection_string(address) == (
        "ApplicationIntent={ReadOnly};SERVER={erp,1444};DATABASE={Sales};UID={reader};PWD={p}}w;x};"
        "TrustServerCertificate={yes};"
    )


def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mssql_python", None)
    with pytest.raises(IngestionError, match=r'install "sales-warehouse\[sqlserver\]"'):
        open_session(URL)
