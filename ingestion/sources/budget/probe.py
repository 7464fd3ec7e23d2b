"""Which budget files there are, which template reads each, and which no template reads.

What they say is not read here: `saleswh run` and the source's own command do that.
"""

from __future__ import annotations

from pathlib import Path

from ingestion.drop_folder import DroppedFile, name_below
from ingestion.errors import IngestionError
from ingestion.findings import SourceFindings, TableFinding
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import CHECKED_ROWS, KINDS
from ingestion.sources.budget.members import read_members
from ingestion.sources.budget.templates import Template, read_templates
from ingestion.sources.budget.versions import files_of

_READABLE = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".txt"}
_ALWAYS_UNKNOWN = ("a version that was overwritten before any load read it.",)


def probe(config: BudgetConfig) -> SourceFindings:
    """Match files and templates; IngestionError if the folder, the templates or the aliases cannot be read."""
    templates = read_templates(config.templates_file)
    read_members(config.aliases_file)
    found = [_look_at(config, template) for template in templates]
    read = {file.path for _, files in found for file in files}
    unread = _unread(config, read)
    tables = tuple(table for table, _ in found)
    unknown = [f"what {name} says: no template reads it." for name in unread]
    if config.aliases_file is None:
        unknown.append("misspelt names: without an aliases file every name is accepted as it is written.")
    return SourceFindings("budget", True, None, tables, (*unknown, *_ALWAYS_UNKNOWN))


def _look_at(config: BudgetConfig, template: Template) -> tuple[TableFinding, list[DroppedFile]]:
    name = f"{KINDS[template.kind].table} (template {template.name})"
    try:
        files = files_of(config, template)
    except IngestionError as error:
        return TableFinding(name, problem=str(error)), []
    note = f"{len(files)} files, the newest {files[-1].name}"
    return TableFinding(name, newest=f"{files[-1].modified_at:%Y-%m-%d %H:%M:%S}", note=note), files


def _unread(config: BudgetConfig, read: set[Path]) -> list[str]:
    known = {*read, config.templates_file, config.aliases_file}
    files = (path for path in sorted(config.folder.rglob("*")) if path.suffix.lower() in _READABLE)
    return [
        name_below(path, config.folder)
        for path in files
        if path not in known and not path.name.startswith((".", "~$")) and not path.name.endswith(CHECKED_ROWS)
    ]
