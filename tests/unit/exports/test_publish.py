"""Releases: sealed, switched atomically, pruned, and never half-written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from exports.publish import (
    ReleaseError,
    ReleaseMeta,
    build_release,
    current_release,
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
