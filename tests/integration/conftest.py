"""One small demo warehouse for the whole session, and the table of planted quirks at the end of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from tests.integration.demo_warehouse import DemoWarehouse

HERE = Path(__file__).parent
BUILD_SECONDS = 900
"""How long a test process waits for the one that builds the warehouse."""

SECTIONS = {
    "quirk": "Planted quirks (small demo company): planted, found, missed, false positives",
    "revenue": "Net revenue in EUR by fiscal year: right, and by the usual mistakes",
}
"""Sections of the summary, by the name of the property with which tests record their lines."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is an integration test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DemoWarehouse:
    """The small company after one full job. Read only: a test that changes anything works on a copy.

    Built once per session, however many processes share it.
    """
    kept = request.config.getoption("--warehouse")
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent
    made = DemoWarehouse.at(Path(kept) if kept else shared / "warehouse")
    with FileLock(shared / "warehouse.lock", timeout=BUILD_SECONDS):
        if not made.environment.releases.is_dir():
            outcome = made.run_on_record("full")
            assert outcome.success, "\n".join(outcome.failures)
    return made


@pytest.fixture
def own_warehouse(warehouse: DemoWarehouse, tmp_path: Path) -> DemoWarehouse:
    """A copy that the test may change."""
    return warehouse.copy(tmp_path / "var")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the lines that tests have recorded, section by section."""
    reports = [report for group in ("passed", "failed") for report in terminalreporter.stats.get(group, [])]
    recorded = [(name, str(line)) for report in reports for name, line in getattr(report, "user_properties", [])]
    for section, title in SECTIONS.items():
        lines = [line for name, line in recorded if name == section]
        if lines:
            terminalreporter.section(title)
            for line in sorted(lines, key=_by_quirk) if section == "quirk" else lines:
                terminalreporter.write_line(line)


def _by_quirk(line: str) -> tuple[str, int, str]:
    return line[0], int(line[1:4]), line
