"""What every check of a run found, kept in `quality.check_result`, and whether its build may be released.

What belongs here: reading dbt's run results, keeping check results, judging them. What does not: the checks
themselves, and making a release (exports).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.build_stamp import sets_not_built_by
from orchestration.failing_rows import findings
from orchestration.state import append, open_state, read_only

RUN_RESULTS = "run_results.json"
_STATUS = {"pass": "passed", "warn": "warned", "fail": "failed", "error": "failed", "skipped": "skipped"}
_RELEASABLE = frozenset({"passed", "warned"})
_NAMED_IN_A_SENTENCE = 3


class AuditError(Exception):
    """A build may not be released; the message says what did not pass, or why its checks say nothing about it."""


@dataclass(frozen=True)
class CheckResult:
    """One check of one run, as a row of `quality.check_result`; `finding` tells in words what does not pass."""

    run_id: str
    check_id: str
    entity: str
    severity: str
    status: str
    failing_rows: int
    checked_at: datetime
    finding: str = ""


def dbt_check_results(
    target: Path, build_file: Path, state_file: Path, run_id: str, checked_at: datetime
) -> list[CheckResult]:
    """The data tests of the dbt invocation whose artefacts lie in `target`; none when dbt has not run there.

    The invocation has ended: what its tests found is asked of the two files that it built on.
    """
    results_file = target / RUN_RESULTS
    if not results_file.is_file():
        return []
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    tests = [r for r in results if r["unique_id"].startswith("test.")]
    found = findings(build_file, state_file, tests)
    return [_dbt_result(nodes[r["unique_id"]], r, run_id, checked_at, found.get(r["unique_id"], "")) for r in tests]


def record_checks(state_file: Path, results: Sequence[CheckResult]) -> None:
    """Write check results; a check that a run repeats keeps only its last result."""
    if not results:
        return
    frame = pd.DataFrame([asdict(result) for result in results])
    with open_state(state_file) as connection:
        connection.register("repeated", frame[["run_id", "check_id"]])
        connection.execute(
            "delete from quality.check_result as kept using repeated"
            " where kept.run_id = repeated.run_id and kept.check_id = repeated.check_id"
        )
        connection.unregister("repeated")
        append(connection, "quality.check_result", frame.drop_duplicates(["run_id", "check_id"], keep="last"))


def recorded_checks(state_file: Path, run_id: str) -> list[CheckResult]:
    """Every check result that the run has recorded so far."""
    with read_only(state_file) as connection:
        rows = connection.execute(
            "select run_id, check_id, entity, severity, status, failing_rows, checked_at, coalesce(finding, '')"
            " from quality.check_result where run_id = ? order by check_id",
            [run_id],
        ).fetchall()
    return [CheckResult(*row) for row in rows]


def audit_build(build_file: Path, state_file: Path, run_id: str) -> dict[str, int]:
    """Judge whether the run may release its build; give its check results, counted by status.

    The order of the graph alone does not protect a release: it can be materialised by itself. Raises `AuditError` when
    a part of the build was made by another run, when nothing was checked, or when a check did not pass.
    """
    if foreign := sets_not_built_by(build_file, run_id):
        raise AuditError(
            f"The release was not made: the {' and '.join(foreign)} models in {build_file} were not built and tested as"
            f" a whole by this run ({run_id}). Run a job that builds and publishes, such as `saleswh run rebuild`."
        )
    results = recorded_checks(state_file, run_id)
    if not results:
        raise AuditError(f"The release was not made: no check of this run ({run_id}) is recorded in {state_file}.")
    if failing := [result.check_id for result in results if result.status not in _RELEASABLE]:
        named = ", ".join(failing[:_NAMED_IN_A_SENTENCE]) + (", …" if len(failing) > _NAMED_IN_A_SENTENCE else "")
        raise AuditError(
            f"The release was not made: {len(failing)} of {len(results)} checks of this run did not pass ({named})."
            " Mend what they name and run again."
        )
    return count_by_status(results)


def count_by_status(results: Iterable[CheckResult]) -> dict[str, int]:
    """How many checks passed, warned, failed or were skipped."""
    return dict(sorted(Counter(result.status for result in results).items()))


def _dbt_result(
    node: dict[str, Any], result: dict[str, Any], run_id: str, checked_at: datetime, finding: str
) -> CheckResult:
    attached = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), "")
    return CheckResult(
        run_id=run_id,
        check_id=f"dbt:{node['name']}",
        entity=attached.rsplit(".", 1)[-1],
        severity=str(node["config"]["severity"]).lower(),
        status=_STATUS.get(result["status"], result["status"]),
        failing_rows=int(result.get("failures") or 0),
        checked_at=checked_at,
        finding=finding or (" ".join(str(result.get("message") or "").split()) if result["status"] == "error" else ""),
    )
