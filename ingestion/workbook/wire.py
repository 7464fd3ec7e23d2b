"""How a sheet goes from the worker to its parent: lines of JSON, one head and then chunks of rows per sheet.

JSON, not pickles: what a hostile file might make of the worker must not run in the parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import orjson

from ingestion.workbook.grid import CellError, FormatRuns, Grid, NumberFormat, Uncalculated, runs
from ingestion.workbook.limits import WorkbookRefusedError
from ingestion.workbook.reader import ReadSheet

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def write_sheet(sheet: ReadSheet) -> Iterator[bytes]:
    """Yield the lines of one sheet."""
    details = sheet.details
    formats = [
        [column, first, last, special.is_percent, special.currency, special.scale, special.named]
        for column, runs in details.formats.columns.items()
        for first, last, special in runs
    ]
    head = {
        "sheet": sheet.name,
        "merged": details.merged,
        "hidden_rows": runs(details.hidden_rows),
        "hidden_columns": runs(details.hidden_columns),
        "formats": formats,
        "is_hidden": sheet.is_hidden,
        "is_1904": sheet.is_1904,
        "notes": [*sheet.notes, *details.notes],
        "untold": sheet.untold,
    }
    yield orjson.dumps(head)
    for rows in sheet.rows:
        for row in rows:
            _trim(row)
        yield orjson.dumps(rows, default=_encoded, option=_OPTIONS)


def write_refusal(error: WorkbookRefusedError) -> bytes:
    """Return the line that says why a file cannot be read."""
    return orjson.dumps({"refused": str(error)})


def read_sheets(lines: Iterable[bytes]) -> Iterator[Grid]:
    """Yield the grids that `write_sheet` wrote; WorkbookRefusedError where `write_refusal` did."""
    head: dict[str, Any] | None = None
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        content = orjson.loads(line)
        if isinstance(content, dict):
            if "refused" in content:
                raise WorkbookRefusedError(str(content["refused"]))
            if head is not None:
                yield _grid(head, rows)
            head, rows = content, []
        else:
            has_special = b"{" in line
            rows += [tuple(map(_decoded, row)) if has_special else tuple(row) for row in content]
    if head is not None:
        yield _grid(head, rows)


def _grid(head: dict[str, Any], rows: list[tuple[Any, ...]]) -> Grid:
    formats = FormatRuns()
    for column, first, last, is_percent, currency, scale, named in head["formats"]:
        formats.columns.setdefault(column, []).append((first, last, _number_format(is_percent, currency, scale, named)))
    return Grid(
        sheet=head["sheet"],
        rows=tuple(rows),
        merged=tuple((a, b, c, d) for a, b, c, d in head["merged"]),
        hidden_rows=_numbers(head["hidden_rows"]),
        hidden_columns=_numbers(head["hidden_columns"]),
        formats=formats,
        is_hidden=head["is_hidden"],
        is_1904=head["is_1904"],
        notes=tuple(head["notes"]),
        untold=tuple(head["untold"]),
    )


@lru_cache(maxsize=1024)
def _number_format(is_percent: bool, currency: str, scale: int, named: int) -> NumberFormat:
    return NumberFormat(is_percent, currency, scale, named)


def _numbers(found: list[list[int]]) -> frozenset[int]:
    return frozenset(number for first, last in found for number in range(first, last + 1))


def _trim(row: list[Any]) -> None:
    while row and row[-1] == "":
        del row[-1]


def _encoded(value: Any) -> Any:
    if isinstance(value, CellError):
        return {"error": value.code}
    if isinstance(value, Uncalculated):
        return {"formula": value.formula}
    if isinstance(value, datetime | date):
        return {"date": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    raise TypeError(f"a cell holds {type(value).__name__}")


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "error" in value:
        return CellError(str(value["error"]))
    if "formula" in value:
        return Uncalculated(str(value["formula"]))
    moment = str(value["date"])
    return datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
