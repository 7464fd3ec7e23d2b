"""Releases: sealed, switched atomically, pruned, and never half-written."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from exports.publish import (
    Release,
    ReleaseError,
    ReleaseMeta,
    build_release,
    current_release,
    damage,
    list_releases,
    prune_releases,
    switch_current,
)

META = ReleaseMeta("run-Ω", datetime(2024, 2, 29, 23, 30), "abc", {"passed": 3})


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A build and a state file with overlapping, private and raw tables."""
    build, state = tmp_path / "build.duckdb", tmp_path / "state.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            "create schema marts; create schema staging; create schema quality;"
            "create table marts.fct_sales as select * from (values (2, 'b'), (1, 'a'), (1, 'a')) as t (id, name);"
            "create view marts.rpt_view as select id from marts.fct_sales;"
            "create table staging.secret as select 1 as id;"
            "create table quality.reconciliation as select 'build' as owner"
        )
    with duckdb.connect(str(state)) as connection:
        connection.execute(
            "create schema raw_erp; create schema ops; create schema quality;"
            "create table raw_erp.invoice as select 1 as id;"
            "create table ops.run_clock as select now() as at;"
            "create table ops.load as select 1 as load_id where false;"
            "create table quality.reconciliation as select 'state' as owner"
        )
    return build, state


def test_release_holds_public_schemas_and_nothing_raw(files: tuple[Path, Path], tmp_path: Path) -> None:
    release = build_release(tmp_path / "releases", *files, META)
    assert set(release.manifest["tables"]) == {
        "marts.fct_sales", "marts.rpt_view", "ops.load", "quality.reconciliation",
    }  # fmt: skip
    assert release.row_count("marts.fct_sales") == 3
    with duckdb.connect(str(release.database), read_only=True) as connection:
        assert connection.execute("select owner from quality.reconciliation").fetchall() == [("build",)]
        schemas = connection.execute("select schema_name from duckdb_schemas() where not internal").fetchall()
    assert {name for (name,) in schemas} == {"marts", "forecast", "planning", "quality", "ops"}


