"""Dagster's SQLite event log with its connections kept open.

What belongs here: how the event log connects. What does not: what is written to it, which is Dagster's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

_ENGINES_KEPT = 8
"""The index and the runs in progress; a UI that lists old runs opens and lets go of theirs."""


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """One engine per event log file instead of one per event.

    Dagster's own class makes an engine, opens the file and checkpoints it anew for each of a run's two thousand
    events, which costs more than most of the run's queries.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptSqliteEventLogStorage:
        """What Dagster makes of `dagster.yaml`; its own class would give its own kind."""
        return cls(config_value["base_dir"], inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        # The lock lets one thread at a time use the pool's one connection per file.
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._engines[shard] = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            if len(self._engines) > _ENGINES_KEPT:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def wipe(self) -> None:
        """Forget every run; the files go, so the connections to them must too."""
        self._close_engines()
        super().wipe()

    def dispose(self) -> None:
        """Close every file."""
        super().dispose()
        self._close_engines()

    def _close_engines(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()
