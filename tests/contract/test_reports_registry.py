"""Every registered report reads exactly the release tables that it and its exposure declare."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from exports.report import Report
from exports.reports import REPORTS
from orchestration.checks import report_suite
from orchestration.dbt import provided_entities
from orchestration.settings import PROJECT_ROOT, Settings

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


def test_needs_an_entity_of_the_staging_contract(report: Report) -> None:
    """The demo company has it; a company without any mapping has nothing to show."""
    demo = Settings(_env_file=None)
    assert report.entity in provided_entities(demo)
    assert provided_entities(demo.model_copy(update={"mappings": ()})) == set()


def test_an_empty_workbook_fails_where_its_source_is_there(report: Report) -> None:
    workbook, table = Path(f"{report.report_id}.xlsx"), Path(f"{report.report_id}_stages.csv")
    severities = {
        (file.suffix, has_source): {e.name: e.severity for e in report_suite(file, has_source).expectations}
        for file in (workbook, table)
        for has_source in (True, False)
    }
    assert {key: found["body_row.max"] for key, found in severities.items()} == {
        (".xlsx", True): "error",
        (".xlsx", False): "warn",
        (".csv", True): "warn",
        (".csv", False): "warn",
    }


def test_says_what_it_answers(report: Report) -> None:
    assert report.question.endswith("?")
    assert all(table.grain and table.title for table in report.tables)
    assert all(re.fullmatch(r"M\d\d", metric) for metric, _ in report.definitions)
