"""Which rows a suite has yet to pass: raw rows stay in question until the suite has passed on them.

What belongs here: reading a suite's rows and remembering what it has passed. What does not: the suites (expectations)
and what a failure stops (`checks.py`).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from expectations.suite import Suite
from orchestration.state import open_state, read_only

_RAW_PREFIX = "raw_"


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
