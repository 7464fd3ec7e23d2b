"""Reading what is served, and going back a release, without a warehouse that was ever run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from exports.publish import ReleaseError, ReleaseMeta, build_release, served_id, switch_current
from orchestration import serving
from orchestration.environment import Environment
from orchestration.lock import WriterBusyError, writer_lock
from orchestration.settings import Settings

AS_OF = datetime(2024, 2, 29, 23, 30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An environment with three releases of almost nothing; the newest is served."""
    made = Settings(var_dir=tmp_path, environment="odd_env")
    environment = Environment.of(made)
    environment.folder.mkdir()
    for file in (environment.build_file, environment.state_file):
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema marts; create table marts.fct_sales as select 1 as id")
    for number in range(3):
        meta = ReleaseMeta(f"run-{number}", AS_OF, "test")
        release = build_release(environment.releases, environment.build_file, environment.state_file, meta)
    switch_current(environment.releases, release.publish_id)
    return made


def test_rollback_goes_back_one_by_one_and_then_says_that_there_is_no_more(settings: Settings) -> None:
    releases = Environment.of(settings).releases
    for number in (2, 1):
        assert serving.rollback(settings, None).publish_id == served_id(releases) == f"20240229T233000Z-{number:04d}"
    with pytest.raises(ReleaseError, match="no release before 20240229T233000Z-0001"):
        serving.rollback(settings, None)


def test_rollback_waits_for_the_writer_or_says_who_it_is(settings: Settings) -> None:
    """A run that is publishing would otherwise move the pointer, and prune, at the same time."""
    environment = Environment.of(settings)
    served = served_id(environment.releases)
    with (
        writer_lock(environment.lock_file, "the nightly load"),
        pytest.raises(WriterBusyError, match=r"is being written by the nightly load .*nothing was started or changed"),
    ):
        serving.rollback(settings, None)
    assert served_id(environment.releases) == served


def test_rollback_mends_a_pointer_that_leads_nowhere(settings: Settings) -> None:
    releases = Environment.of(settings).releases
    (releases / "current").unlink()
    (releases / "current").symlink_to("current")
    with pytest.raises(ReleaseError, match="There is no release current"):
        serving.rollback(settings, None)
    assert serving.rollback(settings, "20240229T233000Z-0002").publish_id == served_id(releases)
