"""The Salesforce source against the small demo company's CRM: by page and by job, through faults and kills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer, RunningServer
from demo.systems.store import create_systems, demo_now
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.salesforce.config import SalesforceConfig

pytestmark = pytest.mark.integration
Tables = dict[str, list[tuple[Any, ...]]]
Serve = Callable[..., RunningServer]
FEW = {"account", "case", "opportunity", "opportunity_field_history", "order", "quote_line_item", "user"}


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company at the frozen now."""
    folder = tmp_path_factory.mktemp("salesforce") / "demo"
    create_systems(folder, "S")
    return folder


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a CRM on a company, with the faults of a plan."""
    with ExitStack() as servers:
        yield lambda folder, faults=None: servers.enter_context(CrmServer(folder, faults=faults or CrmFaults()))


def configure(server: RunningServer, **settings: Any) -> SalesforceConfig:
    way_in = {"client_id": server.client_id, "client_secret": server.client_secret}
    return SalesforceConfig(**{"base_url": server.url} | way_in | settings)


def run(config: SalesforceConfig, folder: Path, clock: datetime, only: set[str] = FEW) -> LoadResult:
    """Load into the state file of `folder`."""
    return load(
        SOURCES["salesforce"],
        config,
        state_file=folder / "state.duckdb",
        pipelines_dir=folder / "pipelines",
        clock=clock,
        only=only,
    )


def raw_tables(folder: Path, only: set[str] = FEW) -> Tables:
    """All rows of the raw tables in order, but for the load's id."""
    with duckdb.connect(str(folder / "state.duckdb"), read_only=True) as connection:
        return {
            name: connection.execute(
                f'select * exclude (_load_id) from raw_salesforce."{name}" order by all'
            ).fetchall()
            for name in sorted(only)
        }


def test_by_job_and_by_page_give_the_same_rows(systems: Path, serve: Serve, tmp_path: Path) -> None:
    server = serve(systems)
    pages = run(configure(server, bulk_from_rows=10**9), tmp_path / "pages", demo_now(systems))
    jobs = run(configure(server, bulk_from_rows=0, bulk_page_rows=700), tmp_path / "jobs", demo_now(systems))
    assert raw_tables(tmp_path / "pages") == raw_tables(tmp_path / "jobs")
    assert (pages.appended, pages.rejected) == (jobs.appended, 0)
    assert pages.appended > 3_000
    missing, usage = jobs.notes
    assert missing == "Salesforce has no object Order, or the app may not see it; its raw table stays empty."
    assert usage.startswith("Salesforce counts ")
    assert not jobs.warnings
