"""Immutable releases in a folder, and the `current` pointer that people follow.

Layout: ``<releases>/<publish_id>/warehouse.duckdb`` and ``manifest.json``; ``<releases>/current`` is a symbolic
link to the release that is served. A release appears by one rename and is switched to by one rename, so a reader
sees the old one or the new one and never anything between.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from exports.publish.database import ReleaseError, TableSummary, copy_tables

DATABASE_NAME = "warehouse.duckdb"
MANIFEST_NAME = "manifest.json"
CURRENT_NAME = "current"
_BUILDING_PREFIX = ".building-"


@dataclass(frozen=True)
class ReleaseMeta:
    """What is known about a release before it is built.

    `data_as_of` is the run's clock (UTC); `checks` counts check results by status, e.g. ``{"passed": 412}``.
    """

    run_id: str
    data_as_of: datetime
    code_version: str
    checks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """One sealed release on disk."""

    publish_id: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def database(self) -> Path:
        """The DuckDB file that readers open."""
        return self.folder / DATABASE_NAME

    @property
    def data_as_of(self) -> datetime:
        """The clock of the run that built it (UTC)."""
        return datetime.fromisoformat(str(self.manifest["data_as_of"]))

    def row_count(self, table: str) -> int:
        """Rows of one table, named ``schema.table``; 0 when the release does not hold it."""
        return int(self.manifest["tables"].get(table, {}).get("row_count", 0))


def build_release(releases: Path, build_file: Path, state_file: Path, meta: ReleaseMeta) -> Release:
    """Build and seal a release; it is not served until `switch_current`.

    The publish id is the data as-of and a running number. Raises `ReleaseError`; nothing half-written stays.
    """
    releases.mkdir(parents=True, exist_ok=True)
    _sweep(releases)
    publish_id = f"{meta.data_as_of:%Y%m%dT%H%M%SZ}-{_next_number(releases):04d}"
    building = releases / f"{_BUILDING_PREFIX}{publish_id}"
    building.mkdir()
    try:
        tables = copy_tables(build_file, state_file, building / DATABASE_NAME)
        _seal(building, publish_id, tables, meta, previous=_current_id(releases))
        building.rename(releases / publish_id)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return _read(releases / publish_id)


def switch_current(releases: Path, publish_id: str) -> Release:
    """Serve `publish_id` from now on, atomically. Raises `ReleaseError` when there is no such release."""
    folder = releases / publish_id
    if not (folder / MANIFEST_NAME).is_file():
        known = ", ".join(release.publish_id for release in list_releases(releases)) or "none"
        raise ReleaseError(f"There is no release {publish_id} in {releases}; releases kept: {known}.")
    pointer = releases / f"{_BUILDING_PREFIX}{CURRENT_NAME}"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(publish_id, target_is_directory=True)
    pointer.replace(releases / CURRENT_NAME)
    return _read(folder)


def current_release(releases: Path) -> Release:
    """The release that is served. Raises `ReleaseError` when nothing was published yet."""
    publish_id = _current_id(releases)
    if publish_id is None:
        raise ReleaseError(
            f"Nothing has been published to {releases} yet: run `saleswh run` (or `saleswh demo start`) first."
        )
    return _read(releases / publish_id)


def list_releases(releases: Path) -> list[Release]:
    """All sealed releases, the oldest first."""
    if not releases.is_dir():
        return []
    folders = [p for p in releases.iterdir() if p.name != CURRENT_NAME and (p / MANIFEST_NAME).is_file()]
    return sorted((_read(folder) for folder in folders), key=lambda release: release.manifest["number"])


def prune_releases(releases: Path, keep: int) -> list[str]:
    """Remove the oldest releases beyond `keep`, never the one that is served; give their ids."""
    current = _current_id(releases)
    old = list_releases(releases)[: -keep or None]
    removed = [release for release in old if release.publish_id != current]
    for release in removed:
        shutil.rmtree(release.folder)
    return [release.publish_id for release in removed]


def _seal(folder: Path, publish_id: str, tables: list[TableSummary], meta: ReleaseMeta, previous: str | None) -> None:
    database = folder / DATABASE_NAME
    # A write-ahead log beside the file would be replayed into whatever is swapped in later.
    if database.with_name(database.name + ".wal").exists():
        raise ReleaseError(f"The release file {database} was not checkpointed: its .wal file is still there.")
    manifest = {
        "publish_id": publish_id,
        "number": int(publish_id.rsplit("-", 1)[1]),
        "previous_publish_id": previous,
        "run_id": meta.run_id,
        "data_as_of": meta.data_as_of.isoformat(),
        "code_version": meta.code_version,
        "checks": dict(meta.checks),
        "sha256": _sha256(database),
        "size_bytes": database.stat().st_size,
        "tables": {t.name: {k: v for k, v in asdict(t).items() if k != "name"} for t in tables},
    }
    database.chmod(0o640)
    _write_durably(folder / MANIFEST_NAME, json.dumps(manifest, indent=2))


def _write_durably(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _read(folder: Path) -> Release:
    manifest = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    return Release(folder.name, folder, manifest)


def _current_id(releases: Path) -> str | None:
    pointer = releases / CURRENT_NAME
    return pointer.readlink().name if pointer.is_symlink() else None


def _next_number(releases: Path) -> int:
    return max((int(r.manifest["number"]) for r in list_releases(releases)), default=0) + 1


def _sweep(releases: Path) -> None:
    """Remove what a killed publish left behind; only one writer runs at a time."""
    for leftover in releases.glob(f"{_BUILDING_PREFIX}*"):
        if leftover.is_symlink():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)
