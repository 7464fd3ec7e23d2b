"""What the ERP database shows to the warehouse's user: tables, columns, rows, newest change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchTableError

from ingestion.contract import TableContract
from ingestion.errors import CredentialsError, IngestionError
from ingestion.findings import SourceFindings, TableFinding, compare_columns
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.reader import connect
from ingestion.sources.erp.tables import TABLES

EXACT_BELOW = 1_000_000
"""Tables that the database's own statistics call larger are not counted: that would read them whole."""

_REFUSED = re.compile(r"password authentication failed|no pg_hba|access denied for user|login failed", re.IGNORECASE)
_STATISTICS = {
    "postgresql": "select reltuples from pg_class where oid = to_regclass(:relation)",
    "mysql": "select table_rows from information_schema.tables"
    " where table_schema = coalesce(:schema, database()) and table_name = :name",
}
_ALWAYS_UNKNOWN = (
    "states between two loads: only the last one is seen.",
    "changes that do not raise the row version.",
)


def probe(config: ErpConfig) -> SourceFindings:
    """Look at every table of the contract; IngestionError if the database does not answer or refuses the user."""
    with _connected(config) as connection:
        tables = tuple(_look_at(connection, contract, config.db_schema) for contract in TABLES.values())
    return SourceFindings("erp", True, True, tables, _ALWAYS_UNKNOWN)


@contextmanager
def _connected(config: ErpConfig) -> Iterator[sa.Connection]:
    try:
        with connect(config.url.get_secret_value()) as connection:
            yield connection
    except IngestionError as error:
        if _REFUSED.search(str(error)):
            raise CredentialsError(str(error)) from None
        raise


def _look_at(connection: sa.Connection, contract: TableContract, schema: str | None) -> TableFinding:
    try:
        columns = [str(column["name"]) for column in sa.inspect(connection).get_columns(contract.name, schema=schema)]
    except NoSuchTableError:
        return TableFinding(
            contract.name,
            problem=f"Table {contract.name} does not exist or is hidden; create it or grant access.",
        )
    finding = compare_columns(contract, columns)
    if finding.problem:
        return finding
    try:
        return _counted(connection, contract, schema, finding)
    except DBAPIError as error:
        # A statement that failed ends the transaction; the next table needs a new one.
        connection.rollback()
        return replace(finding, problem=f"Table {contract.name} cannot be read: {error.orig}; grant access to it.")


def _counted(
    connection: sa.Connection, contract: TableContract, schema: str | None, finding: TableFinding
) -> TableFinding:
    source = sa.table(contract.name, *(sa.column(column.name) for column in contract.columns), schema=schema)
    stamp = source.c[_stamp(contract, finding)]
    estimate = _estimated_rows(connection, contract.name, schema)
    if estimate is not None and estimate >= EXACT_BELOW:
        newest = connection.execute(sa.select(sa.func.max(stamp))).scalar()
        return replace(finding, rows=estimate, is_estimate=True, newest=_text(newest))
    rows, newest = connection.execute(sa.select(sa.func.count(), sa.func.max(stamp)).select_from(source)).one()
    return replace(finding, rows=int(rows), newest=_text(newest))


def _stamp(contract: TableContract, finding: TableFinding) -> str:
    """The column that says when a row changed: the cursor, or better a timestamp of that name."""
    if any(column.name == "updated_at" for column in contract.columns) and "updated_at" not in finding.missing:
        return "updated_at"
    return str(contract.cursor)


def _estimated_rows(connection: sa.Connection, table: str, schema: str | None) -> int | None:
    statement = _STATISTICS.get(connection.dialect.name)
    if statement is None:
        return None
    quote = connection.dialect.identifier_preparer.quote
    relation = ".".join(quote(part) for part in (schema, table) if part)
    values = {"relation": relation, "schema": schema, "name": table}
    wanted = {name: value for name, value in values.items() if f":{name}" in statement}
    found = connection.execute(sa.text(statement), wanted).scalar()
    return None if found is None else int(found)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
