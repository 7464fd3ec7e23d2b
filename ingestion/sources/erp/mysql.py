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

from ingestion.contract import ARROW_TYPES, ColumnType
from ingestion.sources.erp.session import Fault, Selection, Session, SourceColumn, fetch_size, typed

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

_ROWS_AT_A_TIME, _BYTES_AT_A_TIME = 500, 2**15


class MysqlSession(Session):
    """A read-only transaction on one consistent snapshot of all InnoDB tables; times are UTC."""

    errors = (MySQLError, OSError, asyncio.IncompleteReadError, asyncio.TimeoutError)

    def __init__(self, address: sa.URL) -> None:
        super().__init__(address, mysql.dialect(paramstyle="named"))
        self._loop = _Loop()
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
            while parts := self._wait(_fetched(cursor, names, size)):
                yield typed(pa.concat_tables(parts, promote_options="permissive"), selection.columns)
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
            digits = pa.decimal128(14 + scale, scale) if fits else None
            return SourceColumn(name, "decimal" if fits else "text", sql, "decimal", digits)
        kind = _TYPES.get(code, "text")
        return SourceColumn(name, kind, sql, arrow=None if kind == "text" else ARROW_TYPES[kind])


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose connections hand over what arrives in portions.

    The driver turns all that has arrived into Python values before it gives out the first, and takes more each time.
    """

    async def create_connection(self, protocol_factory: Any, *args: Any, **options: Any) -> Any:
        return await super().create_connection(lambda: _InPortions(protocol_factory()), *args, **options)

    async def create_unix_connection(self, protocol_factory: Any, *args: Any, **options: Any) -> Any:
        return await super().create_unix_connection(lambda: _InPortions(protocol_factory()), *args, **options)


class _InPortions(asyncio.BufferedProtocol):
    """The driver's protocol, but for the room that it offers at a time."""

    def __init__(self, protocol: asyncio.BufferedProtocol) -> None:
        self._driver = protocol

    def get_buffer(self, sizehint: int) -> Any:
        return memoryview(self._driver.get_buffer(sizehint))[:_BYTES_AT_A_TIME]

    def buffer_updated(self, nbytes: int) -> None:
        self._driver.buffer_updated(nbytes)

    def eof_received(self) -> bool | None:
        return self._driver.eof_received()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._driver.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._driver.connection_lost(exc)

    def pause_writing(self) -> None:
        self._driver.pause_writing()

    def resume_writing(self) -> None:
        self._driver.resume_writing()


async def _fetched(cursor: Any, names: list[str], batch_rows: int) -> list[pa.Table]:
    """Return the next `batch_rows` rows in small tables: turned into columns while the processor's cache holds them."""
    parts: list[pa.Table] = []
    while batch_rows > 0 and (rows := await cursor.fetchmany(min(_ROWS_AT_A_TIME, batch_rows))):
        parts.append(pa.table([_array(values) for values in zip(*rows, strict=True)], names=names))
        batch_rows -= len(rows)
    return parts


def _array(values: Sequence[Any]) -> pa.Array:
    """Return text, or the bytes of a binary column, as Arrow."""
    is_binary = isinstance(next((value for value in values if value is not None), ""), bytes)
    return pa.array(values, pa.binary() if is_binary else pa.string())
