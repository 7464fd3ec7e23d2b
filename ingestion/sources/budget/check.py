"""Read one planning file as a load would, and say what would come of it, without loading anything.

What belongs here: choosing the template of one file, counting. What does not: printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path

from ingestion.casting import MISFIT
from ingestion.cell_ranges import grouped
from ingestion.drop_folder import read_dropped
from ingestion.errors import IngestionError
from ingestion.sources.budget.kinds import KINDS, Kind
from ingestion.sources.budget.members import read_members
from ingestion.sources.budget.reader import read_file
from ingestion.sources.budget.sheet import Row, SheetSummary
from ingestion.sources.budget.tables import TABLES
from ingestion.sources.budget.templates import Template
from ingestion.sources.budget.versions import assign_versions


@dataclass(frozen=True)
class WorkbookCheck:
    """What a load would make of one file.

    `columns` are those of the raw table `table` and `reason`; `rows` are all rows, the refused ones with a reason.
    """

    template: str
    table: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sheets: tuple[SheetSummary, ...]
    notes: tuple[str, ...]

    @property
    def loaded(self) -> int:
        """Rows that would be loaded."""
        return sum(1 for row in self.rows if not row["reason"])

    @property
    def refusals(self) -> dict[str, int]:
        """Reasons with the number of rows that each refuses, cells as ranges, in the order of the file."""
        return grouped(row["reason"] for row in self.rows if row["reason"])

    @property
    def untold(self) -> tuple[str, ...]:
        """What the file's format cannot tell, each sentence once."""
        return tuple(dict.fromkeys(sentence for sheet in self.sheets for sentence in sheet.untold))

    def loaded_from(self, sheet: str) -> int:
        """Rows that would be loaded from one sheet."""
        return sum(1 for row in self.rows if row["source_sheet"] == sheet and not row["reason"])


def check_file(path: Path, templates: list[Template], aliases_file: Path | None) -> WorkbookCheck:
    """Read a file by the first of `templates` whose glob its name fits; IngestionError where none does."""
    template = _template_of(path, templates)
    notes: list[str] = []
    (versioned,) = assign_versions([(read_dropped(path, path.parent, "Workbook"), template)], {}, notes.append)
    sheets: list[SheetSummary] = []
    members = read_members(aliases_file)
    read = list(read_file(versioned, members, notes.append, sheets.append))
    kind = KINDS[template.kind]
    columns = (*(column.name for column in TABLES[kind.table].columns), "reason")
    rows = tuple(_typed({name: row.get(name) for name in columns} | {"reason": row.get(MISFIT)}, kind) for row in read)
    return WorkbookCheck(template.name, kind.table, columns, rows, tuple(sheets), tuple(notes))


def kind_named(name: str) -> Kind:
    """Return the kind of planning file of that name; IngestionError names those that there are."""
    if name not in KINDS:
        raise IngestionError(f"There is no kind of workbook {name}; there are {', '.join(KINDS)}.")
    return KINDS[name]


def _typed(row: Row, kind: Kind) -> Row:
    """Return a row that would be loaded with its numbers as numbers; a refused one stays as it was written."""
    if row["reason"]:
        return row
    numbers = [column.name for column in TABLES[kind.table].columns if column.type in ("decimal", "double", "integer")]
    return row | {name: Decimal(row[name]) for name in numbers if isinstance(row[name], str)}


def _template_of(path: Path, templates: list[Template]) -> Template:
    for template in templates:
        if fnmatch(path.name, template.files):
            return template
    known = ", ".join(f"{template.name} ({template.files})" for template in templates) or "none"
    raise IngestionError(
        f"Workbook {path.name}: its name fits no template; there are {known}. Rename it, add a template, or say"
        " --kind to read it by the standard layout of its kind."
    )
