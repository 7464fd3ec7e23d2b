"""SQLite through ADBC: one read transaction on a file opened read-only.

SQLite types each value, not the column, and the driver takes a column's type from the first rows that it meets. So the
types of all selected values are asked for first, and a row of that kind goes ahead of the others. What belongs here:
the session. What does not: which tables are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import adbc_driver_sqlite.dbapi as adbc
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from ingestion.contract import ARROW_TYPES, ColumnType
from ingestion.errors import IngestionError
from ingestion.sources.erp.session import Fault, Selection, Session, SourceColumn, fetch_size, is_query, typed

_AROUND = re.compile(r"^.*?\[SQLite\] [^:]*: |\nquery: .*", re.DOTALL)
"""What the driver puts before and behind the database's own words."""
_BATCH_ROWS = "adbc.sqlite.query.batch_rows"
_COLUMNS_AT_A_TIME = 200
"""SQLite's limit on the columns of one result is 2,000; each needs two."""


class SqliteSession(Session):
    """A read transaction: writers wait for its end, or go on beside it where the file is in WAL mode."""

    errors = (adbc.Error, pa.ArrowException, OSError)

    def __init__(self, address: sa.URL) -> None:
        super().__init__(address, sqlite.dialect(paramstyle="named"))
        path = address.database or ":memory:"
        if not path.startswith(("file:", ":memory:")):
            if not Path(path).is_file():
                raise IngestionError(
                    f"ERP database {address.render_as_string()} could not be read: unable to open the file, which does"
                    " not exist; check its address."
                )
            path = f"file:{quote(path)}?mode=ro"
        try:
            self._connection = adbc.connect(path, autocommit=True)
            with self._connection.cursor() as cursor:
                cursor.execute("begin")
        except self.errors as error:
            raise self.sentence(error) from None

    def columns(self, name: str, relation: str) -> tuple[SourceColumn, ...]:
        """Return the relation's columns in order; IngestionError if there is no such table."""
        with self.reading(name, relation), self._connection.cursor() as cursor:
            cursor.execute(f"select * from {relation} limit 0")
            names = cursor.fetch_record_batch().schema.names
            declared: dict[str, str] = {}
            if not is_query(relation):
                table = relation.rpartition('."')[2].strip('"').replace('""', '"').replace("'", "''")
                cursor.execute(f"select name, type from pragma_table_xinfo('{table}')")
                declared = dict(cursor.fetchall())
        kinds = {name: _declared_type(declared.get(name) or "") for name in names}
        days = {name: ARROW_TYPES[kind] for name, kind in kinds.items() if kind in ("date", "timestamp")}
        return tuple(SourceColumn(name, kinds[name], self.quoted(name), arrow=days.get(name)) for name in names)

    def batches(self, selection: Selection, batch_rows: int) -> Iterator[pa.Table]:
        """Yield the selected rows as Arrow tables."""
        with self.reading(selection.name, selection.relation), self._connection.cursor() as cursor:
            columns = [_typed(column, *kinds) for column, kinds in self._kinds(selection)]
            guide = f"select {', '.join(sample for _, sample in columns)} union all "
            cursor.adbc_statement.set_options(**{_BATCH_ROWS: str(fetch_size(len(columns), batch_rows))})
            cursor.execute(guide + self.select(selection, [sql for sql, _ in columns]))
            skip = 1
            for batch in cursor.fetch_record_batch():
                read = pa.table(batch.columns, names=[column.name for column in selection.columns]).slice(skip)
                yield typed(read, selection.columns)
                skip = 0

    def row(self, sql: str) -> Sequence[Any]:
        """Return the first row of a query that has one."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return tuple(cursor.fetchone() or ())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def fault(self, error: Exception) -> Fault:
        """Return what an error of the driver means."""
        text = str(error)
        if "no such table" in text or "no such column" in text:
            return "missing"
        return "interrupted" if "database is locked" in text or "database table is locked" in text else "other"

    def said(self, error: Exception) -> str:
        """Return the database's own words in an error of the driver, without the statement that it failed on."""
        return _AROUND.sub("", super().said(error))

    def _kinds(self, selection: Selection) -> Iterator[tuple[SourceColumn, tuple[str | None, str | None]]]:
        """Yield each column with the least and the greatest name of the types that its values have."""
        for start in range(0, len(selection.columns), _COLUMNS_AT_A_TIME):
            columns = selection.columns[start : start + _COLUMNS_AT_A_TIME]
            kinds = [f"nullif(typeof({column.sql}), 'null')" for column in columns]
            found = self.row(self.select(selection, [f"{f}({kind})" for kind in kinds for f in ("min", "max")]))
            yield from zip(columns, zip(found[::2], found[1::2], strict=True), strict=True)


def _declared_type(declaration: str) -> ColumnType:
    """Return the contract type of a declared one; a decimal is text, for SQLite keeps no decimals."""
    words = declaration.upper()
    known: dict[str, ColumnType] = {
        "INT": "integer", "REAL": "double", "FLOA": "double", "DOUB": "double", "TIMESTAMP": "timestamp",
        "DATETIME": "timestamp", "DATE": "date",
    }  # fmt: skip
    return next((kind for word, kind in known.items() if word in words), "text")


def _typed(column: SourceColumn, least: str | None, greatest: str | None) -> tuple[str, str]:
    """Return the SQL of a column whose values have one type, and a value of that type."""
    if (least, greatest) == ("integer", "integer"):
        return column.sql, "0"
    if least in ("integer", "real") and greatest == "real":
        return f"cast({column.sql} as real)", "0.0"
    if least == greatest and least in (None, "text"):
        return column.sql, "''"
    return (
        f"case typeof({column.sql}) when 'real' then printf('%!.17g', {column.sql})"
        f" when 'blob' then '\\x' || hex({column.sql}) else cast({column.sql} as text) end"
    ), "''"
