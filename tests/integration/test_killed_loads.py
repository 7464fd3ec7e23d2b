"""A load that gets a kill -9 at any moment leaves nothing that counts: the next one makes raw as if there were none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo.systems.erp_database import create_erp
from demo.systems.store import create_systems, demo_now
from demo.systems.timeline_files import read_erp_table
from ingestion.sources.erp.config import ErpConfig
from tests.integration.databases import empty_database
from tests.integration.killed_loads import Killer, Task, undisturbed_and_killed
from tests.integration.small_loads import keep_workbooks, served

ONLY = {
    "salesforce": frozenset({"opportunity", "quote"}),
    "hubspot": frozenset({"deals", "deal_property_history", "owners"}),
    "erp": frozenset({"customer", "invoice", "invoice_line"}),
}
"""Tables that are enough for a load in several parts; other sources are read whole."""
SOURCES = ("salesforce", "hubspot", "erp", "budget", "fx", "files", "calendar")
WORKBOOKS = ("Budget_FY2022_v1.xlsx", "Budget_FY2024_v2.xlsx")
"""Of the company's budgets, two: one whole, one with a sheet that is rejected."""


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer()


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company."""
    folder = tmp_path_factory.mktemp("killed") / "demo"
    create_systems(folder, "S")
    keep_workbooks(folder, WORKBOOKS)
    return folder


@pytest.fixture(scope="module")
def configs(systems: Path) -> Iterator[dict[str, Any]]:
    """The settings by which each source reads the company."""
    with served(systems) as settings:
        yield settings


@pytest.mark.parametrize("source", SOURCES)
def test_ten_kills_at_random_moments_leave_no_trace(
    systems: Path, configs: dict[str, Any], killer: Killer, tmp_path: Path, source: str
) -> None:
    task = Task(source, configs[source], demo_now(systems), ONLY.get(source))
    assert_no_trace(killer, task, tmp_path)


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_ten_kills_of_a_load_from_a_database_server(systems: Path, killer: Killer, tmp_path: Path, server: str) -> None:
    """The server still holds a dead load's session for a while: the next one does not wait for it."""
    with empty_database(server) as url:
        create_erp(url, partial(read_erp_table, systems), demo_now(systems))
        # Small batches: the reader and the comparison take turns, so kills meet both.
        task = Task("erp", ErpConfig(url=url, batch_rows=200), demo_now(systems), ONLY["erp"])
        assert_no_trace(killer, task, tmp_path)


def assert_no_trace(killer: Killer, task: Task, folder: Path) -> None:
    """Load undisturbed and killed, and compare."""
    whole, killed = undisturbed_and_killed(killer, task, folder / "whole", folder / "killed", seed=11)
    assert killed == whole
    assert any(rows for table, rows in whole.items() if table.startswith("raw_"))
