"""SQL Server through Microsoft's own driver, mssql-python, which hands out Arrow.

The driver is no part of the usual installation: `pip install "sales-warehouse[sqlserver]"`. What belongs here: the
session and SQL Server's types. What does not: which tables are read.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from ingestion.contract import ColumnType
from ingestion.errors import IngestionError
from ingestion.sources.erp.session import Fault, Selection, Session, SourceColumn, fetch_size, is_query, query_failed

_TYPES: dict[str, ColumnType] = {
    "bit": "boolean", "tinyint": "integer", "smallint": "integer", "int": "integer", "bigint": "integer",
    "real": "double", "float": "double", "money": "decimal", "smallmoney": "decimal", "date": "date",
    "datetime": "timestamp", "smalldatetime": "timestamp", "datetime2": "timestamp", "datetimeoffset": "timestamp",
}  # fmt: skip
_ROW_VERSIONS = ("timestamp", "rowversion")
_SPECIAL_SQL = {
    # A row version is eight bytes that grow; as a number it can be compared and kept.
    **dict.fromkeys(_ROW_VERSIONS, "cast(cast({0} as binary(8)) as bigint)"),
    "datetimeoffset": "cast(switchoffset({0}, '+00:00') as datetime2(6))",
    "datetime2": "cast({0} as datetime2(6))",
    "xml": "cast({0} as nvarchar(max))",
    "uniqueidentifier": "cast({0} as nvarchar(36))",
    "sql_variant": "cast({0} as nvarchar(4000))",
    "hierarchyid": "{0}.ToString()",
    "geography": "{0}.ToString()",
    "geometry": "{0}.ToString()",
}
_CAN_SNAPSHOT = "select snapshot_isolation_state from sys.databases where database_id = db_id()"
_INTERRUPTIONS = ("08S01", "08001", "08007", "HYT00", "HYT01", "40001", "(1222)", "(1205)", "timeout expired")


class SqlServerSession(Session):
    """One transaction, on a snapshot where the database allows that isolation, else on committed rows."""

    def __init__(self, address: sa.URL) -> None:
        super().__init__(address, mssql.dialect(paramstyle="named"))  # type: ignore[no-untyped-call]
        try:
            driver = importlib.import_module("mssql_python")
        except ModuleNotFoundError:
            raise IngestionError(
                "ERP database: SQL Server needs the package mssql-python, which is not installed; install"
                ' "sales-warehouse[sqlserver]".'
            ) from None
        self.errors = (driver.Error, pa.ArrowException, OSError)
        try:
            self._connection = driver.connect(connection_string(address), autocommit=True)
            allowed = str(self.row(_CAN_SNAPSHOT)[0]) == "1"
            self._run(f"set transaction isolation level {'snapshot' if allowed else 'read committed'}")
            self._run("begin transaction")
        except self.errors as error:
            raise self.sentence(error) from None

    def columns(self, name: str, relation: str) -> tuple[SourceColumn, ...]:
        """Return the relation's columns in order; IngestionError if there is no such table."""
        described = (
            "select name, system_type_name, precision, scale from sys.dm_exec_describe_first_result_set("
            f"{self._text(f'select * from {relation}')}, null, 0) order by column_ordinal"
        )
        with self.reading(name, relation):
            rows = self._run(described).fetchall()
        if not rows or rows[0][0] is None:
            if is_query(relation):
                raise query_failed(name, "the database finds no columns in it")
            raise IngestionError(
                f"ERP database: table {name} does not exist; grant access to it or take it out of the contract."
            )
        return tuple(self._column(*row) for row in rows)

    def batches(self, selection: Selection, batch_rows: int) -> Iterator[pa.Table]:
        """Yield the selected rows as Arrow tables."""
        size = fetch_size(len(selection.columns), batch_rows)
        with self.reading(selection.name, selection.relation):
            for batch in self._run(self.select(selection)).arrow_reader(batch_size=size):
                yield pa.Table.from_batches([batch])

    def row(self, sql: str) -> Sequence[Any]:
        """Return the first row of a query that has one."""
        return tuple(self._run(sql).fetchone())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def select(self, selection: Selection, columns: Sequence[str] | None = None) -> str:
        """Return the SQL of the selected rows."""
        # count(*) is an int here and ends at two thousand million.
        counted = [("count_big(*)" if column == "count(*)" else column) for column in columns or []]
        return super().select(selection, counted or None)

    def literal(self, column: SourceColumn, value: Any) -> str:
        """Return the value of a cursor as SQL that compares with `column`."""
        text = super().literal(column, value)
        if column.source_type in _ROW_VERSIONS:
            return f"cast(cast({text} as bigint) as binary(8))"
        return text

    def fault(self, error: Exception) -> Fault:
        """Return what an error of the driver means."""
        text = str(error)
        if "Invalid object name" in text or "Invalid column name" in text:
            return "missing"
        return "interrupted" if any(sign in text for sign in _INTERRUPTIONS) else "other"

    def _column(self, name: str, system_type: str, precision: int, scale: int) -> SourceColumn:
        kind = system_type.partition("(")[0].lower()
        sql = _SPECIAL_SQL.get(kind, "{0}").format(self.quoted(name))
        if kind in _ROW_VERSIONS:
            return SourceColumn(name, "integer", sql, kind)
        if kind in ("decimal", "numeric"):
            return SourceColumn(name, "decimal" if scale <= 4 and precision - scale <= 14 else "text", sql, kind)
        return SourceColumn(name, _TYPES.get(kind, "text"), sql, kind)

    def _run(self, sql: str) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        return cursor

    def _text(self, value: str) -> str:
        return "N'" + value.replace("'", "''") + "'"


def connection_string(address: sa.URL) -> str:
    """Return the driver's connection string of an address; values are braced, so that none can add a key."""
    server = f"{address.host or 'localhost'},{address.port or 1433}"
    parts = {"SERVER": server, "DATABASE": address.database, "UID": address.username, "PWD": address.password}
    known = {key: str(value) for key, value in parts.items() if value}
    options = {key: str(value) for key, value in address.query.items() if key.lower() != "driver"}
    intent = {"ApplicationIntent": "ReadOnly"}
    return "".join(f"{key}={_braced(value)};" for key, value in {**intent, **known, **options}.items())


def _braced(value: str) -> str:
    return "{" + value.replace("}", "}}") + "}"
