"""Planning workbooks and files in a drop folder (budgets, quotas, goals …), read by declared templates.

All files are read each time; a number is identified by the content of its file, its sheet and its cell, so equal
content adds nothing and changed content under an old name is a new version.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.casting import MISFIT
from ingestion.context import LoadContext
from ingestion.drop_folder import DroppedFile, list_files
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import CHECKED_ROWS, KINDS, Kind
from ingestion.sources.budget.members import read_members
from ingestion.sources.budget.reader import read_file
from ingestion.sources.budget.tables import TABLES
from ingestion.sources.budget.templates import Template, read_templates
from ingestion.sources.budget.versions import assign_versions

_AS_TEXT = ("decimal", "double", "integer", "date")
"""Types that the sheets give as text, so that what is no number stays to be read in the rejected row."""

_WARNING = (
    "Budget file {}, loaded before, is gone from the folder; what it said stays in the warehouse. Put it back, or leave"
    " it away if that is meant."
)
_REMEDY = (
    "Loaded before and gone from the folder: {}. Put back what held so many of the rows, into a subfolder if it is in"
    " the way; once the other files hold half of all rows, it may go, and what it said stays in the warehouse."
)


def build(config: BudgetConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all planning files that the templates describe."""

    @dlt.source(name="budget", max_table_nesting=0)
    def budget() -> Iterator[Any]:
        for kind in KINDS.values():
            if context.wants(TABLES[kind.table]):
                yield context.resource(TABLES[kind.table], partial(_rows, config, context, kind))

    return budget()


def read_kind(config: BudgetConfig, context: LoadContext, kind: Kind) -> Iterator[pa.Table]:
    """Yield one table per planning file of a kind."""
    contract = TABLES[kind.table]
    columns = ("file_sha256", kind.version_column, "source_file")
    kept = [tuple(map(str, values)) for values in context.kept_values(contract, columns)]
    files = matching_files(config, kind)
    vanished = _vanished([file for file, _ in files], {(sha, name) for sha, _, name in kept})
    if vanished:
        context.warnings += [_WARNING.format(name) for name in vanished]
        context.remedies[kind.table] = _REMEDY.format(", ".join(vanished))
    members = read_members(config.aliases_file)
    for versioned in assign_versions(files, {sha: label for sha, label, _ in kept}, context.warnings.append):
        rows = list(read_file(versioned, members, context.notes.append))
        yield pa.Table.from_pylist(rows, schema=row_schema(kind))


def row_schema(kind: Kind) -> pa.Schema:
    """Return the Arrow schema of a kind's rows as they are read."""
    texts = {column.name for column in TABLES[kind.table].columns if column.type in _AS_TEXT}
    typed = {"fiscal_year", "fiscal_period", "unit_factor", "period_start"} if kind.is_spread else set()
    fields = TABLES[kind.table].arrow_schema
    return pa.schema(
        [pa.field(f.name, pa.string() if f.name in texts - typed else f.type) for f in fields]
        + [pa.field(MISFIT, pa.string())]
    )


def matching_files(config: BudgetConfig, kind: Kind) -> list[tuple[DroppedFile, Template]]:
    """Return the files of all templates of a kind, oldest first."""
    pairs = [
        (file, template)
        for template in read_templates(config.templates_file)
        if template.kind == kind.name
        for file in list_files(config.folder, [template.files], f"Budget files of template {template.name}")
        if not file.name.endswith(CHECKED_ROWS)
    ]
    return sorted(pairs, key=lambda pair: (pair[0].modified_at, pair[0].name))


def _rows(config: BudgetConfig, context: LoadContext, kind: Kind, _cursor: object) -> Iterator[pa.Table]:
    yield from read_kind(config, context, kind)


def _vanished(files: list[DroppedFile], kept: set[tuple[str, str]]) -> list[str]:
    """Return the files that were loaded before and are neither there by name nor, moved, by content."""
    names, contents = {file.name for file in files}, {file.sha256 for file in files}
    here = {name for sha, name in kept if sha in contents} | names
    return sorted({name for _, name in kept} - here)
