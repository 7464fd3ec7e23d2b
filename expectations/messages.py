"""What a failed expectation says: one sentence with table, column, rule, how many rows, and a few of them.

Here: wording only. Not here: evaluating expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from expectations.suite import Expect, Suite

SAMPLE_SIZE = 3
MAX_VALUE_LENGTH = 60
VALUELESS_RULES = (
    "ExpectColumnValuesToNotBeNull",
    "ExpectColumnValuesToBeUnique",
    "ExpectCompoundColumnsToBeUnique",
)
"""Rules whose failing rows are told by their key alone: the value is empty, or is the key."""


def _limits(kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"between {low} and {high}"


_RULES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "ExpectColumnValuesToNotBeNull": lambda kwargs: "must not be empty",
    "ExpectColumnValuesToBeNull": lambda kwargs: "must be empty",
    "ExpectColumnValuesToBeBetween": lambda kwargs: f"must be {_limits(kwargs)}",
    "ExpectColumnValuesToBeInSet": lambda kwargs: f"must be one of {', '.join(map(str, kwargs['value_set']))}",
    "ExpectColumnValuesToMatchRegex": lambda kwargs: f"must have the form {kwargs['regex']}",
    "ExpectColumnValueLengthsToBeBetween": lambda kwargs: f"must have a length of {_limits(kwargs)}",
    "ExpectColumnPairValuesAToBeGreaterThanB": lambda kwargs: f"must not be less than {kwargs['column_B']}",
    "ExpectColumnValuesToBeUnique": lambda kwargs: "must be unique",
    "ExpectCompoundColumnsToBeUnique": lambda kwargs: "must be unique together",
    "ExpectColumnMaxToBeBetween": lambda kwargs: f"must have a greatest value of {_limits(kwargs)}",
}


def rule(suite: Suite, expect: Expect) -> str:
    """``Table raw_erp/invoice: column currency must not be empty``."""
    subject = expect.kwargs.get("column") or expect.kwargs.get("column_A")
    what = f"column {subject}" if subject else f"columns {', '.join(expect.columns)}"
    mostly = expect.kwargs.get("mostly", 1.0)
    share = "" if mostly >= 1.0 else f" in at least {mostly:.0%} of its rows"
    return f"Table {suite.name}: {what} {_RULES[expect.type](expect.kwargs)}{share}"


def passed(suite: Suite, expect: Expect, row_count: int) -> str:
    """The sentence of an expectation that holds."""
    return f"{rule(suite, expect)}: holds for {row_count} rows."


def rows_failed(suite: Suite, expect: Expect, frame: pd.DataFrame, count: int, positions: Sequence[int]) -> str:
    """The sentence of failing rows; `positions` are those of some of them in `frame`."""
    samples = "; ".join(_row(suite, expect, frame.iloc[position]) for position in positions[:SAMPLE_SIZE])
    example = f", for example {samples}" if samples else ""
    return f"{rule(suite, expect)}: {count} of {len(frame)} rows fail{example}."


def table_failed(suite: Suite, expect: Expect, observed: Any) -> str:
    """The sentence of an expectation on a whole column."""
    return f"{rule(suite, expect)}: it is {_short(observed)}."


def column_missing(suite: Suite, expect: Expect, names: Sequence[str]) -> str:
    """The sentence of an expectation whose column is not there."""
    return f"{rule(suite, expect)}, but the table has no {', '.join(names)}. Load or build it again."


def not_evaluated(suite: Suite, expect: Expect, reason: str) -> str:
    """The sentence of an expectation that could not be evaluated."""
    return f"{rule(suite, expect)}: could not be checked ({_short(reason)})."


def _row(suite: Suite, expect: Expect, row: pd.Series) -> str:
    key = ", ".join(f"{name} {_short(row[name])}" for name in suite.key if name in row.index)
    if expect.type in VALUELESS_RULES:
        return key
    values = ", ".join(f"{name} = {_short(row[name])}" for name in expect.columns if name not in suite.key)
    return f"{key} with {values}" if values else key


def _short(value: Any) -> str:
    text = "empty" if pd.isna(value) else " ".join(str(value).split())
    return text if len(text) <= MAX_VALUE_LENGTH else text[: MAX_VALUE_LENGTH - 1] + "…"
