"""Reading what is served, and going back a release, without a warehouse that was ever run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from exports.publish import ReleaseError, ReleaseMeta, build_release, served_id, switch_current
from ingestion import load_log
from orchestration import serving
from orchestration.audit import CheckResult, record_checks
from orchestration.console import print_checks, print_outcome
from orchestration.environment import Environment
from orchestration.lock import WriterBusyError, writer_lock
from orchestration.runs_model import RunOutcome
from orchestration.settings import Settings
from orchestration.state import open_state, prepare_state

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


def test_status_says_when_the_served_file_has_changed(settings: Settings) -> None:
    assert serving.status(settings).release["as sealed"].tolist() == ["yes"]
    file = next((Environment.of(settings).releases / "current").glob("*.duckdb"))
    file.chmod(0o640)
    file.write_bytes(file.read_bytes() + b"\0")
    (told,) = serving.status(settings).release["as sealed"]
    assert "when it was sealed" in told


def test_rollback_mends_a_pointer_that_leads_nowhere(settings: Settings) -> None:
    releases = Environment.of(settings).releases
    (releases / "current").unlink()
    (releases / "current").symlink_to("current")
    with pytest.raises(ReleaseError, match="There is no release current"):
        serving.rollback(settings, None)
    assert serving.rollback(settings, "20240229T233000Z-0002").publish_id == served_id(releases)


def failed_run(environment: Environment, run_id: str, clock: datetime = AS_OF) -> None:
    """Log a load and the checks of a run that published nothing."""
    prepare_state(environment.state_file, clock)
    with open_state(environment.state_file) as connection:
        connection.execute(load_log.DDL)
        for number, status in enumerate(("succeeded", "failed")):
            connection.execute(
                "insert into ops.load values (?, 'erp', 'invoice', ?, ?, 7, 0, '11', ?, 0)",
                [f"erp-{number}", clock, clock, status],
            )
    results = [
        CheckResult(run_id, f"dbt:{status}", "fct_sales", "error", status, 2, clock)
        for status in ("passed", "failed", "skipped")
    ]
    record_checks(environment.state_file, results)


def test_status_of_an_environment_that_was_never_run(tmp_path: Path) -> None:
    overview = serving.status(Settings(var_dir=tmp_path, environment="odd_env"))
    assert overview.release.empty and overview.runs.empty and overview.log.freshness.empty
    assert overview.log.checked == "Checks (no run has recorded any)"
    assert list(tmp_path.iterdir()) == []


def test_status_shows_what_a_failed_first_run_has_found(tmp_path: Path) -> None:
    """Nothing was published, so only the state knows; of two runs of one moment the later counts."""
    settings = Settings(var_dir=tmp_path, environment="odd_env")
    failed_run(Environment.of(settings), "z-first-run")
    failed_run(Environment.of(settings), "a-second-run")
    overview = serving.status(settings)
    assert overview.release.empty
    assert overview.log.freshness[["source", "failed_loads"]].to_numpy().tolist() == [["erp", 2]]
    assert overview.log.checked == "Checks of run a-second (1 failed, 1 passed, 1 skipped)"
    assert overview.log.not_passed[["check_id", "status"]].to_numpy().tolist() == [["dbt:failed", "failed"]]


def test_status_tells_what_a_check_has_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A state that an earlier version has written knows no words of a finding."""
    settings = Settings(var_dir=tmp_path, environment="odd_env")
    environment = Environment.of(settings)
    failed_run(environment, "run")
    found = CheckResult(
        "run", "dbt:values", "fct_sales", "warn", "warned", 1, AS_OF, "1 value fails: KULANZ [x] (2 rows)"
    )
    record_checks(environment.state_file, [found])
    log = serving.status(settings).log
    print_checks(log.checked, log.not_passed)
    assert capsys.readouterr().out.splitlines() == [
        "Checks of run run (1 failed, 1 passed, 1 skipped, 1 warned):",
        "failed  dbt:failed on fct_sales",
        "        failing rows: 2",
        "warned  dbt:values on fct_sales",
        "        1 value fails: KULANZ [x] (2 rows)",
    ]
    with open_state(environment.state_file) as connection:
        connection.execute("alter table quality.check_result drop column finding")
    log = serving.status(settings).log
    print_checks(log.checked, log.not_passed)
    assert capsys.readouterr().out.splitlines()[-1] == "        failing rows: 1"


def test_status_lets_a_run_write_and_reads_the_release_meanwhile(settings: Settings) -> None:
    environment = Environment.of(settings)
    failed_run(environment, "published-run")
    release = build_release(
        environment.releases, environment.build_file, environment.state_file, ReleaseMeta("r", AS_OF, "test")
    )
    switch_current(environment.releases, release.publish_id)
    failed_run(environment, "running-now")
    with writer_lock(environment.lock_file, "the nightly load"), open_state(environment.state_file):
        during = serving.status(settings)
    assert during.log.checked.startswith("Checks of run publishe")
    assert "is being written by the nightly load" in during.log.note
    after = serving.status(settings)
    assert after.log.checked.startswith("Checks of run running-")
    assert after.log.note == ""


def test_a_failed_run_says_whether_anything_is_served(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = RunOutcome("run-1", success=False, failures=["The ERP [/down] is down."])
    print_outcome("full", outcome, 3, serving.served(settings))
    print_outcome("full", outcome, 3, serving.served(Settings(var_dir=tmp_path, environment="empty_env")))
    printed = capsys.readouterr().err
    assert "release 20240229T233000Z-0003 is still served" in printed
    assert "failed after 3 s; nothing has been published yet." in printed


def test_notes_and_warnings_of_a_run_are_printed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    said = "Salesforce counts 17/100000 API requests used today."
    outcome = RunOutcome("run-1", success=True, warnings=["One [row] rejected."], notes=[said])
    print_outcome("full", outcome, 3, serving.served(settings))
    printed = capsys.readouterr().err
    assert f"note: {said}" in " ".join(printed.split())
    assert "warning: One [row] rejected." in printed


def test_the_end_of_a_run_counts_the_checks_that_warn_and_tells_some(capsys: pytest.CaptureFixture[str]) -> None:
    warned = [f"dbt:warn_{number} on fct_quota: {number} rows fail, for example [odd]" for number in range(1, 12)]
    print_outcome("full", RunOutcome("run-1", success=True, warned=warned), 3, None)
    told = capsys.readouterr()
    assert "warning: dbt:warn_1 on fct_quota: 1 rows fail, for example [odd]\n" in told.err
    assert "warning: and 3 more: saleswh status\n" in told.err
    assert "warn_9" not in told.err
    assert told.out == "The full job ended well, with 11 checks that warn, after 3 s (run run-1).\n"
    print_outcome("full", RunOutcome("run-1", success=True, warned=warned[:1]), 3, None)
    assert "with 1 check that warns, after" in capsys.readouterr().out
