"""Turn one sheet into raw rows: one per number or record, with its cell, or with the reason why it cannot be used.

What belongs here: members, units, periods, what may be said once only, and what rejects a sheet. What does not:
finding the table (`layout.py`), reading its numbers (`body.py`), choosing files and sheets (`reader.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ingestion.casting import MISFIT
from ingestion.sources.budget.body import Body, Entry, WrongTotalError, prove_totals, read_body, record_rows
from ingestion.sources.budget.dates import is_serial, read_date
from ingestion.sources.budget.kinds import KINDS, KindField
from ingestion.sources.budget.layout import Layout, LayoutError, find_layout
from ingestion.sources.budget.members import Members, UnknownMemberError
from ingestion.sources.budget.numbers import NotANumberError, read_number
from ingestion.sources.budget.templates import CalendarMonthColumns, DatedMonthColumns, DateRows
from ingestion.sources.budget.unread import LostColumnError, remarks, unread_columns
from ingestion.sources.budget.versions import VersionedFile
from ingestion.workbook.grid import CellError, Grid, Uncalculated, address, column_letters, column_list, row_list

Row = dict[str, Any]
_PLACES = Decimal("0.0001")


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

    def _lost_column(self, body: Body, layout: Layout, note: Callable[[str], None]) -> str | None:
        try:
            unread = unread_columns(self._grid, layout, self._template, body.body_rows)
        except LostColumnError as error:
            return f"{self._where}, {error}; nothing of the sheet was loaded"
        for remark in remarks(layout, [c for c in unread if c not in self._grid.hidden_columns]):
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
        yield from self._grid.notes
        if self._grid.is_hidden:
            yield "the sheet is hidden, it was read all the same"
        rows = self._grid.hidden_rows & set(body.body_rows)
        if rows:
            yield f"rows {row_list(rows)} are hidden, they were read all the same"
        read = self._grid.hidden_columns & {*layout.periods, *layout.members.values()}
        yield from (f"column {column_letters(column)} is hidden, it was read all the same" for column in sorted(read))
        if unread := self._grid.hidden_columns - read:
            yield f"column {column_list(unread)} is hidden and no part of the {self._kind.name}"

    def _entry(self, entry: Entry, layout: Layout, refusal: str | None) -> Row:
        names = self._names(entry.row, layout)
        row = origin(self._versioned, self._grid.sheet, entry.cell) | names
        row["approved_at"] = layout.approved_at
        if self._kind.is_money:
            row |= {"currency": layout.currency, "unit_factor": layout.factor}
        if self._kind.name == "budget":
            row["measure"] = self._template.measure
        raw = self._grid.value(entry.row, entry.column) if entry.value is None else entry.value * layout.factor
        row[self._kind.value] = str(raw.quantize(_PLACES, ROUND_HALF_EVEN)) if isinstance(raw, Decimal) else str(raw)
        try:
            if refusal is not None:
                raise ValueError(refusal)
            if entry.problem is not None:
                raise ValueError(self._at(entry.cell, entry.problem))
            row |= self._period(entry, layout)
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
            for field in self._kind.fields:
                if field.name in layout.members:
                    row[field.name] = self._field(field, at, layout.members[field.name])
            if self._kind.is_money and row.get("currency") is None:
                row["currency"] = layout.currency
            self._claim(cell, row)
        except ValueError as error:
            row[MISFIT] = str(error)
        return row

    def _field(self, field: KindField, row: int, column: int) -> Any:
        """Return a record's field as the raw table takes it; ValueError names the cell."""
        value, cell = self._grid.value(row, column), address(row, column)
        if value is None:
            if field.required:
                raise ValueError(self._at(cell, f"the {field.name} is missing"))
            return None
        if field.type == "date":
            return self._date(value, cell).isoformat()
        if field.type == "text":
            if isinstance(value, CellError | Uncalculated):
                raise ValueError(self._at(cell, f"expected the {field.name}, found {value}"))
            return self._resolved(cell, {field.name: self._grid.text(row, column)})[field.name]
        number = self._number(value, cell)
        if number is None:
            return None
        if field.type == "integer" and number != number.to_integral_value():
            raise ValueError(self._at(cell, f"expected a whole number, found {number:f}"))
        if field.type == "decimal":
            return str(number.quantize(_PLACES, ROUND_HALF_EVEN))
        return str(number.to_integral_value() if field.type == "integer" else number)

    def _number(self, value: Any, cell: str) -> Decimal | None:
        try:
            return read_number(value, self._template.numbers)
        except NotANumberError as error:
            raise ValueError(self._at(cell, str(error))) from None

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
            if not text.isdigit() or not 1900 <= int(text) <= 2200:
                raise ValueError(self._at(where, f"expected a calendar year, found “{text}”"))
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
            raise ValueError(self._at(cell, f"this {self._kind.name} is given twice, first in {first}"))

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
