"""A kill -9 of a load that finds changed, new and deleted rows: the next one makes raw as if both loads had lived.

The company is loaded once and lives on for some days; then the same later load is done undisturbed, and killed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb
import pytest

from demo.systems.erp_database import create_erp, move_erp
from demo.systems.store import create_systems, demo_now, evolve
from demo.systems.timeline_files import read_erp_table
from ingestion.naming import raw_name
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig
from tests.integration.databases import SERVERS, empty_database, is_named
from tests.integration.killed_loads import Killer, Task, undisturbed_and_killed
from tests.integration.small_loads import keep_workbooks, served

DAYS = 12
ONLY = {
    "salesforce": frozenset({"account", "campaign_cost_c", "opportunity", "opportunity_history"}),
    "hubspot": frozenset({"deals", "deal_property_history", "owners"}),
    "erp": frozenset({"customer", "invoice_line", "sales_order_line"}),
    "budget": frozenset({"line"}),
}
"""Tables in which within these days rows change, come and go, a column comes and a field changes its type."""
FIRST_WORKBOOKS = ("Budget_FY2025_v1.xlsx", "Budget_FY2024_v2.xlsx")
NEW_VERSION = "resent/Budget_FY2025_v1.xlsx"
"""The company sends a workbook again, under its name with other content."""
LOADS = ("salesforce", "hubspot", "erp", "erp on postgresql", "erp on mariadb", "budget")
EVERY_KIND = {"added", "changed", "deleted"}
KINDS = {name: {"added"} if name == "budget" else EVERY_KIND for name in LOADS}
"""What happens to rows; a number of a workbook never changes, for another content is another file."""


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer()


@pytest.fixture(scope="module")
def later_loads(tmp_path_factory: pytest.TempPathFactory, killer: Killer) -> Iterator[dict[str, tuple[Task, Path]]]:
    """Of each load the later one, and the folder with the first one's state."""
    folder = tmp_path_factory.mktemp("increments")
    systems = folder / "demo"
    create_systems(systems, "S")
    keep_workbooks(systems, FIRST_WORKBOOKS)
    with served(systems) as configs, ExitStack() as databases:
        servers = [kind for kind in SERVERS if is_named(kind)]
        urls = {kind: databases.enter_context(empty_database(kind)) for kind in servers}
        configs |= {f"erp on {kind}": ErpConfig(url=url, batch_rows=200) for kind, url in urls.items()}
        first, read = demo_now(systems), partial(read_erp_table, systems)
        for url in urls.values():
            create_erp(url, read, first)

        def task(name: str, clock: datetime) -> Task:
            source = name.partition(" ")[0]
            return Task(source, configs[name], clock, ONLY[source])

        loads = [name for name in LOADS if name in configs]
        for name in loads:
            killer.undisturbed(task(name, first), folder / name)
        later = evolve(systems, DAYS)
        for url in urls.values():
            move_erp(url, read, later)
        keep_workbooks(systems, (*FIRST_WORKBOOKS, NEW_VERSION))
        yield {name: (task(name, later), folder / name) for name in loads}


@pytest.mark.parametrize("name", LOADS)
def test_ten_kills_of_an_increment_leave_no_trace(
    later_loads: dict[str, tuple[Task, Path]], killer: Killer, tmp_path: Path, name: str
) -> None:
    if name not in later_loads:
        pytest.skip(f"no server is named for {name}")
    task, first = later_loads[name]
    for copy in ("whole", "killed"):
        shutil.copytree(first, tmp_path / copy)
    whole, killed = undisturbed_and_killed(killer, task, tmp_path / "whole", tmp_path / "killed", seed=13)
    assert killed == whole
    assert set(task.kept(first)) == set(whole)
    found = versions(task, tmp_path / "whole")
    assert {kind for kind, rows in found.items() if rows} == KINDS[name]


def versions(task: Task, folder: Path) -> dict[str, int]:
    """How many rows the later load added, changed and deleted, by their keys in the first one."""
    source = SOURCES[task.source]
    contracts = [table for table in source.tables.values() if raw_name(table.name) in (task.only or ())]
    found = dict.fromkeys(EVERY_KIND, 0)
    with duckdb.connect(str(folder / "state.duckdb"), read_only=True) as connection:
        for table in contracts:
            key = ", ".join(f'"{raw_name(name)}"' for name in table.key)
            rows = connection.execute(
                "select case when _deleted_at is not null then 'deleted' when known then 'changed' else 'added' end"
                f" from (select *, min(_extracted_at) over (partition by {key}) < _extracted_at as known"
                f' from {source.dataset}."{raw_name(table.name)}") where _extracted_at = ?',
                [task.clock],
            ).fetchall()
            for (kind,) in rows:
                found[kind] += 1
    return found
