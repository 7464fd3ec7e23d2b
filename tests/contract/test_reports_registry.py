"""Every registered report reads exactly the release tables that it and its exposure declare."""

from __future__ import annotations

import re

import pytest
import yaml

from exports.report import Report
from exports.reports import REPORTS
from orchestration.settings import PROJECT_ROOT

_TABLE = re.compile(r"\b(marts|forecast|planning|quality|ops)\.([a-z_]+)\b")
_DEPENDENCY = re.compile(r"^(?:ref\('(\w+)'\)|source\('(\w+)', '(\w+)'\))$")


@pytest.fixture(params=sorted(REPORTS))
def report(request: pytest.FixtureRequest) -> Report:
    """Each registered report in turn."""
    return REPORTS[request.param]


def test_registered_under_its_own_id(report: Report) -> None:
    assert REPORTS[report.report_id] is report


def test_queries_read_exactly_the_declared_inputs(report: Report) -> None:
    read = {".".join(found) for table in report.tables for found in _TABLE.findall(table.query)}
    assert read == set(report.inputs)


def test_exposure_declares_the_same_inputs(report: Report) -> None:
    file = PROJECT_ROOT / "dbt_project" / "exposures" / f"{report.report_id}.yml"
    exposure = yaml.safe_load(file.read_text(encoding="utf-8"))["exposures"][0]
    declared = set()
    for dependency in exposure["depends_on"]:
        found = _DEPENDENCY.match(dependency)
        assert found, dependency
        model, _source, table = found.groups()
        declared.add(model or table)
    assert exposure["name"] == report.report_id
    assert declared == {name.split(".")[1] for name in report.inputs}
