"""Budget workbooks and target files in a drop folder, read by declared templates.

All files are read each time; a number is identified by the content of its file, its sheet and its cell, so equal
content adds nothing and changed content under an old name is a new version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.casting import MISFIT
from ingestion.context import LoadContext
from ingestion.drop_folder import DroppedFile, list_files
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.members import read_members
from ingestion.sources.budget.reader import assign_versions, read_file
from ingestion.sources.budget.tables import TABLES
from ingestion.sources.budget.templates import Template, read_templates

_LINE = TABLES["line"]
_SCHEMA = pa.schema(
    [pa.field(f.name, pa.string() if f.name == "amount" else f.type) for f in _LINE.arrow_schema]
    + [pa.field(MISFIT, pa.string())]
)


def build(config: BudgetConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of all budget files that the templates describe."""

    @dlt.source(name="budget", max_table_nesting=0)
    def budget() -> Iterator[Any]:
        if context.wants(_LINE):
            yield context.resource(_LINE, lambda _cursor: read_lines(config, context))

    return budget()


def read_lines(config: BudgetConfig, context: LoadContext) -> Iterator[pa.Table]:
    """Yield one table per budget file."""
    members = read_members(config.aliases_file)
    kept = {str(sha): str(label) for sha, label in context.kept_values(_LINE, ("file_sha256", "budget_version"))}
    for versioned in assign_versions(_matching_files(config), kept):
        rows = list(read_file(versioned, members, context.notes.append))
        yield pa.Table.from_pylist(rows, schema=_SCHEMA)


def _matching_files(config: BudgetConfig) -> list[tuple[DroppedFile, Template]]:
    """Return the files of all templates, oldest first."""
    pairs = [
        (file, template)
        for template in read_templates(config.templates_file)
        for file in list_files(config.folder, [template.files], f"Budget files of template {template.name}")
    ]
    return sorted(pairs, key=lambda pair: (pair[0].modified_at, pair[0].name))
