"""Run a job in this process, with progress, and say in sentences how it ended.

What belongs here: executing, following events, and turning failures into sentences. What does not: the command line
(`cli.py`) and what the jobs do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster._core.utils import make_new_run_id

from orchestration.audit import RUN_RESULTS, CheckResult, recorded_checks
from orchestration.checks import CHECK_NAME
from orchestration.definitions import build_defs
from orchestration.environment import Environment
from orchestration.instance import open_instance
from orchestration.runs_model import ProgressListener, RunOutcome, RunProgress
from orchestration.settings import Settings
from orchestration.state import StateError

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_SENTENCES_SHOWN = 5


def run_job(settings: Settings, job_name: str, listener: ProgressListener) -> RunOutcome:
    """Run one job to its end in this process; failures are told in the outcome, not raised."""
    environment = Environment.of(settings)
    defs = build_defs(settings)
    job = defs.resolve_job_def(job_name)
    run_id = make_new_run_id()
    log_file = environment.folder / "logs" / f"{run_id}.log"
    with open_instance(environment) as instance, _stdout_to(log_file):
        follower = _Follower(listener, total=len(job.graph.node_names()))
        instance.add_event_listener(run_id, follower)
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            run_config=_QUIET,
            tags={"saleswh/command": job_name},
        )
    checks = _recorded(environment, run_id)
    return RunOutcome(
        run_id,
        result.success,
        [] if result.success else _failures(environment, result, checks),
        _said(result, "warnings"),
        log_file,
        _said(result, "notes"),
        checks_that_warn(checks),
    )


class _Follower:
    """Turns Dagster's events into progress."""

    def __init__(self, listener: ProgressListener, total: int) -> None:
        self._listener = listener
        self._total = total
        self._done = 0

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            return
        step = _readable(event.step_key)
        if event.is_step_start:
            self._tell(step)
        elif event.is_step_success or event.is_step_failure or event.is_step_skipped:
            self._done += 1
            self._tell(step)
        elif event.is_step_materialization and event.asset_key:
            self._tell(step, event.asset_key.to_user_string())

    def _tell(self, step: str, detail: str = "") -> None:
        self._listener(RunProgress(step, self._done, self._total, detail))


def _readable(step_key: str | None) -> str:
    return (step_key or "").replace("__", " · ").replace("_", " ")


@contextmanager
def _stdout_to(log_file: Path) -> Iterator[None]:
    """Keep what dbt and others print, out of the way of the progress display."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("w", encoding="utf-8") as handle, redirect_stdout(handle):
        yield


def checks_that_warn(checks: Iterable[CheckResult]) -> list[str]:
    """One sentence per check that warns, with what it found."""
    return [
        f"{check.check_id} on {check.entity}: {check.finding or f'failing rows: {check.failing_rows}'}"
        for check in checks
        if check.status == "warned"
    ]


def _failures(environment: Environment, result: dg.ExecuteInProcessResult, checks: Iterable[CheckResult]) -> list[str]:
    findings = {check.check_id: check.finding for check in checks}
    sentences = _failed_checks(result)
    for event in result.all_events:
        # A failed blocking check has already said what is wrong; its step only adds that it was blocking.
        if sentences and event.is_step_failure and _is_check(event):
            continue
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            sentences += _step_sentences(environment, findings, event.step_key or "", error)
        # The run's own failure repeats its step's; it speaks only where no step has.
        elif event.is_failure and not event.is_step_failure and not sentences:
            data: Any = event.event_specific_data
            raised = getattr(data, "error", None)
            sentences += [_innermost(raised)] if raised else []
    return list(dict.fromkeys(sentences)) or ["The run failed before its first step; see its log."]


def _failed_checks(result: dg.ExecuteInProcessResult) -> list[str]:
    """What each failed expectation suite says; dbt's own tests speak through dbt's results."""
    evaluations = [event.asset_check_evaluation_data for event in result.all_events if _is_evaluation(event)]
    return [
        f"{evaluation.asset_key.to_user_string()}: {evaluation.description}"
        for evaluation in evaluations
        if not evaluation.passed and evaluation.check_name == CHECK_NAME
    ]


def _is_evaluation(event: dg.DagsterEvent) -> bool:
    return event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION


def _is_check(event: dg.DagsterEvent) -> bool:
    return bool(event.step_key and event.step_key.endswith(f"_{CHECK_NAME}"))


def _step_sentences(environment: Environment, findings: Mapping[str, str], step_key: str, error: Any) -> list[str]:
    if step_key.startswith("dbt_"):
        target = environment.dbt_target / step_key.removeprefix("dbt_")
        if found := dbt_failures(target, findings):
            return found
    return [f"{_readable(step_key)}: {_innermost(error)}"]


def _recorded(environment: Environment, run_id: str) -> list[CheckResult]:
    """The run's checks; none where the state cannot be read: that may be why it failed."""
    try:
        return recorded_checks(environment.state_file, run_id)
    except (StateError, duckdb.Error):
        return []


def _innermost(error: Any) -> str:
    """The root cause's own message, without its class name."""
    while error.cause:
        error = error.cause
    message: str = error.message.strip()
    _, separator, text = message.partition(": ")
    return text if separator and " " not in message.split(": ", 1)[0] else message


def dbt_failures(target: Path, findings: Mapping[str, str]) -> list[str]:
    """One sentence per failed dbt node of the invocation whose artefacts lie in `target`.

    `findings` tell by check what its test found; where they say nothing, dbt's own message does.
    """
    results_file = target / RUN_RESULTS
    if not results_file.is_file():
        return []
    results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    failed = [r for r in results if r["status"] in ("error", "fail")]
    sentences = []
    for result in failed:
        kind, _, name, *_ = result["unique_id"].split(".")
        sentences.append(f"dbt {kind} {name}: {findings.get(f'dbt:{name}') or _one_line(result)}")
    more = len(sentences) - _SENTENCES_SHOWN
    return [*sentences[:_SENTENCES_SHOWN], *([f"… and {more} more dbt failures."] if more > 0 else [])]


def _one_line(result: dict[str, Any]) -> str:
    return " ".join(str(result.get("message") or "failed").split())


def _said(result: dg.ExecuteInProcessResult, kind: str) -> list[str]:
    """The "warnings" or "notes" of all steps, each once."""
    found = [
        str(note)
        for event in result.all_events
        if event.is_step_materialization
        for name, value in event.step_materialization_data.materialization.metadata.items()
        if name == kind
        for note in value.value  # type: ignore[union-attr]
    ]
    return list(dict.fromkeys(found))
