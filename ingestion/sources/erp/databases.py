"""Which reader each kind of database has: a new one is a module beside this and one line here."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from ingestion.sources.erp.mysql import MysqlSession
from ingestion.sources.erp.postgresql import PostgresqlSession
from ingestion.sources.erp.reader import SqlAlchemySession, parse_address
from ingestion.sources.erp.session import Session
from ingestion.sources.erp.sqlite import SqliteSession
from ingestion.sources.erp.sqlserver import SqlServerSession

SESSIONS: dict[str, Callable[[sa.URL], Session]] = {
    "postgresql": PostgresqlSession,
    "mysql": MysqlSession,
    "mariadb": MysqlSession,
    "sqlite": SqliteSession,
    "mssql": SqlServerSession,
}
"""By the name before `+` or `://` in the address; any other database is read through SQLAlchemy."""


def open_session(url: str) -> Session:
    """Open a read-only session; the caller closes it. IngestionError if the address is wrong or nobody answers."""
    address = parse_address(url)
    return SESSIONS.get(address.drivername.partition("+")[0], SqlAlchemySession)(address)
