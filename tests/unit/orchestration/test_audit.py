"""A build is released only by the run that made all of it, and only when its checks passed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from exports.publish import current_release, served_id
from orchestration.assets.exports import publish
from orchestration.assets.warehouse import is_whole
from orchestration.audit import AuditError, CheckResult, dbt_check_results, record_checks, recorded_checks
from orchestration.build_stamp import give_stamp, sets_not_built_by, take_stamp_away
from orchestration.environment import Environment
from orchestration.resources import WritingRun
from orchestration.settings import Settings
from orchestration.state import prepare_state

CLOCK = datetime(2024, 2, 29, 23, 30)
RUN, OTHER = "run-Ω", "run-before"


@pytest.fixture
def run(tmp_path: Path) -> WritingRun:
    """A run that has built both sets of models on a build file with one table."""
    settings = Settings(var_dir=tmp_path, environment="odd_env")
    environment = Environment.of(settings)
    prepare_state(environment.state_file, CLOCK)
    with duckdb.connect(str(environment.build_file)) as connection:
        connection.execute("create schema marts; create table marts.fct_sales as select 1 as id")
    for build_set in ("core", "downstream"):
        give_stamp(environment.build_file, build_set, RUN)
    return WritingRun(settings, environment, CLOCK, "test")


def checked(run: WritingRun, *statuses: str, run_id: str = RUN) -> None:
    """Record one check result per status."""
    results = [
        CheckResult(run_id, f"dbt:check_{number}", "fct_sales", "error", status, 0, CLOCK)
        for number, status in enumerate(statuses)
    ]
    record_checks(run.environment.state_file, results)


def test_a_run_whose_checks_passed_publishes_its_build(run: WritingRun) -> None:
    checked(run, "passed", "warned", "passed")
    checked(run, "failed", run_id=OTHER)
    release = publish(run, RUN)
    assert current_release(run.environment.releases).publish_id == release.publish_id
    assert release.manifest["checks"] == {"passed": 2, "warned": 1}
    assert release.manifest["run_id"] == RUN
    assert "ops.build_stamp" not in release.manifest["tables"]


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_a_check_that_did_not_pass_keeps_the_build_from_being_released(run: WritingRun, status: str) -> None:
    checked(run, "passed", status)
    with pytest.raises(AuditError, match=r"1 of 2 checks of this run did not pass \(dbt:check_1\)"):
        publish(run, RUN)
    assert served_id(run.environment.releases) is None


def test_the_release_alone_publishes_no_build_of_another_run(run: WritingRun) -> None:
    checked(run, "passed")
    with pytest.raises(AuditError, match=r"core and downstream models in .* by this run"):
        publish(run, "run-after")
    assert served_id(run.environment.releases) is None


def test_a_run_that_checked_nothing_publishes_nothing(run: WritingRun) -> None:
    checked(run, "passed", run_id=OTHER)
    with pytest.raises(AuditError, match="no check of this run"):
        publish(run, RUN)


def test_a_new_core_makes_downstream_out_of_date_but_not_the_other_way_round(run: WritingRun) -> None:
    build_file = run.environment.build_file
    take_stamp_away(build_file, "downstream")
    assert sets_not_built_by(build_file, RUN) == ["downstream"]
    give_stamp(build_file, "downstream", RUN)
    take_stamp_away(build_file, "core")
    assert sets_not_built_by(build_file, RUN) == ["core", "downstream"]


def test_no_build_is_nobodys(tmp_path: Path) -> None:
    take_stamp_away(tmp_path / "none.duckdb", "core")
    assert sets_not_built_by(tmp_path / "none.duckdb", RUN) == ["core", "downstream"]
    duckdb.connect(str(tmp_path / "unstamped.duckdb")).close()
    assert sets_not_built_by(tmp_path / "unstamped.duckdb", RUN) == ["core", "downstream"]


def test_only_the_whole_set_with_all_its_tests_counts_as_built() -> None:
    check = dg.AssetCheckSpec("unique", asset="odd_1")

    @dg.multi_asset(specs=[dg.AssetSpec("odd_1"), dg.AssetSpec("b")], check_specs=[check])
    def both() -> Iterator[dg.MaterializeResult[None]]:
        yield from ()

    keys = {dg.AssetKey("odd_1"), dg.AssetKey("b")}
    assert is_whole(both, keys, {check.key})
    assert not is_whole(both, {dg.AssetKey("b")}, {check.key})
    assert not is_whole(both, keys, set())


def test_dbt_results_are_those_of_the_last_invocation(tmp_path: Path) -> None:
    files = tmp_path / "build.duckdb", tmp_path / "state.duckdb"
    assert dbt_check_results(tmp_path, *files, RUN, CLOCK) == []
    node = {"name": "unique_x", "attached_node": "model.p.fct_sales", "config": {"severity": "ERROR"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {"test.p.unique_x": node}}), encoding="utf-8")
    results = [{"unique_id": "test.p.unique_x", "status": "fail", "failures": 3}, {"unique_id": "model.p.fct_sales"}]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    (found,) = dbt_check_results(tmp_path, *files, RUN, CLOCK)
    assert (found.entity, found.severity, found.status, found.failing_rows) == ("fct_sales", "error", "failed", 3)


def test_a_repeated_check_keeps_its_last_result(run: WritingRun) -> None:
    checked(run, "failed")
    checked(run, "passed")
    assert [result.status for result in recorded_checks(run.environment.state_file, RUN)] == ["passed"]
