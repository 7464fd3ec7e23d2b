"""What makes a release's folder whole: its manifest, and the hash that proves its file to be the one that was sealed.

What belongs here: writing, reading, proving and removing the two files of one release. What does not: which releases
there are and which is served (`release.py`), and what the DuckDB file holds (`database.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from exports.publish.database import ReleaseError, TableSummary

DATABASE_NAME = "warehouse.duckdb"
MANIFEST_NAME = "manifest.json"

_READ_FILE, _READ_FOLDER, _WRITE_FOLDER = 0o440, 0o550, 0o750
"""A sealed release can be read by its owner and group, and written by nobody."""


def seal(folder: Path, tables: Sequence[TableSummary], facts: Mapping[str, Any]) -> None:
    """Write the manifest of the release in `folder` and let nobody write there from then on.

    The manifest holds `facts` and the hash, size and tables of the release's file. Raises `ReleaseError` when
    that file was not checkpointed.
    """
    database = folder / DATABASE_NAME
    # A write-ahead log beside the file would be replayed into whatever is swapped in later.
    if database.with_name(database.name + ".wal").exists():
        raise ReleaseError(f"The release file {database} was not checkpointed: its .wal file is still there.")
    manifest = {
        **facts,
        "sha256": _sha256(database),
        "size_bytes": database.stat().st_size,
        "tables": {t.name: {k: v for k, v in asdict(t).items() if k != "name"} for t in tables},
    }
    _write_durably(folder / MANIFEST_NAME, json.dumps(manifest, indent=2))
    for file in (database, folder / MANIFEST_NAME):
        file.chmod(_READ_FILE)
    folder.chmod(_READ_FOLDER)


def remove(folder: Path) -> None:
    """Remove a release, sealed or half-made, with everything in it."""
    folder.chmod(_WRITE_FOLDER)
    shutil.rmtree(folder)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the release in `folder`. Raises `ReleaseError` when it is no JSON object."""
    file = folder / MANIFEST_NAME
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseError(
            f"Expected {file} to be a release's manifest, but it is no JSON ({error}): move the folder away."
        ) from None
    if not isinstance(manifest, dict) or "number" not in manifest:
        raise ReleaseError(f"Expected {file} to be a release's manifest, but it has no number: move the folder away.")
    return manifest


def damage(folder: Path) -> str | None:
    """What is wrong with the release's file, in a sentence; None when it is, byte by byte, the one that was sealed."""
    database, manifest = folder / DATABASE_NAME, read_manifest(folder)
    if not database.is_file():
        return f"its file {database} is missing."
    size = database.stat().st_size
    if size != manifest["size_bytes"]:
        return f"its file {database} has {size} bytes, and had {manifest['size_bytes']} when it was sealed."
    if _sha256(database) != manifest["sha256"]:
        return f"the content of its file {database} has changed since it was sealed (sha256 differs)."
    return None


def _write_durably(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
