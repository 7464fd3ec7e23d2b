"""Turn one sheet into raw rows: one per number or record, with its cell, or with the reason why it cannot be used.

What belongs here: members, units, periods, what may be said once only, and what rejects a sheet. What does not:
finding the table (`layout.py`), reading its numbers (`body.py`), choosing files and sheets (`reader.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ingestion.casting import MISFIT
from ingestion.sources.budget.body import Body, Entry, holds_numbers, read_body, record_rows
from ingestion.sources.budget.dates import is_serial, read_date
from ingestion.sources.budget.header import LayoutError
from ingestion.sources.budget.kinds import KINDS, FieldType, KindField
from ingestion.sources.budget.layout import Layout, find_layout
from ingestion.sources.budget.members import Members, UnknownMemberError
from ingestion.sources.budget.numbers import NotANumberError, raw_text
from ingestion.sources.budget.proof import WrongTotalError, prove_totals, summed_rows
from ingestion.sources.budget.records import no_name, record_currency, record_number
from ingestion.sources.budget.templates import CalendarMonthColumns, DatedMonthColumns, DateRows
from ingestion.sources.budget.unread import LostColumnError, remarks, unread_columns
from ingestion.sources.budget.versions import VersionedFile
from ingestion.workbook.file_kinds import TEXT_SUFFIXES
from ingestion.workbook.grid import Grid, address, column_letters, column_list, row_list

Row = dict[str, Any]


@dataclass
class SheetSummary:
    """What was found on one sheet: where its table is, and how many of its totals were proven.

    `header_row` is 0 where no table was found; `untold` are sentences on what the file's format has no place for.
    """

    sheet: str
    header_row: int = 0
    totals_proven: int = 0
    totals_not_loaded: int = 0
    untold: tuple[str, ...] = ()


class SheetReader:
    """One sheet of one file; `taken` remembers per file which cell spoke first for a key."""

    def __init__(
        self, versioned: VersionedFile, grid: Grid, members: Members, taken: dict[tuple[Any, ...], str]
    ) -> None:
        self._versioned, self._grid, self._members, self._taken = versioned, grid, members, taken
        self._template, self._kind = versioned.template, KINDS[versioned.template.kind]
        self._where = f"file {versioned.file.name}, sheet {grid.sheet}"
        self._serial_dates: list[str] = []
        self._percentages: list[str] = []
        self.summary = SheetSummary(grid.sheet, untold=grid.untold)

    def rows(self, note: Callable[[str], None]) -> Iterator[Row]:
        """Yield one row per number or record; all with the same reason where the sheet as a whole is refused."""
        try:
            layout = find_layout(self._grid, self._template)
        except LayoutError as error:
            yield origin(self._versioned, self._grid.sheet, "A1") | {
                MISFIT: f"{self._where}: {error}; nothing of the sheet was loaded"
            }
            return
        body = read_body(self._grid, layout, self._template)
        self.summary.header_row, self.summary.totals_not_loaded = layout.header_row, len(body.total_rows)
        if not self._kind.is_spread:
            body.body_rows = record_rows(self._grid, layout, self._template)
        for remark in self._remarks(body, layout):
            note(f"Budget {self._where}: {remark}")
        if self._kind.is_spread:
            refusal = self._lost_column(body, layout, note) or self._wrong_total(body, layout, note)
            yield from [self._entry(entry, layout, refusal) for entry in body.entries]
        else:
            yield from [self._record(row, layout) for row in body.body_rows]
        if self._serial_dates:
            note(f"Budget {self._where}: dates written as numbers were read as dates ({self._serial_dates[0]} first)")
        if self._percentages:
            note(f"Budget {self._where}: percentages were read as fractions ({self._percentages[0]} first)")

    def _lost_column(self, body: Body, layout: Layout, note: Callable[[str], None]) -> str | None:
        try:
            unread = unread_columns(self._grid, layout, self._template, body.body_rows)
        except LostColumnError as error:
            return f"{self._where}, {error}; nothing of the sheet was loaded"
        told = {*self._grid.hidden_columns, *(layout.totals.unread if layout.totals.unmatched else ())}
        for remark in remarks(layout, [column for column in unread if column not in told]):
            note(f"Budget {self._where}: {remark}")
        return None

    def _wrong_total(self, body: Body, layout: Layout, note: Callable[[str], None]) -> str | None:
        try:
            proof = prove_totals(self._grid, layout, self._template, body)
            self.summary.totals_proven = proof.proven
            for remark in proof.unproven:
                note(f"Budget {self._where}: total not proven, {remark}")
        except WrongTotalError as error:
            return f"{self._where}, {error}; nothing of the sheet was loaded, correct the sheet and send it again"
        return None

    def _remarks(self, body: Body, layout: Layout) -> Iterator[str]:
        """Name what a person who opens the sheet does not see and the load reads all the same."""
        yield from (*self._grid.notes, *layout.remarks)
        if self._kind.is_spread:
            yield from self._unproven_labels(body, layout)
            yield from self._unnamed_totals(body, layout)
        if self._grid.is_hidden:
            yield "the sheet is hidden, it was read all the same"
        rows = self._grid.hidden_rows & set(body.body_rows)
        if rows:
            yield f"rows {row_list(rows)} are hidden, they were read all the same"
        read = self._grid.hidden_columns & {*layout.periods, *layout.members.values()}
        yield from (f"column {column_letters(column)} is hidden, it was read all the same" for column in sorted(read))
        if unread := self._grid.hidden_columns - read:
            yield f"column {column_list(unread)} is hidden and no part of the {self._kind.name}"

    def _unproven_labels(self, body: Body, layout: Layout) -> Iterator[str]:
        """Name the declared labels of totals that head no column while columns with numbers are left over."""
        numbers = {c for c in layout.totals.unread if holds_numbers(self._grid, c, body.body_rows, self._template)}
        if numbers and layout.totals.unmatched:
            labels = " or ".join(f"“{label}”" for label in layout.totals.unmatched)
            yield (
                f"no column is headed {labels}, as totals: column_labels says; the numbers of column"
                f" {column_list(numbers)} were neither loaded nor proven"
            )

    def _unnamed_totals(self, body: Body, layout: Layout) -> Iterator[str]:
        for row, rows in summed_rows(layout, body).items():
            name = " ".join(filter(None, self._names(row, layout).values()))
            yield (
                f"row {row} (“{name}”) is in every month the sum of rows {row_list(rows)} and was read like them; if it"
                " is a total, name it under totals: row_labels"
            )

    def _entry(self, entry: Entry, layout: Layout, refusal: str | None) -> Row:
        names = self._names(entry.row, layout)
        row = origin(self._versioned, self._grid.sheet, entry.cell) | names
        row["approved_at"] = layout.approved_at
        if self._kind.is_money:
            row |= {"currency": layout.currency, "unit_factor": layout.factor}
        if self._kind.name == "budget":
            row["measure"] = self._template.measure
        raw = self._grid.value(entry.row, entry.column) if entry.value is None else entry.value * layout.factor
        row[self._kind.value] = str(raw)
        try:
            if refusal is not None:
                raise ValueError(refusal)
            self._refuse_overlong(entry.row, layout)
            if entry.problem is not None:
                raise ValueError(self._at(entry.cell, entry.problem))
            row[self._kind.value] = self._raw(raw, "decimal", entry.cell)
            row |= self._period(entry, layout)
            for name, column in layout.members.items():
                self._refuse_no_name(name, entry.row, column)
            row |= self._resolved(entry.cell, names)
            self._claim(entry.cell, row)
        except ValueError as error:
            row[MISFIT] = str(error)
        return row

    def _record(self, at: int, layout: Layout) -> Row:
        cell = address(at, layout.members[self._kind.value])
        row = origin(self._versioned, self._grid.sheet, cell) | {"approved_at": layout.approved_at}
        row |= {name: self._grid.text(at, column) or None for name, column in layout.members.items()}
        try:
            self._refuse_overlong(at, layout)
            for field in self._kind.fields:
                if field.name in layout.members:
                    row[field.name] = self._field(field, at, layout)
            if self._kind.is_money:
                row["currency"] = record_currency(self._grid, self._template, layout, at)
            self._claim(cell, row)
        except ValueError as error:
            row[MISFIT] = str(error)
        return row

    def _field(self, field: KindField, row: int, layout: Layout) -> Any:
        """Return a record's field as the raw table takes it; ValueError names the cell."""
        column = layout.members[field.name]
        value, cell = self._grid.value(row, column), address(row, column)
        found: Any = None
        if self._grid.text(row, column):
            if field.type == "date":
                return self._date(value, cell).isoformat()
            if field.type == "text":
                self._refuse_no_name(field.name, row, column)
                return self._resolved(cell, {field.name: self._grid.text(row, column)})[field.name]
            found = self._number(field, row, layout)
        if found is None and field.required:
            raise ValueError(self._at(cell, f"the {field.name} is missing"))
        return found

    def _number(self, field: KindField, row: int, layout: Layout) -> str | None:
        cell = address(row, layout.members[field.name])
        try:
            found = record_number(self._grid, self._template, layout, field, row)
        except NotANumberError as error:
            raise ValueError(self._at(cell, str(error))) from None
        if found.remark:
            self._percentages.append(f"{cell}: {found.remark}")
        return found.text

    def _raw(self, number: Decimal, type_: FieldType, cell: str) -> str:
        try:
            return raw_text(number, type_)
        except NotANumberError as error:
            raise ValueError(self._at(cell, str(error))) from None

    def _refuse_no_name(self, name: str, row: int, column: int) -> None:
        if problem := no_name(self._grid, row, column):
            raise ValueError(self._at(address(row, column), f"expected the {name}, found {problem}"))

    def _refuse_overlong(self, row: int, layout: Layout) -> None:
        """Refuse a line of a text with more cells than its header: a separator inside a value has moved the others."""
        if self._versioned.file.path.suffix.lower() not in TEXT_SUFFIXES:
            return
        last = max((column for column, texts in layout.headings.items() if any(texts)), default=0)
        beyond = next((c for c in range(last + 1, self._grid.width + 1) if self._grid.text(row, c)), None)
        if beyond is not None:
            problem = (
                f"line {row} has more cells than the header in line {layout.header_row}, which ends in"
                f" {address(layout.header_row, last)}; put a value that holds the delimiter into quotes"
            )
            raise ValueError(self._at(address(row, beyond), problem))

    def _names(self, row: int, layout: Layout) -> dict[str, str]:
        return {name: self._grid.text(row, column) for name, column in layout.members.items()}

    def _resolved(self, cell: str, names: dict[str, str]) -> Row:
        if names and not any(names.values()):
            raise ValueError(self._at(cell, "the row has numbers but names nobody they belong to"))
        try:
            return {column: self._members.resolve(column, name) for column, name in names.items()}
        except UnknownMemberError as error:
            raise ValueError(self._at(cell, str(error))) from None

    def _period(self, entry: Entry, layout: Layout) -> Row:
        kind, period = self._template.periods, layout.periods[entry.column]
        if isinstance(kind, DatedMonthColumns):
            return {"period_start": _shifted(date(period // 100, period % 100, 1), self._template.date_shift_years)}
        if layout.date_column is None:
            return {"fiscal_year": self._versioned.fiscal_year, "fiscal_period": period}
        value, where = self._grid.value(entry.row, layout.date_column), address(entry.row, layout.date_column)
        if isinstance(kind, CalendarMonthColumns):
            text = self._grid.text(entry.row, layout.date_column)
            if not re.fullmatch(r"\d{4}", text) or not 1900 <= int(text) <= 2200:
                raise ValueError(self._at(where, f"expected a calendar year, found “{text[:60]}”"))
            return {"period_start": date(int(text) + self._template.date_shift_years, period, 1)}
        assert isinstance(kind, DateRows)
        return {"period_start": _shifted(self._date(value, where), self._template.date_shift_years)}

    def _date(self, value: Any, cell: str) -> date:
        try:
            found = read_date(value, self._template.dates, is_1904=self._grid.is_1904)
        except ValueError as error:
            raise ValueError(self._at(cell, str(error))) from None
        if found is None:
            raise ValueError(self._at(cell, "expected a date, found nothing"))
        if is_serial(value):
            self._serial_dates.append(f"{cell}: {value:g} is {found}")
        return found

    def _claim(self, cell: str, row: Row) -> None:
        key = tuple(row.get(name) for name in self._kind.key)
        place = f"sheet {self._grid.sheet}, cell {cell}"
        first = self._taken.setdefault(key, place)
        if first != place:
            raise ValueError(
                self._at(cell, f"this {self._kind.name} is given twice, first in {first}; keep one of the two")
            )

    def _at(self, cell: str, problem: str) -> str:
        return f"{self._where}, cell {cell}: {problem}"


def origin(versioned: VersionedFile, sheet: str, cell: str) -> Row:
    """Return the columns that say where a row was read."""
    return {
        "file_sha256": versioned.file.sha256,
        "source_file": versioned.file.name,
        "source_sheet": sheet,
        "source_cell": cell,
        "template": versioned.template.name,
        KINDS[versioned.template.kind].version_column: versioned.label,
        "file_modified_at": versioned.file.modified_at,
    }


def _shifted(day: date, years: int) -> date:
    """Return the same day `years` later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
