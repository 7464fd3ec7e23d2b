"""Great Expectations suites as blocking asset checks: one factory over `expectations.SUITES`.

What belongs here: giving each suite its rows and recording what it found. What does not: the suites and how they run
(expectations).
"""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from expectations import SUITES
from expectations.cells import body_row_count, report_cells
from expectations.runner import SuiteResult, run_suite
from expectations.suite import Suite
from exports.publish import current_release
from exports.reports import REPORTS
from orchestration.audit import CheckResult, record_checks
from orchestration.keys import report_key, table_key
from orchestration.raw_audit import remember_passed, rows_to_audit, suite_in_question
from orchestration.resources import WritingRun
from orchestration.state import read_only

CHECK_NAME = "expectations"
REPORT_SUITE = "exports/report_file"


def table_checks(existing: Iterable[dg.AssetKey]) -> list[dg.AssetChecksDefinition]:
    """One blocking check per suite whose table is in the graph; a failing expectation stops what comes after it."""
    keys = set(existing)
    return [_check(name, suite) for name, suite in SUITES.items() if _key(name) in keys]


def report_checks() -> list[dg.AssetChecksDefinition]:
    """One check per report on the files that it has just written; it can hold back delivery, never the release."""
    return [_report_check(report_id) for report_id in REPORTS]


def report_failures(file: Path, row_count: int | None) -> list[str]:
    """What is wrong with an exported file, one sentence each; `row_count` is what its report says to have written.

    A report may rightly have no row: a company without a closed month has neither forecasts nor their accuracy.
    """
    cells = report_cells(file)
    result = run_suite(SUITES[REPORT_SUITE], cells)
    failures = [e.message for e in result.expectations if not e.passed and e.severity == "error"]
    held = body_row_count(cells)
    if row_count is None:
        failures.append("Expected no such file, for the report has not written it.")
    elif held != row_count:
        failures.append(f"Expected {row_count} rows, as the report's queries gave, but the file holds {held}.")
    return [f"{file.name}: {failure}" for failure in failures]


def _report_check(report_id: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=report_key(report_id),
        name=CHECK_NAME,
        blocking=True,
        required_resource_keys={"writing_run"},
        description="Great Expectations suite of every exported file, and the number of its rows.",
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        run: WritingRun = context.resources.writing_run
        release = current_release(run.environment.releases)
        files = sorted((run.environment.reports / release.publish_id).glob(f"{report_id}[._]*"))
        with read_only(run.environment.state_file) as connection:
            query = "select export_id, row_count from ops.export_log where publish_id = ? and report_id = ?"
            written = dict(connection.execute(query, [release.publish_id, report_id]).fetchall())
        exports = [(file, written.get(f"{release.publish_id}/{file.name}")) for file in files]
        failures = [failure for file, rows in exports for failure in report_failures(file, rows)]
        empty = ", ".join(file.name for file, rows in exports if rows == 0)
        return dg.AssetCheckResult(
            passed=bool(files) and not failures,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(failures)
            or f"{len(files)} files hold what they should" + (f"; without a row: {empty}." if empty else "."),
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
        asked = suite_in_question(run.environment.state_file, suite)
        frame = rows_to_audit(run.environment.state_file, asked)
        result = run_suite(asked, frame)
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
            finding="" if expectation.passed else expectation.message,
        )
        for expectation in result.expectations
    ]


def _key(name: str) -> dg.AssetKey:
    return table_key(name.replace("/", "."))
