"""Which run made the build: a stamp in the build file for each set of dbt models.

What belongs here: giving, taking away and comparing stamps. What does not: building, and what the checks found
(`audit.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from orchestration.state import has_table, read_only

BUILD_SETS = ("core", "downstream")
"""The sets of dbt models in their order; a new build of one makes those after it out of date."""

_TABLE = "ops.build_stamp"
_DDL = f"create schema if not exists ops; create table if not exists {_TABLE} (build_set varchar, run_id varchar)"


def take_stamp_away(build_file: Path, build_set: str) -> None:
    """Before a set is built: what it makes, and what stands on it, belongs to no run until it is whole again."""
    if build_file.is_file():
        _write(build_file, "delete from {table} where list_contains(?, build_set)", [_from(build_set)])


def give_stamp(build_file: Path, build_set: str, run_id: str) -> None:
    """After the whole set was built and tested by the run `run_id`."""
    _write(build_file, "insert into {table} values (?, ?)", [build_set, run_id])


def sets_not_built_by(build_file: Path, run_id: str) -> list[str]:
    """The sets of models that the run `run_id` has not built as a whole; none when the build is all its own."""
    if not build_file.is_file():
        return list(BUILD_SETS)
    with read_only(build_file) as connection:
        if not has_table(connection, _TABLE):
            return list(BUILD_SETS)
        rows = connection.execute(f"select build_set from {_TABLE} where run_id = ?", [run_id]).fetchall()
    own = {row[0] for row in rows}
    return [name for name in BUILD_SETS if name not in own]


def _from(build_set: str) -> Sequence[str]:
    return BUILD_SETS[BUILD_SETS.index(build_set) :]


def _write(build_file: Path, statement: str, parameters: list[object]) -> None:
    with closing(duckdb.connect(str(build_file))) as connection:
        connection.execute(_DDL)
        connection.execute(statement.format(table=_TABLE), parameters)
