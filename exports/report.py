"""The vocabulary of a report: one definition from which every format is written.

What belongs here: `Report`, `Table`, `Column`, `Chart`. What does not: SQL of any one report (`reports/`) and file
formats (`writers/`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ColumnKind = Literal["text", "integer", "money", "ratio", "number", "date"]


@dataclass(frozen=True)
class Column:
    """One column of a report table: the name in the query, the heading people read, and how it is shown.

    `kind` money is in the reporting currency, ratio is 0–1 and shown as a percentage. `signed` colours a value by
    its sign.
    """

    name: str
    heading: str
    kind: ColumnKind = "text"
    signed: bool = False


@dataclass(frozen=True)
class Chart:
    """A picture of a table: one category column, one or more value columns."""

    kind: Literal["column", "line"]
    title: str
    category: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One sheet of a workbook and one CSV file: a query on the release, shown as `columns`.

    `query` names the release's tables as ``schema.table`` and may use the parameter ``$as_of``, the business date.
    `grain` says what one row is. `emphasis` names a column and its value whose rows are set in bold (totals).
    """

    name: str
    title: str
    grain: str
    query: str
    columns: tuple[Column, ...]
    chart: Chart | None = None
    emphasis: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"Report table {self.name} names a column twice.")
        charted = {self.chart.category, *self.chart.values} if self.chart else set()
        if unknown := sorted(charted - set(names)):
            raise ValueError(f"Report table {self.name} charts columns that it does not show: {', '.join(unknown)}.")


@dataclass(frozen=True)
class Report:
    """One report: what it answers, for whom, how often, from which release tables, in which tables.

    `inputs` are the release tables that its queries read; its exposure declares the same. `definitions` explain the
    metrics that it shows, by their id in the metric book.
    """

    report_id: str
    title: str
    question: str
    cadence: Literal["weekly", "monthly"]
    audience: str
    breakdowns: str
    requirement_ids: tuple[str, ...]
    inputs: tuple[str, ...]
    tables: tuple[Table, ...]
    definitions: tuple[tuple[str, str], ...] = field(default=())
