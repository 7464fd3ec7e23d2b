"""What a dbt test has found, in words: a few of the rows that fail, or the values that are not accepted.

What belongs here: asking the two warehouse files for them after dbt has ended, and their words. What does not: running
the tests (dbt) and keeping what they found (`audit.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from orchestration.rows import Rows, as_cell

_ROWS, _VALUES = 3, 10
_COLUMNS, _LETTERS = 5, 60
_COUNT = "n_records"
"""Last column of dbt's own tests on values, which give each value once, with the number of its rows."""

_ONE_COLUMN = re.compile(r"\A\s*select\s+(\w+)\s+from\s", re.IGNORECASE)
_FAILING = ("fail", "warn")


def findings(build_file: Path, state_file: Path, results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What each failing test among dbt's `results` has found, by its unique id; nothing of one that cannot be asked.

    The files are opened for this alone, read-only: dbt must have ended.
    """
    failing = [r for r in results if r["status"] in _FAILING and r.get("compiled_code")]
    if not failing or not build_file.is_file():
        return {}
    try:
        with closing(_opened(build_file, state_file)) as connection:
            return {result["unique_id"]: _finding(connection, result) for result in failing}
    except duckdb.Error:
        # What dbt says of the test is enough to go by; a run must not end for want of examples.
        return {}


def _opened(build_file: Path, state_file: Path) -> duckdb.DuckDBPyConnection:
    """The build as dbt's profile opens it, with the state beside it."""
    connection = duckdb.connect(str(build_file), read_only=True)
    connection.execute(f"attach '{str(state_file).replace(chr(39), chr(39) * 2)}' as state (read_only)")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _finding(connection: duckdb.DuckDBPyConnection, result: Mapping[str, Any]) -> str:
    count = int(result.get("failures") or 0)
    try:
        asked = f"select distinct * from (\n{_with_whole_rows(result['compiled_code'])}\n) order by all limit {_VALUES}"
        rows = Rows.of(connection.execute(asked))
    except duckdb.Error:
        return _failing(count, "row")
    if rows.columns[-1] == _COUNT:
        values = ", ".join(f"{_text(record[0])} ({_counted(record[-1], 'row')})" for record in rows.records)
        return f"{_failing(count, 'value')}: {values}{', …' if count > len(rows.records) else ''}"
    examples = "; ".join(_row(rows.columns, record) for record in rows.records[:_ROWS])
    return f"{_failing(count, 'row')}, for example {examples}" if examples else _failing(count, "row")


def _with_whole_rows(sql: str) -> str:
    """A test on one column selects that alone, which tells of no row; the others come after it."""
    return _ONE_COLUMN.sub(lambda found: f"select {found[1]}, * exclude ({found[1]}) from ", sql)


def _row(columns: Sequence[str], record: Sequence[Any]) -> str:
    shown = list(zip(columns, record, strict=True))[:_COLUMNS]
    return ", ".join(f"{name} = {_text(value)}" for name, value in shown)


def _failing(count: int, what: str) -> str:
    return f"{_counted(count, what)} {'fails' if count == 1 else 'fail'}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _text(value: Any) -> str:
    text = "empty" if value is None else " ".join(as_cell(value).split())
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
