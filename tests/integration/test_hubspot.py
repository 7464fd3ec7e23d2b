"""The demo company with HubSpot instead of Salesforce: the same deals reach the same marts, by settings alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.systems.crm_state import CrmState
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_portal import Portal
from demo.systems.hubspot_server import HubspotServer, portal_app
from demo.systems.store import create_systems, demo_now, evolve
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from orchestration.settings import Settings
from orchestration.sources import source_config
from tests.integration.dbt_build import run_dbt, set_clock

pytestmark = pytest.mark.integration
NAMES = ("hubspot", "erp", "fx", "calendar")
MODELS = ("+fct_opportunity", "+fct_opportunity_stage_event", "+fct_lead", "+fct_activity")
FAULTS = FaultPlan(every={61: 500}, retry_after=None, repeated_page_at=3)
TRACKED_FROM = date(2022, 9, 1)


@dataclass
class Company:
    """The small company behind HubSpot, and the warehouse it is loaded into."""

    folder: Path
    settings: Settings

    @property
    def systems(self) -> Path:
        """The company's own systems."""
        return self.folder / "demo"

    def load(self) -> LoadResult:
        """Load all sources at the company's now; what HubSpot's load did."""
        results = [
            load(
                SOURCES[name],
                source_config(name, self.settings),
                state_file=self.folder / "state.duckdb",
                pipelines_dir=self.folder / "dlt",
                clock=demo_now(self.systems),
            )
            for name in self.settings.sources
        ]
        return results[0]

    def build(self) -> None:
        """Build the marts about deals with their tests; no pipeline is named whose history began late."""
        with duckdb.connect(str(self.folder / "state.duckdb")) as connection:
            set_clock(connection, str(demo_now(self.systems)))
        variables = {"mappings": list(self.settings.mappings), "close_date_history_start": {}}
        # unit tests of models are about the default mappings
        selection = ("--select", *MODELS, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
        done = run_dbt(self.folder, "build", *selection, variables=variables)
        assert done.returncode == 0, done.stdout[-4000:]

    def marts(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the build."""
        return _query(self.folder / "build.duckdb", sql)

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the raw tables."""
        return _query(self.folder / "state.duckdb", sql)

    def deals(self) -> list[dict[str, Any]]:
        """What is true: the deals that are neither deleted nor merged away, as the company itself has them."""
        state = CrmState(self.systems).object_at("Opportunity", demo_now(self.systems))
        assert state is not None
        return [row for row in state.raw.to_pylist() if not row["IsDeleted"] and not row["Merged_Into__c"]]


def _query(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def increments() -> list[LoadResult]:
    """What the loads of HubSpot did after the first one."""
    return []


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, increments: list[LoadResult]) -> Iterator[Company]:
    """The company, loaded, moved on by three days, loaded again, and built."""
    folder = tmp_path_factory.mktemp("hubspot")
    create_systems(folder / "demo", "S")
    with HubspotServer(portal_app(folder / "demo", FAULTS)) as portal:
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None,
            sources=NAMES,
            mappings=NAMES,
            hubspot_base_url=portal.url,
            hubspot_token=portal.token,
            erp_url=f"sqlite:///{folder / 'demo' / 'erp.sqlite'}",
            drop_folder=folder / "demo" / "drop",
        )
        made = Company(folder, settings)
        made.load()
        evolve(made.systems, 3)
        increments += [made.load(), made.load()]
        made.build()
        yield made


def test_open_won_and_lost_deals_have_their_true_amounts(company: Company) -> None:
    counts, amounts = Counter[tuple[str, str]](), dict[tuple[str, str], Decimal]()
    for deal in company.deals():
        outcome = "won" if deal["IsWon"] else "lost" if deal["IsClosed"] else "open"
        key = outcome, deal["CurrencyIsoCode"]
        counts[key] += 1
        amounts[key] = amounts.get(key, Decimal(0)) + (deal["Amount"] or 0)
    found = company.marts("""
        select
            case when is_won then 'won' when is_lost then 'lost' else 'open' end as outcome, currency,
            count(*), sum(amount_document)
        from marts.fct_opportunity where is_open or is_won or is_lost group by all
    """)
    assert {(outcome, currency): (count, amount) for outcome, currency, count, amount in found} == {
        key: (counts[key], amounts[key]) for key in counts
    }
    assert len(found) >= 12


def test_history_that_the_portal_does_not_keep_gives_null_and_never_zero(company: Company) -> None:
    """Only the deals of one pipeline from before its close dates were recorded are unknown."""
    early = sum(row["Pipeline__c"] == "tender" and row["CreatedDate"].date() < TRACKED_FROM for row in company.deals())
    found = company.marts("""
        select pipeline_id, count(*), count(push_count), sum(push_count) from marts.fct_opportunity
        where is_open or is_won or is_lost group by all
    """)
    unknown = {pipeline: deals - known for pipeline, deals, known, _ in found}
    assert unknown == {"new": 0, "expansion": 0, "tender": early}
    assert early >= 10
    assert all(pushes > 20 for *_, pushes in found)


def test_stages_are_entered_in_the_order_of_the_portal_s_history(company: Company) -> None:
    ((steps, deals, first),) = company.marts("""
        select count(*), count(distinct opportunity_id), count(*) filter (where event_seq = 1)
        from marts.fct_opportunity_stage_event
    """)
    assert steps > 3 * deals
    assert first == deals


def test_leads_and_activities_find_their_deals_and_customers(company: Company) -> None:
    ((leads, converted),) = company.marts("select count(*), count(opportunity_id) from marts.fct_lead")
    found = dict(company.marts("select activity_type, count(*) from marts.fct_activity group by all"))
    ((with_deal, with_customer),) = company.marts("""
        select count(opportunity_id), count(*) filter (where customer_id <> 'UNKNOWN') from marts.fct_activity
    """)
    assert leads > 700
    assert converted > 200
    assert {"call", "email", "meeting"} <= found.keys()
    assert with_deal > 2000
    assert with_customer > 3000


def test_an_increment_brings_what_changed_and_nothing_twice(company: Company, increments: list[LoadResult]) -> None:
    changed, nothing = increments
    of_deals = {row.resource: row for row in changed.resources}["deals"]
    assert 0 < of_deals.appended <= of_deals.extracted < 60
    assert (nothing.appended, nothing.deleted, nothing.rejected) == (0, 0, 0)
    for table in ("deals", "leads", "line_items", "calls", "companies"):
        ((twice,),) = company.raw(f"select count(*) - count(distinct (id, _row_hash)) from raw_hubspot.{table}")
        assert twice == 0, table


@pytest.mark.parametrize("kind", ["companies", "contacts", "leads", "deals", "line_items", "calls", "meetings"])
def test_raw_holds_what_the_portal_shows(company: Company, kind: str) -> None:
    records = Portal(company.systems).records(kind, demo_now(company.systems))
    found = company.raw(f"""
        select id, archived, updated_at from raw_hubspot.{kind}
        qualify row_number() over (partition by id order by _extracted_at desc, updated_at desc) = 1
            and _deleted_at is null
    """)
    assert set(found) == {
        (r.id, r.archived_at is not None, r.updated_at.replace(microsecond=0)) for r in records.values()
    }


def test_merges_are_recorded(company: Company) -> None:
    ((merged,),) = company.raw("select count(*) from raw_hubspot.companies where hs_merged_object_ids is not null")
    assert merged >= 2
