"""An ERP database by its SQLAlchemy address: changed rows from the cursor on, less a look-back, and all keys each time.

Everything is read in one session, so that all tables show one moment where the database offers that; the database is
asked for counts and sums of the same rows, which must agree with what landed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.contract import TableContract
from ingestion.readings import Reading
from ingestion.sources.erp.config import ErpConfig, ErpTable
from ingestion.sources.erp.databases import open_session
from ingestion.sources.erp.fitting import fitted
from ingestion.sources.erp.misfits import with_misfits
from ingestion.sources.erp.session import Selection, Session
from ingestion.sources.erp.tables import configured_tables


def tables_of(config: ErpConfig) -> Mapping[str, TableContract]:
    """Return the contracts of a load's tables; those that land as they are have only their key and cursor yet."""
    return configured_tables(config)


def build(config: ErpConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all ERP tables that the load includes."""

    @dlt.source(name="erp", max_table_nesting=0)
    def erp() -> Iterator[Any]:
        session = context.exits.enter_context(closing(open_session(config.url.get_secret_value())))
        # Left before the session: a load that stops must not close a connection from which a thread still reads.
        reader = context.exits.enter_context(ThreadPoolExecutor(1))
        for contract in filter(context.wants, tables_of(config).values()):
            if config.tables and contract.name not in config.tables:
                context.notes.append(f"Table {contract.name}: the settings name no source for it, it stays empty.")
                yield context.resource(replace(contract, cursor=None, hard_deletes="never"), lambda _: ())
                continue
            table = _Table(config, session, reader, contract)
            keys = table.keys if table.contract.cursor else None
            yield context.resource(table.contract, table.rows, keys=keys, totals=table.totals, reading=table.reading)

    return erp()


class _Table:
    """One table of the database. Its contract says what the database can keep, `reading` what the settings ask for."""

    def __init__(self, config: ErpConfig, session: Session, reader: Executor, contract: TableContract) -> None:
        self._config, self._session, self._reader = config, session, reader
        chosen = config.tables.get(contract.name, ErpTable())
        relation = session.relation(chosen.table or contract.name, config.db_schema, chosen.query)
        self._selection = Selection(contract.name, relation, session.columns(contract.name, relation))
        self.contract = fitted(contract, self._selection, is_own=bool(config.tables))
        delivered = {column.name for column in self._selection.columns}
        expected = self.contract.expected if config.tables else ()
        left_out = tuple(name for name in expected if name not in delivered)
        self.reading = Reading(chosen.rows_from(contract.name, config.db_schema), left_out)

    def rows(self, cursor: Any) -> Iterator[pa.Table]:
        """Yield the rows whose cursor column is not below `cursor` less the look-back; all of them for None."""
        names = [column.name for column in self._selection.columns]
        # The empty batch tells which columns the table has, also when no row changed.
        yield pa.table([pa.array([], pa.string())] * len(names), names=names)
        selection = self._from(cursor)
        batches = self._session.batches(selection, self._config.batch_rows)
        checked = (with_misfits(batch, self.contract, selection.columns) for batch in batches)
        yield from _read_ahead(self._reader, checked)

    def keys(self) -> Iterator[pa.Table]:
        """Yield the keys of all rows that the table has now."""
        yield from self._session.batches(self._selection.of(self.contract.key), self._config.batch_rows)

    def totals(self, cursor: Any) -> dict[str, Decimal]:
        """Ask the database for the number of the rows that `rows` reads, and the sums of the declared amounts."""
        return self._session.totals(self._from(cursor), self.contract.amounts)

    def _from(self, cursor: Any) -> Selection:
        stamp = self.contract.cursor
        if cursor is None or stamp is None:
            return self._selection
        lowest = cursor
        if isinstance(cursor, date):
            lowest = cursor - self._config.lookback
        elif isinstance(cursor, int):
            lowest = cursor - self._config.lookback_rows
        return replace(self._selection, at_least=(self._selection.of([stamp]).columns[0], lowest))


def _read_ahead(reader: Executor, batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield the batches, while the reader's thread already reads the next one."""
    following = reader.submit(next, batches, None)
    while (batch := following.result()) is not None:
        following = reader.submit(next, batches, None)
        yield batch
