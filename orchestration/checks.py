"""Great Expectations suites as blocking asset checks: one factory over `expectations.SUITES`.

What belongs here: giving each suite its rows and recording what it found. What does not: the suites and how they run
(expectations).
"""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from expectations import SUITES
from expectations.cells import report_cells
from expectations.exports__report_file import MAY_BE_EMPTY
from expectations.runner import SuiteResult, run_suite
from expectations.suite import Suite
from exports.publish import current_release
from exports.reports import REPORTS
from orchestration.audit import CheckResult, record_checks
from orchestration.dbt import provided_entities
from orchestration.keys import report_key, table_key
from orchestration.raw_audit import remember_passed, rows_to_audit
from orchestration.resources import WritingRun
from orchestration.settings import Settings

CHECK_NAME = "expectations"
REPORT_SUITE = "exports/report_file"


def table_checks(existing: Iterable[dg.AssetKey]) -> list[dg.AssetChecksDefinition]:
    """One blocking check per suite whose table is in the graph; a failing expectation stops what comes after it."""
    keys = set(existing)
    return [_check(name, suite) for name, suite in SUITES.items() if _key(name) in keys]


def report_checks(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """One check per report on the files that it has just written; it can hold back delivery, never the release."""
    provided = provided_entities(settings)
    return [_report_check(report_id, report.entity in provided) for report_id, report in REPORTS.items()]


def report_suite(file: Path, has_source: bool) -> Suite:
    """The suite of one exported file: a workbook without a row fails where its source is there, and is told elsewhere.

    One table of a report may rightly be empty, such as that of closed periods in the first one.
    """
    return SUITES[REPORT_SUITE] if has_source and file.suffix == ".xlsx" else MAY_BE_EMPTY


def _report_check(report_id: str, has_source: bool) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=report_key(report_id),
        name=CHECK_NAME,
        blocking=True,
        required_resource_keys={"writing_run"},
        description="Great Expectations suite of every exported file.",
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        run: WritingRun = context.resources.writing_run
        release = current_release(run.environment.releases)
        files = sorted((run.environment.reports / release.publish_id).glob(f"{report_id}[._]*"))
        results = [(file.name, run_suite(report_suite(file, has_source), report_cells(file))) for file in files]
        failed = [(name, e) for name, r in results for e in r.expectations if not e.passed and e.severity == "error"]
        failures = [f"{name}: {expectation.message}" for name, expectation in failed]
        return dg.AssetCheckResult(
            passed=bool(files) and not failures,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(failures) or f"{len(files)} files hold what they should.",
        )

    return check


def _check(name: str, suite: Suite) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=_key(name),
        name=CHECK_NAME,
        blocking=True,
        required_resource_keys={"writing_run"},
        description=f"Great Expectations suite of {name}.",
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        run: WritingRun = context.resources.writing_run
        frame = rows_to_audit(run.environment.state_file, suite)
        result = run_suite(suite, frame)
        record_checks(run.environment.state_file, check_results(result, context.run.run_id, run))
        failures = [e.message for e in result.expectations if not e.passed and e.severity == "error"]
        if not failures:
            remember_passed(run.environment.state_file, suite)
        return dg.AssetCheckResult(
            passed=not failures,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(failures) or f"{len(result.expectations)} expectations hold on {len(frame)} rows.",
        )

    return check


def check_results(result: SuiteResult, run_id: str, run: WritingRun) -> list[CheckResult]:
    """A suite's result as rows of `quality.check_result`."""
    return [
        CheckResult(
            run_id=run_id,
            check_id=f"gx:{result.table}:{expectation.check_id}",
            entity=result.table,
            severity=expectation.severity,
            status="passed" if expectation.passed else "failed" if expectation.severity == "error" else "warned",
            failing_rows=expectation.failing_rows,
            checked_at=run.clock,
        )
        for expectation in result.expectations
    ]


def _key(name: str) -> dg.AssetKey:
    return table_key(name.replace("/", "."))
