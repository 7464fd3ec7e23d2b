"""What the ERP database shows to the warehouse's user: tables, columns, rows, newest change.

Tables and queries of the settings are looked at as a load would read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from ingestion.contract import TableContract
from ingestion.errors import CredentialsError, IngestionError
from ingestion.findings import SourceFindings, TableFinding, compare_columns
from ingestion.sources.erp.config import ErpConfig, ErpTable
from ingestion.sources.erp.databases import open_session
from ingestion.sources.erp.fitting import fitted, undelivered
from ingestion.sources.erp.session import Selection, Session
from ingestion.sources.erp.tables import TABLES, configured_tables

EXACT_BELOW = 1_000_000
"""Tables that the database's own statistics call larger are not counted: that would read them whole."""

_REFUSED = re.compile(r"password authentication failed|no pg_hba|access denied for user|login failed", re.IGNORECASE)
_STATISTICS = {
    "postgresql": "select coalesce((select reltuples from pg_class where oid = to_regclass({relation})), -1)",
    "mysql": "select coalesce(max(table_rows), -1) from information_schema.tables"
    " where table_schema = coalesce({schema}, database()) and table_name = {table}",
}
_ALWAYS_UNKNOWN = (
    "states between two loads: only the last one is seen.",
    "changes that do not raise the cursor (the row version).",
)


def probe(config: ErpConfig) -> SourceFindings:
    """Look at every table that a load reads; IngestionError if the database does not answer or refuses the user."""
    tables = tuple(_look_at(config, contract) for contract in configured_tables(config).values())
    return SourceFindings("erp", True, True, tables, _ALWAYS_UNKNOWN)


@contextmanager
def _session(config: ErpConfig) -> Iterator[Session]:
    try:
        with closing(open_session(config.url.get_secret_value())) as session:
            yield session
    except IngestionError as error:
        if _REFUSED.search(str(error)):
            raise CredentialsError(str(error)) from None
        raise


def _look_at(config: ErpConfig, contract: TableContract) -> TableFinding:
    if config.tables and contract.name not in config.tables:
        return TableFinding(contract.name, note="the settings name no source for it, it stays empty")
    # A session of its own: in PostgreSQL a statement that failed spoils those after it.
    with _session(config) as session:
        return _seen(session, config, contract)


def _seen(session: Session, config: ErpConfig, contract: TableContract) -> TableFinding:
    chosen = config.tables.get(contract.name, ErpTable())
    relation = session.relation(chosen.table or contract.name, config.db_schema, chosen.query)
    try:
        selection = Selection(contract.name, relation, session.columns(contract.name, relation))
        fitted(contract, selection, is_own=contract.name in config.tables)
        names = [column.name for column in selection.columns]
        finding = compare_columns(contract, names)
        if contract.name not in TABLES:
            # A table that lands as it is declares only its key and its cursor.
            finding = replace(finding, undeclared=())
        elif missed := undelivered(contract, names):
            finding = replace(finding, note=f"{', '.join(missed)} may not be empty, but nothing delivers it")
        return finding if finding.problem else _counted(session, config, contract, selection, finding)
    except IngestionError as error:
        return TableFinding(contract.name, problem=str(error))


def _counted(
    session: Session, config: ErpConfig, contract: TableContract, selection: Selection, finding: TableFinding
) -> TableFinding:
    stamp = "updated_at" if "updated_at" in {column.name for column in selection.columns} else contract.cursor
    newest = f"max({session.quoted(stamp)})" if stamp else "null"
    estimate = _estimated_rows(session, config, contract)
    with session.reading(contract.name, selection.relation):
        if estimate >= EXACT_BELOW:
            (latest,) = session.row(session.select(selection, [newest]))
            return replace(finding, rows=estimate, is_estimate=True, newest=_text(latest))
        rows, latest = session.row(session.select(selection, ["count(*)", newest]))
    return replace(finding, rows=int(rows), newest=_text(latest))


def _estimated_rows(session: Session, config: ErpConfig, contract: TableContract) -> int:
    """Return the rows that the database's statistics tell; -1 where it keeps none, or for a query."""
    chosen = config.tables.get(contract.name, ErpTable())
    statement = _STATISTICS.get(session.dialect.name)
    if statement is None or chosen.query:
        return -1
    table = chosen.table or contract.name
    relation = session.relation(table, config.db_schema, "")
    values = {"relation": relation, "schema": config.db_schema, "table": table}
    with session.reading(contract.name):
        (rows,) = session.row(statement.format(**{name: _literal(value) for name, value in values.items()}))
    return int(rows)


def _literal(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
