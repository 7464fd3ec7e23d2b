"""Databases of the tests' own: on the servers that the environment names, or a SQLite file.

Only making, filling and dropping them belongs here; expectations stay in the tests.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

SERVERS = {"postgresql": "SALESWH_TEST_POSTGRES", "mariadb": "SALESWH_TEST_MARIADB"}
_DRIVERS = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql", "sqlite": "sqlite"}
_KINDS = {"postgresql": "postgresql", "sqlite": "sqlite"}


def is_named(kind: str) -> bool:
    """Whether the environment names a server of the kind."""
    return bool(os.environ.get(SERVERS[kind]))


@contextmanager
def empty_database(kind: str, options: str = "") -> Iterator[str]:
    """Give the address of a new database; the test is skipped where no server of the kind is named."""
    if kind == "sqlite":
        with TemporaryDirectory(prefix="saleswh_") as folder:
            yield f"sqlite:///{folder}/erp.sqlite"
        return
    server = os.environ.get(SERVERS[kind])
    if not server:
        pytest.skip(f"{SERVERS[kind]} names no {kind} server")
    name = f"saleswh_{uuid.uuid4().hex[:12]}"
    run(server, f"create database {name} {options}", kind)
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        force = " with (force)" if kind == "postgresql" else ""
        run(server, f"drop database if exists {name}{force}", kind)


def kind_of(url: str) -> str:
    """The kind of database that an address names."""
    return _KINDS.get(sa.make_url(url).get_backend_name(), "mariadb")


def engine(url: str, kind: str | None = None) -> sa.Engine:
    """An engine for writing into the database, committing each statement."""
    address = sa.make_url(url).set(drivername=_DRIVERS[kind or kind_of(url)])
    return sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def run(url: str, sql: str, kind: str | None = None) -> None:
    """Run statements, one per line that ends with a semicolon."""
    with engine(url, kind).connect() as connection:
        for statement in sql.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.strip().rstrip(";").replace("%", "%%"))
