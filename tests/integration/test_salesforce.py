"""The Salesforce source against the small demo company's CRM: by page and by job, through faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.systems.crm_faults import CrmFaults
from demo.systems.crm_server import CrmServer, RunningServer
from demo.systems.store import create_systems, demo_now, evolve
from ingestion.errors import IngestionError
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from ingestion.sources.salesforce.config import SalesforceConfig

pytestmark = pytest.mark.integration
Tables = dict[str, list[tuple[Any, ...]]]
Serve = Callable[..., RunningServer]
CHANGING = {"opportunity", "quote"}
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
    (usage,) = jobs.notes
    assert usage.startswith("Salesforce counts ")
    assert not jobs.warnings


FAULTY = [
    (CrmFaults(every={7: 429, 11: 500}, repeated_page_at=2, token_requests=9, retry_after="0"), None),
    (CrmFaults(error_body_at=4, truncated_at=9, drop_at=12, web_page_at=15), None),
    (CrmFaults(page_loop=True), "lead in a circle"),
    (CrmFaults(skipped_page_at=1), "but delivered"),
    (CrmFaults(daily_limit=8), "API requests"),
]


@pytest.fixture(scope="module")
def expected(systems: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The raw tables after a load from a CRM without faults."""
    folder = tmp_path_factory.mktemp("expected")
    with CrmServer(systems, faults=CrmFaults()) as server:
        run(configure(server, page_rows=500), folder, demo_now(systems))
    return raw_tables(folder)


@pytest.mark.parametrize(
    ("faults", "sentence"), FAULTY, ids=["bursts", "broken answers", "page loop", "missing page", "daily limit"]
)
def test_a_bad_day_of_the_server_changes_nothing(
    systems: Path, serve: Serve, tmp_path: Path, expected: Tables, faults: CrmFaults, sentence: str | None
) -> None:
    server = serve(systems, faults)
    settings = {"page_rows": 500, "bulk_from_rows": 3000, "bulk_page_rows": 2000}
    if sentence is None:
        run(configure(server, **settings), tmp_path, demo_now(systems))
    else:
        with pytest.raises(IngestionError, match=sentence):
            run(configure(server, **settings), tmp_path, demo_now(systems))
        run(configure(serve(systems), **settings), tmp_path, demo_now(systems))
    assert raw_tables(tmp_path) == expected


def test_late_rows_a_wrong_clock_and_a_retyped_field_are_made_good_by_the_next_load(
    systems: Path, serve: Serve, tmp_path: Path
) -> None:
    """Records half a day late, an org whose clock is ten minutes fast, amounts that turn into text for a day."""
    company = Path(shutil.copytree(systems, tmp_path / "demo"))
    odd = CrmFaults(late_minutes=12 * 60, clock_offset_minutes=10, retyped="Opportunity.Amount")
    run(configure(serve(company)), tmp_path / "odd", demo_now(company), CHANGING)
    evolve(company, 1)
    result = run(configure(serve(company, odd)), tmp_path / "odd", demo_now(company), CHANGING)
    assert any("expected decimal, got str approx." in sentence for sentence in result.rejections)
    evolve(company, 1)
    for place in ("odd", "once"):
        run(configure(serve(company)), tmp_path / place, demo_now(company), CHANGING)
    assert current(tmp_path / "odd") == current(tmp_path / "once")


def current(folder: Path) -> Tables:
    """The latest version of each record, tombstones left out, without what a load adds."""
    with duckdb.connect(str(folder / "state.duckdb"), read_only=True) as connection:
        return {
            name: connection.execute(
                f'select * exclude (_load_id, _extracted_at) from raw_salesforce."{name}"'
                " qualify row_number() over (partition by id order by _extracted_at desc, system_modstamp desc,"
                " _deleted_at is null) = 1 and _deleted_at is null order by all"
            ).fetchall()
            for name in sorted(CHANGING)
        }
