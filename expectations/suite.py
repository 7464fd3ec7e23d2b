"""What a suite is: plain data, so that declaring suites costs no import of Great Expectations.

Here: the types and the vocabulary of expectations. Not here: evaluating them (`runner.py`) and the suites of single
tables (`<schema>__<table>.py`). Assertions inside the warehouse are dbt tests; suites hold at the Python borders.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warn"]

SHORT_NAMES = {
    "ExpectColumnValuesToNotBeNull": "not_null",
    "ExpectColumnValuesToBeNull": "null",
    "ExpectColumnValuesToBeBetween": "between",
    "ExpectColumnValuesToBeInSet": "in_set",
    "ExpectColumnValuesToMatchRegex": "matches",
    "ExpectColumnValueLengthsToBeBetween": "length",
    "ExpectColumnPairValuesAToBeGreaterThanB": "at_least",
    "ExpectColumnValuesToBeUnique": "unique",
    "ExpectCompoundColumnsToBeUnique": "unique",
    "ExpectColumnMaxToBeBetween": "max",
}
"""Great Expectations class → last part of the check id; an expectation of another type has no place in a suite yet."""


@dataclass(frozen=True)
class Expect:
    """One expectation: a Great Expectations class by name, its arguments, and whether a failure blocks."""

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity = "error"

    def __post_init__(self) -> None:
        if self.type not in SHORT_NAMES:
            raise ValueError(f"Expectation {self.type} is not one of {', '.join(SHORT_NAMES)}.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the expectation reads, in the order of its arguments."""
        named = [self.kwargs[name] for name in ("column", "column_A", "column_B") if name in self.kwargs]
        return (*named, *self.kwargs.get("column_list", ()))

    @property
    def name(self) -> str:
        """``<columns>.<what>``, the check id within its suite."""
        return f"{'+'.join(self.columns)}.{SHORT_NAMES[self.type]}"


@dataclass(frozen=True)
class Suite:
    """The expectations of one table at a border.

    `key` are columns by which a message names a failing row: never personal data. `row_filter`, if given, is the SQL
    condition that selects the rows the suite speaks about; the caller applies it when it reads the frame.
    """

    schema: str
    table: str
    key: tuple[str, ...]
    expectations: tuple[Expect, ...]
    row_filter: str | None = None
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = [*self.key, *(column for expect in self.expectations for column in expect.columns)]
        object.__setattr__(self, "columns", tuple(dict.fromkeys(names)))
        ids = [expect.name for expect in self.expectations]
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise ValueError(f"Suite {self.name}: {', '.join(repeated)} stated twice.")

    @property
    def name(self) -> str:
        """``schema/table``, as in the asset graph."""
        return f"{self.schema}/{self.table}"

    def silent_on(self, columns: Collection[str]) -> Suite:
        """The suite without the warnings that read one of `columns`, which are known to be empty; errors stay."""
        kept = [e for e in self.expectations if e.severity == "error" or set(e.columns).isdisjoint(columns)]
        return replace(self, expectations=tuple(kept))

    def check_id(self, expect: Expect) -> str:
        """``schema/table.columns.what``, the id in `quality.check_result`."""
        return f"{self.name}.{expect.name}"


def raw_suite(source: str, table: str, key: tuple[str, ...], *groups: Sequence[Expect]) -> Suite:
    """A suite on a raw table, for the rows that it has not passed yet.

    Raw tables hold versions, so the suite is applied to what loads have brought since it passed last, and not to
    tombstones, which may carry the key alone. Repeated rows are only a warning: staging removes them.
    """
    return Suite(
        schema=f"raw_{source}",
        table=table,
        key=key,
        expectations=(
            *not_null(*key),
            *unique(*key, "_row_hash", severity="warn"),
            *(expect for group in groups for expect in group),
        ),
        row_filter="_deleted_at is null",
    )


def not_null(*columns: str, severity: Severity = "error") -> list[Expect]:
    """Each column has a value in every row."""
    return [Expect("ExpectColumnValuesToNotBeNull", {"column": column}, severity) for column in columns]


def null(*columns: str, severity: Severity = "error") -> list[Expect]:
    """Each column is empty in every row."""
    return [Expect("ExpectColumnValuesToBeNull", {"column": column}, severity) for column in columns]


def between(
    *columns: str,
    low: float | None = None,
    high: float | None = None,
    mostly: float = 1.0,
    severity: Severity = "error",
) -> list[Expect]:
    """Each column's values lie in [low, high] in at least the share `mostly` of the rows that have one."""
    limits = {"min_value": low, "max_value": high, "mostly": mostly}
    return [Expect("ExpectColumnValuesToBeBetween", {"column": column, **limits}, severity) for column in columns]


def in_set(column: str, values: Sequence[Any], severity: Severity = "error") -> list[Expect]:
    """The column's values are members of `values`."""
    return [Expect("ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(values)}, severity)]


def matches(*columns: str, regex: str, severity: Severity = "error") -> list[Expect]:
    """Each column's values have the form `regex`."""
    kwargs = [{"column": column, "regex": regex} for column in columns]
    return [Expect("ExpectColumnValuesToMatchRegex", arguments, severity) for arguments in kwargs]


def not_blank(column: str, severity: Severity = "error") -> list[Expect]:
    """The column's texts, where present, have at least one character."""
    return [Expect("ExpectColumnValueLengthsToBeBetween", {"column": column, "min_value": 1}, severity)]


def at_least(column: str, other: str, severity: Severity = "error") -> list[Expect]:
    """`column` ≥ `other` in every row that has both."""
    kwargs = {"column_A": column, "column_B": other, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    return [Expect("ExpectColumnPairValuesAToBeGreaterThanB", kwargs, severity)]


def unique(*columns: str, severity: Severity = "error", ignore_missing: bool = False) -> list[Expect]:
    """No two rows agree in all columns.

    A missing value equals a missing value unless `ignore_missing`; in a single column missing values are ignored.
    """
    if len(columns) == 1:
        return [Expect("ExpectColumnValuesToBeUnique", {"column": columns[0]}, severity)]
    ignore = "any_value_is_missing" if ignore_missing else "never"
    return [
        Expect("ExpectCompoundColumnsToBeUnique", {"column_list": list(columns), "ignore_row_if": ignore}, severity)
    ]


def max_between(
    column: str, low: float | None = None, high: float | None = None, severity: Severity = "error"
) -> list[Expect]:
    """The column's greatest value lies in [low, high]; an empty column fails."""
    return [Expect("ExpectColumnMaxToBeBetween", {"column": column, "min_value": low, "max_value": high}, severity)]
