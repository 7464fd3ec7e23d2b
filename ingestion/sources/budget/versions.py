"""Which files a template reads, and which version each is.

A version is told by a file's name, and by its content where the name was used before.

What belongs here: finding the files, labels of versions. What does not: what the files say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.drop_folder import DroppedFile, list_files
from ingestion.errors import IngestionError
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import CHECKED_ROWS
from ingestion.sources.budget.templates import Template


@dataclass(frozen=True)
class VersionedFile:
    """A planning file with the version label it carries, unique among files of other content."""

    file: DroppedFile
    template: Template
    label: str
    fiscal_year: int | None


def files_of(config: BudgetConfig, template: Template) -> list[DroppedFile]:
    """Return the files that a template reads, oldest first; what `saleswh workbook check` wrote is none of them."""
    return list_files(config.folder, [template.files], f"Budget files of template {template.name}", (CHECKED_ROWS,))


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
