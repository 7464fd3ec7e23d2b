"""Files that people or systems drop into a folder: which there are, their content's identity, their age.

What belongs here: listing and fingerprinting. What does not: what the files say.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import IngestionError

MAX_BYTES = 500 << 20
"""What a file may have: it is in memory whole."""


@dataclass(frozen=True)
class DroppedFile:
    """One file: `name` is its path below the drop folder as `name_below` tells it, `modified_at` is UTC."""

    path: Path
    name: str
    sha256: str
    modified_at: datetime
    content: bytes


def list_files(folder: Path, patterns: Sequence[str], what: str, ignored: tuple[str, ...] = ()) -> list[DroppedFile]:
    """Return the files below `folder` that match a pattern, oldest first (ties by name).

    Office lock files (`~$…`), hidden files and names that end as one of `ignored` are passed over. IngestionError if
    the folder is absent or unreadable, or if nothing matches.
    """
    if not folder.is_dir():
        raise IngestionError(f"{what}: the folder {folder} does not exist; create it or correct the setting.")
    found = {path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()}
    paths = [p for p in sorted(found) if not p.name.startswith((".", "~$")) and not p.name.endswith(ignored)]
    files = [read_dropped(path, folder, what) for path in paths]
    if not files:
        raise IngestionError(f"{what}: no file named {' or '.join(patterns)} in {folder}; put it there.")
    return sorted(files, key=lambda file: (file.modified_at, file.name))


def name_below(path: Path, folder: Path) -> str:
    """Return the path below the folder with forward slashes; bytes that are no UTF-8 are spelled out."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")


def read_dropped(path: Path, folder: Path, what: str) -> DroppedFile:
    """Return one file below `folder`; IngestionError begins with `what` where it cannot be read."""
    try:
        status = path.stat()
        if status.st_size > MAX_BYTES:
            raise IngestionError(
                f"{what}: {name_below(path, folder)} has {status.st_size >> 20} MB, more than the {MAX_BYTES >> 20} MB"
                " allowed; send the table alone or in several files."
            )
        content = path.read_bytes()
    except OSError as error:
        raise IngestionError(
            f"{what}: {name_below(path, folder)} cannot be read ({error.strerror}); grant access to it."
        ) from None
    return DroppedFile(
        path=path,
        name=name_below(path, folder),
        sha256=hashlib.sha256(content).hexdigest(),
        modified_at=datetime.fromtimestamp(int(status.st_mtime), UTC).replace(tzinfo=None),
        content=content,
    )
