"""Which rows a suite has yet to pass, and which of its rules are in question.

What belongs here: reading a suite's rows, which stay in question until it has passed on them, remembering what it has
passed, and leaving out what a source's settings have said already. What does not: the suites (expectations) and what a
failure stops (`checks.py`).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from expectations.suite import Suite
from ingestion.load_log import last_reading
from orchestration.state import has_table, open_state, read_only

_RAW_PREFIX = "raw_"


def suite_in_question(state_file: Path, suite: Suite) -> Suite:
    """The suite without warnings about columns that the settings of the last load do not deliver: it has noted them."""
    if not _is_raw(suite):
        return suite
    with read_only(state_file) as connection:
        if not has_table(connection, "ops.load_reading"):
            return suite
    last = last_reading(state_file, suite.schema.removeprefix(_RAW_PREFIX), suite.table)
    return suite.silent_on(last.left_out) if last else suite


def rows_to_audit(state_file: Path, suite: Suite) -> pd.DataFrame:
    """The rows that a suite is applied to, in the suite's columns: of a raw table those it has not passed, else all.

    A raw row is in question until a load with it has passed, however many runs that takes, or until a later load has
    brought another version of its key: so a row is mended at its source. Nothing new gives an empty frame.
    """
    names = ", ".join(f'"{column}"' for column in suite.columns)
    table = f'{suite.schema}."{suite.table}"'
    conditions = [suite.row_filter] if suite.row_filter else []
    if _is_raw(suite):
        table = f"({_newest_unaudited(suite, table)})"
    where = f"where {' and '.join(conditions)}" if conditions else ""
    parameters = [suite.name] if _is_raw(suite) else []
    with read_only(state_file) as connection:
        return connection.execute(f"select {names} from {table} {where}", parameters).df()


def remember_passed(state_file: Path, suite: Suite) -> None:
    """Note that the suite has passed on everything that its raw table holds now."""
    if not _is_raw(suite):
        return
    with open_state(state_file) as connection:
        connection.execute(
            f'insert into audit.passed_load select distinct ?, _load_id from {suite.schema}."{suite.table}"'
            " except select suite, load_id from audit.passed_load",
            [suite.name],
        )


def _newest_unaudited(suite: Suite, table: str) -> str:
    key = ", ".join(f'"{column}"' for column in suite.key)
    return f"""
        select * from {table}
        qualify rank() over (partition by {key} order by _extracted_at desc, _load_id desc) = 1
            and _load_id not in (select load_id from audit.passed_load where suite = ?)
    """


def _is_raw(suite: Suite) -> bool:
    return suite.schema.startswith(_RAW_PREFIX)
