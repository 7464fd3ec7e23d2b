"""MySQL and MariaDB through asyncmy: rows as the server writes them, in one consistent snapshot.

asyncmy streams a result over one connection, which a snapshot needs: a reader that opens connections of its own cannot
share one here. What belongs here: the session and MySQL's types. What does not: which tables are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from typing import Any

import asyncmy
import pyarrow as pa
import sqlalchemy as sa
from asyncmy.constants import FIELD_TYPE
from asyncmy.cursors import SSCursor
from asyncmy.errors import MySQLError
from sqlalchemy.dialects import mysql

from ingestion.contract import ColumnType
from ingestion.sources.erp.session import Fault, Selection, Session, SourceColumn, fetch_size

_TYPES: dict[int, ColumnType] = {
    FIELD_TYPE.TINY: "integer", FIELD_TYPE.SHORT: "integer", FIELD_TYPE.INT24: "integer",
    FIELD_TYPE.LONG: "integer", FIELD_TYPE.LONGLONG: "integer", FIELD_TYPE.BIT: "integer",
    FIELD_TYPE.FLOAT: "double", FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.DATE: "date", FIELD_TYPE.DATETIME: "timestamp", FIELD_TYPE.TIMESTAMP: "timestamp",
}  # fmt: skip
_DECIMALS = (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL)

_INTERRUPTIONS = {1040, 1053, 1205, 1213, 1317, 1927, 1969, 2002, 2003, 2006, 2013, 2055, 3024}
"""Too many connections, shutdown, lock and statement timeouts, deadlock, killed, gone, lost."""
_MISSING = {1049, 1054, 1146}


class MysqlSession(Session):
    """A read-only transaction on one consistent snapshot of all InnoDB tables; times are UTC."""

    errors = (MySQLError, OSError, asyncio.IncompleteReadError, asyncio.TimeoutError)

    def __init__(self, address: sa.URL) -> None:
        super().__init__(address, mysql.dialect(paramstyle="named"))
        self._loop = asyncio.new_event_loop()
        try:
            self._connection = self._wait(self._connect())
        except self.errors as error:
            self._loop.close()
            raise self.sentence(error) from None

    def columns(self, name: str, relation: str) -> tuple[SourceColumn, ...]:
        """Return the relation's columns in order; IngestionError if there is no such table."""
        with self.reading(name, relation):
            description = self._wait(self._described(f"select * from {relation} limit 0"))
        return tuple(self._column(*field) for field in description)

    def batches(self, selection: Selection, batch_rows: int) -> Iterator[pa.Table]:
        """Yield the selected rows as Arrow tables."""
        names = [column.name for column in selection.columns]
        size = fetch_size(len(names), batch_rows)
        with self.reading(selection.name, selection.relation):
            cursor = self._wait(self._executed(self.select(selection)))
            while rows := self._wait(cursor.fetchmany(size)):
                yield pa.table([_array(values) for values in zip(*rows, strict=True)], names=names)
            self._wait(cursor.close())

    def row(self, sql: str) -> Sequence[Any]:
        """Return the first row of a query that has one."""
        return tuple(self._wait(self._first(sql)))

    def close(self) -> None:
        """Give the connection back."""
        # Until the loop has closed the socket the server keeps the snapshot and its locks.
        with suppress(*self.errors):
            self._wait(self._connection.ensure_closed())
        self._wait(asyncio.sleep(0))
        self._loop.close()

    def fault(self, error: Exception) -> Fault:
        """Return what an error of the driver means."""
        code = error.args[0] if error.args and isinstance(error, MySQLError) else None
        if code in _INTERRUPTIONS or not isinstance(error, MySQLError):
            return "interrupted"
        return "missing" if code in _MISSING else "other"

    def said(self, error: Exception) -> str:
        """Return the database's own words in an error of the driver, without its number."""
        words = error.args[1:2] if isinstance(error, MySQLError) else ()
        return str(*words) or super().said(error)

    def _wait(self, step: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(step)

    async def _connect(self) -> Any:
        query = dict(self.address.query)
        tls = {name.removeprefix("ssl_"): query.pop(name) for name in list(query) if name.startswith("ssl_")}
        connection = await asyncmy.connect(
            host=self.address.host or "localhost",
            port=self.address.port or 3306,
            user=self.address.username,
            password=self.address.password or "",
            database=self.address.database,
            unix_socket=query.get("unix_socket"),
            init_command=query.get("init_command"),
            charset="utf8mb4",
            ssl=tls or None,
            conv={},  # values stay the text that the server sends: nothing is rounded or refused on the way
        )
        async with connection.cursor() as cursor:
            await cursor.execute("set session time_zone = '+00:00'")
            await cursor.execute("set session transaction isolation level repeatable read")
            await cursor.execute("start transaction with consistent snapshot, read only")
        return connection

    async def _executed(self, sql: str) -> Any:
        cursor = self._connection.cursor(cursor=SSCursor)
        await cursor.execute(sql)
        return cursor

    async def _described(self, sql: str) -> Any:
        async with self._connection.cursor() as cursor:
            await cursor.execute(sql)
            return cursor.description

    async def _first(self, sql: str) -> Any:
        async with self._connection.cursor() as cursor:
            await cursor.execute(sql)
            return await cursor.fetchone()

    def _column(self, name: str, code: int, _: Any, size: int, __: Any, scale: int, ___: Any) -> SourceColumn:
        sql = self.quoted(name)
        if code == FIELD_TYPE.BIT:
            sql = f"cast({sql} as unsigned)"
        if code in _DECIMALS:
            # The size counts the sign and the point as digits.
            fits = scale <= 4 and size - 1 - bool(scale) - scale <= 14
            return SourceColumn(name, "decimal" if fits else "text", sql, "decimal")
        return SourceColumn(name, _TYPES.get(code, "text"), sql)


def _array(values: Sequence[Any]) -> pa.Array:
    """Return text, or the bytes of a binary column, as Arrow."""
    is_binary = isinstance(next((value for value in values if value is not None), ""), bytes)
    return pa.array(values, pa.binary() if is_binary else pa.string())
