"""An ERP database over SQLAlchemy: rows from the highest rowversion on, less a look-back, and all keys each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.contract import TableContract
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.reader import column_names, connect, read_table
from ingestion.sources.erp.tables import TABLES


def build(config: ErpConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all ERP tables that the load includes."""

    @dlt.source(name="erp", max_table_nesting=0)
    def erp() -> Iterator[Any]:
        for contract in filter(context.wants, TABLES.values()):
            table = _Table(config, contract)
            yield context.resource(contract, table.rows, keys=table.keys)

    return erp()


class _Table:
    """One table of the database, read afresh by every call."""

    def __init__(self, config: ErpConfig, contract: TableContract) -> None:
        self._config, self._contract = config, contract

    def rows(self, cursor: Any) -> Iterator[pa.Table]:
        """Yield the rows whose rowversion is not below `cursor` less the look-back; all of them for None."""
        stamp = self._contract.cursor
        at_least = None if cursor is None or stamp is None else (stamp, cursor - self._config.lookback_rows)
        with connect(self._config.url.get_secret_value()) as connection:
            columns = column_names(connection, self._contract.name, self._config.db_schema)
            # The empty batch tells which columns the table has, also when no row changed.
            yield pa.table([pa.array([], pa.string())] * len(columns), names=columns)
            yield from read_table(
                connection,
                self._contract.name,
                columns,
                schema=self._config.db_schema,
                at_least=at_least,
                batch_rows=self._config.batch_rows,
            )

    def keys(self) -> Iterator[pa.Table]:
        """Yield the keys of all rows that the table has now."""
        with connect(self._config.url.get_secret_value()) as connection:
            yield from read_table(
                connection,
                self._contract.name,
                self._contract.key,
                schema=self._config.db_schema,
                batch_rows=self._config.batch_rows,
            )
