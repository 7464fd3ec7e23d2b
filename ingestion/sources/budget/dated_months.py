"""Read which months with their years stand above a sheet's columns: one after the other, none left out.

What belongs here: the sequence of months. What does not: one header's text (`months.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from ingestion.sources.budget.months import UnclearMonthError, read_month
from ingestion.workbook.grid import address

HOW = "write month and year as Feb 2024, 2024-02 or a date, or give the template the month's names"


def dated_columns(
    headers: Mapping[int, Sequence[Any]], row: int, names: Sequence[str], only: str | None
) -> dict[int, int]:
    """Return year × 100 + month of each column of `headers` that a month heads; `row` is the last header row.

    UnclearMonthError where a year is not clear, or where the months do not follow one another.
    """
    months: dict[int, date] = {}
    for column, values in headers.items():
        try:
            month = read_month(values, names, only)
        except UnclearMonthError as error:
            raise UnclearMonthError(f"cell {address(row, column)}: the header {error}; {HOW}") from None
        if month:
            months[column] = month
    if not months:
        raise UnclearMonthError(f"no column of the header in row {row} is headed by a month and a year alone; {HOW}")
    _refuse_gaps(months, row)
    return {column: month.year * 100 + month.month for column, month in months.items()}


def _refuse_gaps(months: Mapping[int, date], row: int) -> None:
    for (before, first), (column, second) in pairwise(sorted(months.items())):
        steps = (second.year - first.year) * 12 + second.month - first.month
        if steps == 1 or second in [month for other, month in months.items() if other < column]:
            continue
        raise UnclearMonthError(
            f"cell {address(row, column)}: {second:%b %Y} follows {first:%b %Y} in {address(row, before)}; the months"
            f" must follow one another from left to right without a gap, correct the header: {HOW}"
        )
