"""Planning workbooks and files in a drop folder (budgets, quotas, goals …), read by declared templates.

All files are read each time; a number is identified by the content of its file, its sheet and its cell, so equal
content adds nothing and changed content under an old name is a new version. What is gone from the folder stays, what a
template withdraws gets tombstones.
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
from ingestion.drop_folder import DroppedFile
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import KINDS, Kind
from ingestion.sources.budget.members import read_members
from ingestion.sources.budget.reader import read_file
from ingestion.sources.budget.tables import TABLES
from ingestion.sources.budget.templates import Template, read_templates
from ingestion.sources.budget.versions import assign_versions, files_of
from ingestion.sources.budget.withdrawals import deletion_log, keys_of, unknown_labels, withdrawn_labels

_AS_TEXT = ("decimal", "double", "integer", "date")
"""Types that the sheets give as text, so that what is no number stays to be read in the rejected row."""

_WARNING = (
    "Budget file {}, loaded before, is gone from the folder; what it said stays in the warehouse. Put it back, leave it"
    " away if that is meant, or name its version under `withdrawn` in templates.yml if it shall no longer count."
)
_REMEDY = (
    "Loaded before and gone from the folder: {}. Put back what held so many of the rows, into a subfolder if it is in"
    " the way, or name its version under `withdrawn` in templates.yml if it shall no longer count."
)


def build(config: BudgetConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all planning files that the templates describe."""

    @dlt.source(name="budget", max_table_nesting=0)
    def budget() -> Iterator[Any]:
        for kind in KINDS.values():
            if context.wants(TABLES[kind.table]):
                yield context.resource(
                    TABLES[kind.table],
                    partial(_rows, config, context, kind),
                    deletion_log=partial(_deletions, config, context, kind),
                )

    return budget()


def read_kind(config: BudgetConfig, context: LoadContext, kind: Kind) -> Iterator[pa.Table]:
    """Yield one table per planning file of a kind, those of withdrawn versions left out."""
    kept = _kept(context, kind)
    withdrawn = withdrawn_labels(read_templates(config.templates_file), kind)
    files = matching_files(config, kind)
    versions = assign_versions(files, {sha: label for sha, label, _ in kept}, context.warnings.append)
    known = {label for _, label, _ in kept} | {versioned.label for versioned in versions}
    context.warnings += unknown_labels(withdrawn, known, kind)
    context.withdrawn[kind.table] = len(_withdrawn_keys(config, context, kind))
    counting = {(sha, name) for sha, label, name in kept if label not in withdrawn}
    vanished = _vanished([file for file, _ in files], counting)
    if vanished:
        context.warnings += [_WARNING.format(name) for name in vanished]
        context.remedies[kind.table] = _REMEDY.format(", ".join(vanished))
    members = read_members(config.aliases_file)
    for versioned in versions:
        if versioned.label in withdrawn:
            context.notes.append(f"Budget file {versioned.file.name}: version {versioned.label} is withdrawn.")
            continue
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
        for file in files_of(config, template)
    ]
    return sorted(pairs, key=lambda pair: (pair[0].modified_at, pair[0].name))


def _kept(context: LoadContext, kind: Kind) -> list[tuple[str, str, str]]:
    """Return content, version label and name of the files that raw holds rows of."""
    columns = ("file_sha256", kind.version_column, "source_file")
    return [(str(sha), str(label), str(name)) for sha, label, name in context.kept_values(TABLES[kind.table], columns)]


def _withdrawn_keys(config: BudgetConfig, context: LoadContext, kind: Kind) -> list[str]:
    """Return the keys of the rows that raw holds of withdrawn versions and does not know as gone."""
    withdrawn = withdrawn_labels(read_templates(config.templates_file), kind)
    contents = {sha for sha, label, _ in _kept(context, kind) if label in withdrawn}
    return keys_of(contents, context.live_keys(TABLES[kind.table])) if contents else []


def _deletions(config: BudgetConfig, context: LoadContext, kind: Kind) -> Iterator[pa.Table]:
    yield from deletion_log(_withdrawn_keys(config, context, kind), context.clock)


def _rows(config: BudgetConfig, context: LoadContext, kind: Kind, _cursor: object) -> Iterator[pa.Table]:
    yield from read_kind(config, context, kind)


def _vanished(files: list[DroppedFile], kept: set[tuple[str, str]]) -> list[str]:
    """Return the files that were loaded before and are neither there by name nor, moved, by content."""
    names, contents = {file.name for file in files}, {file.sha256 for file in files}
    here = {name for sha, name in kept if sha in contents} | names
    return sorted({name for _, name in kept} - here)
