"""What every check of a run found, gathered for the release's manifest and `quality.check_result`.

What belongs here: reading dbt's run results and writing check results. What does not: the checks themselves.
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

from orchestration.state import append, open_state

_STATUS = {"pass": "passed", "warn": "warned", "fail": "failed", "error": "failed", "skipped": "skipped"}


@dataclass(frozen=True)
class CheckResult:
    """One check of one run, as a row of `quality.check_result`."""

    run_id: str
    check_id: str
    entity: str
    severity: str
    status: str
    failing_rows: int
    checked_at: datetime


def dbt_check_results(target: Path, run_id: str, checked_at: datetime) -> list[CheckResult]:
    """The data tests of the dbt invocation whose artefacts lie in `target`; none when dbt has not run there."""
    results_file = target / "run_results.json"
    if not results_file.is_file():
        return []
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    tests = [(nodes[r["unique_id"]], r) for r in results if r["unique_id"].startswith("test.")]
    return [_dbt_result(node, result, run_id, checked_at) for node, result in tests]


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


def count_by_status(results: Iterable[CheckResult]) -> dict[str, int]:
    """How many checks passed, warned, failed or were skipped."""
    return dict(sorted(Counter(result.status for result in results).items()))


def _dbt_result(node: dict[str, Any], result: dict[str, Any], run_id: str, checked_at: datetime) -> CheckResult:
    attached = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), "")
    return CheckResult(
        run_id=run_id,
        check_id=f"dbt:{node['name']}",
        entity=attached.rsplit(".", 1)[-1],
        severity=str(node["config"]["severity"]).lower(),
        status=_STATUS.get(result["status"], result["status"]),
        failing_rows=int(result.get("failures") or 0),
        checked_at=checked_at,
    )
