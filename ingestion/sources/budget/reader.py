"""Turn budget files into raw rows: one per number, with its cell, or with the reason why it cannot be used.

What belongs here: versions of files, members, units, periods, and what rejects a sheet. What does not: finding the
table (`layout.py`) and reading its numbers (`body.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fnmatch import fnmatch
from typing import Any

from ingestion.casting import MISFIT
from ingestion.drop_folder import DroppedFile
from ingestion.errors import IngestionError
from ingestion.sources.budget.body import Body, Entry, WrongTotalError, prove_totals, read_body
from ingestion.sources.budget.grid import Grid, address, read_grids
from ingestion.sources.budget.layout import Layout, LayoutError, find_layout
from ingestion.sources.budget.members import Members, UnknownMemberError
from ingestion.sources.budget.templates import DateRows, Template

Row = dict[str, Any]
_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class VersionedFile:
    """A budget file with the version label it carries, unique among files of other content."""

    file: DroppedFile
    template: Template
    budget_version: str
    fiscal_year: int | None


def assign_versions(files: list[tuple[DroppedFile, Template]], kept: Mapping[str, str]) -> list[VersionedFile]:
    """Label files by name; a file re-sent under a used label with other content gets `.2`, `.3` and so on.

    `files` are ordered by age; `kept` gives the label per SHA-256 of contents loaded before, which keep theirs. Of
    files with equal content only the first is returned.
    """
    labels, used, versioned = dict(kept), set(kept.values()), []
    seen: set[str] = set()
    for file, template in files:
        read = template.version.read(file.path.stem)
        if read is None:
            raise IngestionError(
                f"Budget file {file.name}: its name does not tell the version as template {template.name} expects"
                f" ({template.version.pattern}); rename the file."
            )
        if file.sha256 in seen:
            continue
        seen.add(file.sha256)
        label, year = read
        if file.sha256 not in labels:
            labels[file.sha256] = _free_label(label, used)
            used.add(labels[file.sha256])
        versioned.append(VersionedFile(file, template, labels[file.sha256], year))
    return versioned


def _free_label(label: str, used: set[str]) -> str:
    if label not in used:
        return label
    number = 2
    while f"{label}.{number}" in used:
        number += 1
    return f"{label}.{number}"


def read_file(versioned: VersionedFile, members: Members, note: Callable[[str], None]) -> Iterator[Row]:
    """Yield the rows of all sheets that the template reads; `note` is told what is worth knowing."""
    template = versioned.template
    grids = read_grids(versioned.file, encoding=template.encoding, delimiter=template.delimiter)
    chosen = [grid for grid in grids if _is_read(grid.sheet, template)]
    if not chosen:
        raise IngestionError(
            f"Budget file {versioned.file.name}: template {template.name} reads none of its sheets"
            f" ({', '.join(grid.sheet for grid in grids)}); correct the template."
        )
    taken: dict[tuple[Any, ...], str] = {}
    for grid in chosen:
        sheet = _Sheet(versioned, grid, members, taken)
        yield from sheet.rows(note)


def _is_read(sheet: str, template: Template) -> bool:
    name = sheet.casefold()
    if template.sheets.include:
        return any(fnmatch(name, pattern.casefold()) for pattern in template.sheets.include)
    return not any(fnmatch(name, pattern.casefold()) for pattern in template.sheets.exclude)


def _hidden_parts(grid: Grid, body: Body, layout: Layout) -> Iterator[str]:
    """Name what a person who opens the sheet does not see and the load reads all the same."""
    if grid.is_hidden:
        yield "the sheet is hidden, it was read all the same"
    rows = sorted(grid.hidden_rows & set(body.body_rows))
    if rows:
        yield f"rows {', '.join(map(str, rows))} are hidden, they were read all the same"
    columns = sorted(grid.hidden_columns)
    if columns:
        read = [address(1, column)[:-1] for column in columns if column in layout.periods]
        unread = [address(1, column)[:-1] for column in columns if column not in layout.periods]
        yield from (f"column {letter} is hidden, it was read all the same" for letter in read)
        yield from (f"column {letter} is hidden and no part of the budget" for letter in unread)


class _Sheet:
    """One sheet of one file; `taken` remembers per file which cell spoke first for a budget key."""

    def __init__(
        self, versioned: VersionedFile, grid: Grid, members: Members, taken: dict[tuple[Any, ...], str]
    ) -> None:
        self._versioned, self._grid, self._members, self._taken = versioned, grid, members, taken
        self._where = f"file {versioned.file.name}, sheet {grid.sheet}"

    def rows(self, note: Callable[[str], None]) -> Iterator[Row]:
        """Yield one row per number; all of them with the same reason where the sheet as a whole is refused."""
        template = self._versioned.template
        try:
            layout = find_layout(self._grid, template)
        except LayoutError as error:
            yield self._row("A1") | {MISFIT: f"{self._where}: {error}; nothing of the sheet was loaded"}
            return
        body = read_body(self._grid, layout, template)
        for remark in _hidden_parts(self._grid, body, layout):
            note(f"Budget {self._where}: {remark}")
        refusal: str | None = None
        try:
            for remark in prove_totals(self._grid, layout, template, body):
                note(f"Budget {self._where}: total not proven, {remark}")
        except WrongTotalError as error:
            refusal = f"{self._where}, {error}; nothing of the sheet was loaded, correct the sheet and send it again"
        for entry in body.entries:
            yield self._entry(entry, layout, refusal)

    def _entry(self, entry: Entry, layout: Layout, refusal: str | None) -> Row:
        names = {name: self._grid.text(entry.row, column) for name, column in layout.members.items()}
        row = self._row(entry.cell) | names | {"currency": layout.currency, "unit_factor": layout.factor}
        row["approved_at"] = layout.approved_at
        raw = self._grid.value(entry.row, entry.column) if entry.value is None else entry.value * layout.factor
        row["amount"] = str(raw.quantize(_PLACES, ROUND_HALF_EVEN)) if isinstance(raw, Decimal) else str(raw)
        try:
            if refusal is not None:
                raise ValueError(refusal)
            if entry.problem is not None:
                raise ValueError(self._at(entry, entry.problem))
            row |= self._period(entry, layout)
            row |= self._resolved(entry, names)
            self._claim(entry, row)
        except ValueError as error:
            row[MISFIT] = str(error)
        return row

    def _resolved(self, entry: Entry, names: dict[str, str]) -> Row:
        if names and not any(names.values()):
            raise ValueError(self._at(entry, "the row has numbers but names nobody they belong to"))
        try:
            return {column: self._members.resolve(column, name) for column, name in names.items()}
        except UnknownMemberError as error:
            raise ValueError(self._at(entry, str(error))) from None

    def _period(self, entry: Entry, layout: Layout) -> Row:
        template = self._versioned.template
        if layout.date_column is None:
            return {"fiscal_year": self._versioned.fiscal_year, "fiscal_period": layout.periods[entry.column]}
        value = self._grid.value(entry.row, layout.date_column)
        where = address(entry.row, layout.date_column)
        if not isinstance(template.periods, DateRows):
            text = self._grid.text(entry.row, layout.date_column)
            if not text.isdigit():
                raise ValueError(f"{self._where}, cell {where}: expected a calendar year, found “{text}”")
            return {"period_start": date(int(text) + template.date_shift_years, layout.periods[entry.column], 1)}
        return {"period_start": _shifted(self._date(value, where), template.date_shift_years)}

    def _date(self, value: Any, where: str) -> date:
        if isinstance(value, datetime):
            return value.date()
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value or "").strip())
        except ValueError:
            raise ValueError(f"{self._where}, cell {where}: expected a date, found “{value}”") from None

    def _claim(self, entry: Entry, row: Row) -> None:
        keys = ("territory", "product_category", "sales_rep", "fiscal_year", "fiscal_period", "period_start")
        key = tuple(row.get(name) for name in keys)
        first = self._taken.setdefault(key, f"sheet {self._grid.sheet}, cell {entry.cell}")
        if first != f"sheet {self._grid.sheet}, cell {entry.cell}":
            raise ValueError(self._at(entry, f"this budget is given twice, first in {first}"))

    def _at(self, entry: Entry, problem: str) -> str:
        return f"{self._where}, cell {entry.cell}: {problem}"

    def _row(self, cell: str) -> Row:
        versioned = self._versioned
        return {
            "file_sha256": versioned.file.sha256,
            "source_file": versioned.file.name,
            "source_sheet": self._grid.sheet,
            "source_cell": cell,
            "template": versioned.template.name,
            "budget_version": versioned.budget_version,
            "measure": versioned.template.measure,
            "file_modified_at": versioned.file.modified_at,
        }


def _shifted(day: date, years: int) -> date:
    """Return the same day `years` later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
