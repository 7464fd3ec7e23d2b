"""Which files a template reads, and which version each is.

A version is told by a file's name, and by its content where the name was used before.

What belongs here: finding the files, labels of versions. What does not: what the files say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingestion.drop_folder import DroppedFile, list_files
from ingestion.errors import IngestionError
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import CHECKED_ROWS
from ingestion.sources.budget.templates import Template, fiscal_year_of


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


_COPY = (
    "Budget file {} has the same content as {}, which is {}; it was not loaded as {}. Change what is in"
    " it, or delete it."
)
_RENAMED = (
    "Budget file {} was loaded before as {} and stays that; it was not loaded as {}. Change what is in it, or name it"
    " as before."
)


@dataclass(frozen=True)
class _Named:
    """A file with what its name says of version and fiscal year."""

    file: DroppedFile
    template: Template
    label: str
    fiscal_year: int | None

    def is_called(self, label: str) -> bool:
        """Return whether the name says this label, or says nothing of versions."""
        return self.template.version.pattern is None or label == self.label or _is_resent(label, self.label)


def assign_versions(
    files: list[tuple[DroppedFile, Template]], kept: Mapping[str, str], warn: Callable[[str], None]
) -> list[VersionedFile]:
    """Label files by name; a file re-sent under a used label with other content gets `.2`, `.3` and so on.

    `files` are ordered by age; `kept` gives the label per SHA-256 of contents loaded before, which keep theirs and its
    fiscal year. Of files with equal content only one is returned; `warn` is told of those whose names say another
    version than the one that their content is.
    """
    contents: dict[str, list[_Named]] = {}
    for file, template in files:
        contents.setdefault(file.sha256, []).append(_named(file, template))
    used, versioned = set(kept.values()), []
    for sha, copies in contents.items():
        label = kept.get(sha) or _free_label(copies[0].label, used)
        used.add(label)
        first = next((copy for copy in copies if copy.is_called(label)), copies[0])
        year = first.fiscal_year if first.is_called(label) else fiscal_year_of(label) or first.fiscal_year
        versioned.append(VersionedFile(first.file, first.template, label, year))
        for copy in copies:
            if not copy.is_called(label) and (copy is first or copy.file.name != first.file.name):
                warn(_misnamed(copy, first, label))
    return versioned


def _named(file: DroppedFile, template: Template) -> _Named:
    read = template.version.read(PurePosixPath(file.name).stem)
    if read is None:
        raise IngestionError(
            f"Budget file {file.name}: its name does not tell the version as template {template.name} expects"
            f" ({template.version.pattern}); rename the file."
        )
    return _Named(file, template, *read)


def _misnamed(copy: _Named, first: _Named, label: str) -> str:
    if copy is first:
        return _RENAMED.format(copy.file.name, label, copy.label)
    return _COPY.format(copy.file.name, first.file.name, label, copy.label)


def _free_label(label: str, used: set[str]) -> str:
    if label not in used:
        return label
    number = 2
    while f"{label}.{number}" in used:
        number += 1
    return f"{label}.{number}"


def _is_resent(label: str, first: str) -> bool:
    return re.fullmatch(rf"{re.escape(first)}\.\d+", label) is not None
