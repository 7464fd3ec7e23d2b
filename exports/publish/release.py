"""Immutable releases in a folder, and the `current` pointer that people follow.

Layout: ``<releases>/<publish_id>/warehouse.duckdb`` and ``manifest.json``; ``<releases>/current`` is a symbolic
link to the release that is served. A release appears by one rename and is switched to by one rename, so a reader
sees the old one or the new one and never anything between. What makes a release whole is in `seal.py`. Whoever
builds, switches or prunes holds the environment's writer lock; nothing here takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from exports.publish.database import ReleaseError, copy_tables
from exports.publish.seal import DATABASE_NAME, MANIFEST_NAME, damage, read_manifest, remove, seal

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
        seal(building, tables, _facts(publish_id, meta, previous=served_id(releases)))
        building.rename(releases / publish_id)
    except BaseException:
        remove(building)
        raise
    return _read(releases / publish_id)


def switch_current(releases: Path, publish_id: str) -> Release:
    """Serve `publish_id` from now on, atomically.

    Raises `ReleaseError` when it is no kept release, or when its file is not the one that was sealed; what was served
    before is served still.
    """
    release = _find(releases, publish_id)
    if found := damage(release.folder):
        raise ReleaseError(f"Release {publish_id} in {releases} is not served: {found}")
    pointer = releases / f"{_BUILDING_PREFIX}{CURRENT_NAME}"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(publish_id, target_is_directory=True)
    pointer.replace(releases / CURRENT_NAME)
    return release


def current_release(releases: Path) -> Release:
    """The release that is served. Raises `ReleaseError` when nothing was published yet or `current` leads nowhere."""
    publish_id = served_id(releases)
    if publish_id is None:
        raise ReleaseError(f"Nothing has been published to {releases} yet: run `saleswh run` first.")
    return _find(releases, publish_id)


def served_id(releases: Path) -> str | None:
    """The publish id that `current` names; None when nothing was published yet."""
    pointer = releases / CURRENT_NAME
    return pointer.readlink().name if pointer.is_symlink() else None


def list_releases(releases: Path) -> list[Release]:
    """All sealed releases, the oldest first. Raises `ReleaseError` when a manifest cannot be read."""
    if not releases.is_dir():
        return []
    folders = [p for p in releases.iterdir() if _is_release_name(p.name) and (p / MANIFEST_NAME).is_file()]
    return sorted((_read(folder) for folder in folders), key=lambda release: release.manifest["number"])


def prune_releases(releases: Path, keep: int) -> list[str]:
    """Remove the oldest releases beyond `keep`, never the one that is served; give their ids."""
    current = served_id(releases)
    old = list_releases(releases)[: -keep or None]
    removed = [release for release in old if release.publish_id != current]
    for release in removed:
        remove(release.folder)
    return [release.publish_id for release in removed]


def _facts(publish_id: str, meta: ReleaseMeta, previous: str | None) -> dict[str, Any]:
    return {
        "publish_id": publish_id,
        "number": int(publish_id.rsplit("-", 1)[1]),
        "previous_publish_id": previous,
        "run_id": meta.run_id,
        "data_as_of": meta.data_as_of.isoformat(),
        "code_version": meta.code_version,
        "checks": dict(meta.checks),
    }


def _find(releases: Path, publish_id: str) -> Release:
    """The kept release of that id: a name in a list, never a path that somebody has put together."""
    kept = {release.publish_id: release for release in list_releases(releases)}
    if publish_id not in kept:
        known = ", ".join(kept) or "none"
        raise ReleaseError(f"There is no release {publish_id} in {releases}; releases kept: {known}.")
    return kept[publish_id]


def _is_release_name(name: str) -> bool:
    return name != CURRENT_NAME and not name.startswith(_BUILDING_PREFIX)


def _read(folder: Path) -> Release:
    return Release(folder.name, folder, read_manifest(folder))


def _next_number(releases: Path) -> int:
    return max((int(r.manifest["number"]) for r in list_releases(releases)), default=0) + 1


def _sweep(releases: Path) -> None:
    """Remove what a killed publish left behind; only one writer runs at a time."""
    for leftover in releases.glob(f"{_BUILDING_PREFIX}*"):
        if leftover.is_symlink():
            leftover.unlink()
        else:
            remove(leftover)
