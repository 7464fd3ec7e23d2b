"""Evaluate a suite on a frame with Great Expectations.

Here: the only import of Great Expectations, made inside the call because it takes seconds, through one ephemeral
context without analytics that all suites of a process share. Not here: reading tables, recording or acting on
results; the caller (`orchestration/checks.py`) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from expectations import messages
from expectations.suite import Expect, Severity, Suite

RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": messages.SAMPLE_SIZE}


@dataclass(frozen=True)
class ExpectationResult:
    """Outcome of one expectation; `failing_rows` is 1 where a rule about a whole column fails."""

    check_id: str
    severity: Severity
    passed: bool
    failing_rows: int
    message: str


@dataclass(frozen=True)
class SuiteResult:
    """Outcome of a suite in the order of its expectations; `passed` unless one of severity error failed."""

    table: str
    passed: bool
    expectations: tuple[ExpectationResult, ...]


def run_suite(suite: Suite, frame: pd.DataFrame) -> SuiteResult:
    """Evaluate every expectation of `suite` on `frame`.

    In: a frame with `suite.columns` (others are ignored), any index; the rows that `suite.row_filter` selects. Out:
    one result per expectation. A column that is missing and an expectation that cannot be evaluated fail; they never
    pass silently. An empty frame passes all rules about rows.
    """
    rows = frame.reset_index(drop=True)
    possible = [expect for expect in suite.expectations if not _missing(expect, rows)]
    outcomes = _validate(rows[[c for c in suite.columns if c in rows.columns]], possible) if possible else {}
    results = tuple(_result(suite, expect, rows, outcomes.get(expect.name)) for expect in suite.expectations)
    is_blocked = any(not result.passed and result.severity == "error" for result in results)
    return SuiteResult(suite.name, not is_blocked, results)


def _missing(expect: Expect, rows: pd.DataFrame) -> list[str]:
    return [name for name in expect.columns if name not in rows.columns]


@cache
def _context() -> Any:
    import great_expectations

    context: Any = great_expectations.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _validate(rows: pd.DataFrame, expects: list[Expect]) -> dict[str, Any]:
    """Great Expectations' own results by the name of the expectation."""
    import great_expectations
    import great_expectations.expectations as library

    built = [getattr(library, e.type)(**e.kwargs, meta={"name": e.name}) for e in expects]
    batch = _context().data_sources.pandas_default.read_dataframe(rows)
    gx_suite = great_expectations.ExpectationSuite(name="suite", expectations=built)
    outcome = batch.validate(gx_suite, result_format=RESULT_FORMAT)
    return {result.expectation_config.meta["name"]: result for result in outcome.results}


def _result(suite: Suite, expect: Expect, rows: pd.DataFrame, outcome: Any) -> ExpectationResult:
    if outcome is None:
        message = messages.column_missing(suite, expect, _missing(expect, rows))
        return _failure(suite, expect, max(len(rows), 1), message)
    if outcome.success:
        message = messages.passed(suite, expect, len(rows))
        return ExpectationResult(suite.check_id(expect), expect.severity, True, 0, message)
    if "unexpected_count" in outcome.result:
        count = int(outcome.result["unexpected_count"])
        positions = outcome.result.get("partial_unexpected_index_list") or []
        return _failure(suite, expect, count, messages.rows_failed(suite, expect, rows, count, positions))
    if "observed_value" in outcome.result:
        return _failure(suite, expect, 1, messages.table_failed(suite, expect, outcome.result["observed_value"]))
    return _failure(suite, expect, max(len(rows), 1), messages.not_evaluated(suite, expect, _reason(outcome)))


def _failure(suite: Suite, expect: Expect, failing_rows: int, message: str) -> ExpectationResult:
    return ExpectationResult(suite.check_id(expect), expect.severity, False, failing_rows, message)


def _reason(outcome: Any) -> str:
    """What Great Expectations says of an expectation that raised; nested one level for some metrics."""
    info = outcome.exception_info or {}
    details = [info, *(value for value in info.values() if isinstance(value, dict))]
    said = [detail["exception_message"] for detail in details if detail.get("exception_message")]
    return str(said[0]) if said else "no reason given"