def test_content_hash_ignores_row_order_but_not_duplicates(files: tuple[Path, Path], tmp_path: Path) -> None:
    build, state = files
    first = build_release(tmp_path / "releases", build, state, META)
    with duckdb.connect(str(build)) as connection:
        connection.execute("create or replace table marts.fct_sales as select * from marts.fct_sales order by id")
    second = build_release(tmp_path / "releases", build, state, META)
    with duckdb.connect(str(build)) as connection:
        connection.execute("create or replace table marts.fct_sales as select distinct * from marts.fct_sales")
    third = build_release(tmp_path / "releases", build, state, META)
    hashes = [r.manifest["tables"]["marts.fct_sales"]["content_hash"] for r in (first, second, third)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_current_moves_forward_and_back(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    first, second = (build_release(folder, *files, META) for _ in range(2))
    with pytest.raises(ReleaseError, match="Nothing has been published"):
        current_release(folder)
    switch_current(folder, first.publish_id)
    switch_current(folder, second.publish_id)
    assert current_release(folder).publish_id == second.publish_id
    switch_current(folder, first.publish_id)
    assert (folder / "current" / "warehouse.duckdb").samefile(first.database)


def test_unknown_release_is_refused_and_the_served_one_stays(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    served = build_release(folder, *files, META)
    switch_current(folder, served.publish_id)
    with pytest.raises(ReleaseError, match=f"no release nope.*{served.publish_id}"):
        switch_current(folder, "nope")
    assert current_release(folder).publish_id == served.publish_id


def test_nobody_may_write_to_a_sealed_release(files: tuple[Path, Path], tmp_path: Path) -> None:
    release = build_release(tmp_path / "releases", *files, META)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (release.folder, *release.folder.iterdir())}
    assert modes == {release.publish_id: 0o550, "warehouse.duckdb": 0o440, "manifest.json": 0o440}


def test_a_sealed_leftover_is_swept_too(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A publish may be killed between sealing and the last rename; removing takes away the seal first."""
    folder = tmp_path / "releases"
    release = build_release(folder, *files, META)
    leftover = release.folder.rename(folder / ".building-20240229T233000Z-0001")
    again = build_release(folder, *files, META)
    assert [path.name for path in folder.iterdir()] == [again.publish_id]
    assert not leftover.exists()


@pytest.fixture
def two_releases(files: tuple[Path, Path], tmp_path: Path) -> tuple[Release, Release]:
    """An old and a new release, the new one served."""
    folder = tmp_path / "releases"
    older, newer = (build_release(folder, *files, META) for _ in range(2))
    switch_current(folder, newer.publish_id)
    return older, newer


@pytest.mark.parametrize("publish_id", ["current", "../releases/{id}", "./{id}", ".", "", "{id}/", ".building-x"])
def test_only_the_id_of_a_kept_release_is_taken(two_releases: tuple[Release, Release], publish_id: str) -> None:
    """A name that happens to lead to a release is none: `current` would come to point at itself."""
    older, newer = two_releases
    releases = newer.folder.parent
    shutil.copytree(older.folder, releases / ".building-x")
    with pytest.raises(ReleaseError, match=f"There is no release .*releases kept: {older.publish_id}, "):
        switch_current(releases, publish_id.format(id=older.publish_id))
    assert current_release(releases).publish_id == newer.publish_id
    assert (releases / "current").readlink() == Path(newer.publish_id)


def truncate(release: Release) -> None:
    release.database.chmod(0o640)
    release.database.write_bytes(release.database.read_bytes()[:-1])


def flip_a_bit(release: Release) -> None:
    release.database.chmod(0o640)
    content = bytearray(release.database.read_bytes())
    content[len(content) // 2] ^= 1
    release.database.write_bytes(content)


def remove(release: Release) -> None:
    release.folder.chmod(0o750)
    release.database.unlink()


@pytest.mark.parametrize(
    ("break_it", "told"), [(truncate, "bytes, and had"), (flip_a_bit, "sha256 differs"), (remove, "is missing")]
)
def test_a_damaged_release_is_never_served(
    two_releases: tuple[Release, Release], break_it: Callable[[Release], None], told: str
) -> None:
    older, newer = two_releases
    releases = newer.folder.parent
    assert damage(older.folder) is None
    break_it(older)
    with pytest.raises(ReleaseError, match=f"Release {older.publish_id} .*is not served: .*{told}"):
        switch_current(releases, older.publish_id)
    assert current_release(releases).publish_id == newer.publish_id


def test_a_manifest_that_is_none_is_one_sentence(two_releases: tuple[Release, Release]) -> None:
    older, newer = two_releases
    manifest = older.folder / "manifest.json"
    older.folder.chmod(0o750)
    manifest.unlink()
    manifest.write_text('{"number": ', encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"manifest\.json to be a release's manifest, but it is no JSON"):
        list_releases(newer.folder.parent)


def test_a_pointer_that_leads_nowhere_is_one_sentence(two_releases: tuple[Release, Release]) -> None:
    older, newer = two_releases
    newer.folder.rename(newer.folder.with_name("elsewhere"))
    releases = newer.folder.parent
    shutil.move(releases / "elsewhere", releases.parent)
    with pytest.raises(ReleaseError, match=f"There is no release {newer.publish_id} .*kept: {older.publish_id}"):
        current_release(releases)
    assert switch_current(releases, older.publish_id).publish_id == current_release(releases).publish_id


def test_failed_build_leaves_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    with pytest.raises(ReleaseError, match=r"missing\.duckdb.*does not exist"):
        build_release(folder, tmp_path / "missing.duckdb", files[1], META)
    assert list(folder.iterdir()) == []


def test_leftovers_of_a_killed_publish_are_swept(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    (folder / ".building-20240101T000000Z-0001").mkdir(parents=True)
    build_release(folder, *files, META)
    assert [p.name for p in folder.iterdir()] == ["20240229T233000Z-0001"]


def test_prune_keeps_the_newest_and_the_served(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    made = [build_release(folder, *files, META) for _ in range(4)]
    switch_current(folder, made[0].publish_id)
    assert prune_releases(folder, keep=2) == [made[1].publish_id]
    assert [r.publish_id for r in list_releases(folder)] == [made[i].publish_id for i in (0, 2, 3)]


def test_reader_keeps_its_release_while_another_is_published(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    first = build_release(folder, *files, META)
    switch_current(folder, first.publish_id)
    with duckdb.connect(str(folder / "current" / "warehouse.duckdb"), read_only=True) as reader:
        second = build_release(folder, *files, META)
        switch_current(folder, second.publish_id)
        assert reader.execute("select count(*) from marts.fct_sales").fetchall() == [(3,)]
