"""The demo company with HubSpot instead of Salesforce: the same deals reach the same marts, by settings alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.company.territories import territory_map
from demo.systems.crm_state import CrmState
from demo.systems.faults import FaultPlan
from demo.systems.hubspot_portal import Portal
from demo.systems.hubspot_server import HubspotServer, RunningPortal, portal_app
from demo.systems.hubspot_shapes import KINDS
from demo.systems.store import create_systems, demo_now, erp_address, evolve
from exports.publish import Release, current_release
from exports.reports import REPORTS
from ingestion.pipeline import LoadResult, load
from ingestion.registry import SOURCES
from orchestration.dbt import run_dbt
from orchestration.environment import Environment
from orchestration.runs import run_job
from orchestration.runs_model import RunOutcome
from orchestration.settings import Settings
from orchestration.sources import source_config
from tests.integration.demo_warehouse import DemoWarehouse, history_in_memory, query_file

pytestmark = pytest.mark.integration
NAMES = ("hubspot", "erp", "budget", "fx", "calendar")
FAULTS = FaultPlan(every={61: 500}, retry_after=None, repeated_page_at=3)
TRACKED_FROM = date(2022, 9, 1)


@dataclass
class Company:
    """The small company behind HubSpot, and its environment."""

    folder: Path
    portal: RunningPortal
    increment: LoadResult | None = None
    outcome: RunOutcome | None = None

    @property
    def systems(self) -> Path:
        """The company's own systems."""
        return self.folder / "demo"

    @property
    def settings(self) -> Settings:
        """What somebody with such a company sets, at the company's now; no pipeline's history is said to begin late."""
        return Settings(  # type: ignore[call-arg]
            _env_file=None,
            environment="hubspot",
            var_dir=self.folder / "var",
            clock=demo_now(self.systems).isoformat(),
            sources=NAMES,
            mappings=NAMES,
            hubspot_base_url=self.portal.url,
            hubspot_token=self.portal.token,
            erp_url=erp_address(self.systems),
            drop_folder=self.systems / "drop",
            close_date_history_start={},
            forecast_backtest_windows=2,
            code_version="test",
        )

    @property
    def environment(self) -> Environment:
        """Where its files lie."""
        return Environment.of(self.settings)

    def load(self) -> LoadResult:
        """Load HubSpot alone at the company's now."""
        return load(
            SOURCES["hubspot"],
            source_config("hubspot", self.settings),
            state_file=self.environment.state_file,
            pipelines_dir=self.environment.pipelines,
            clock=demo_now(self.systems),
        )

    def run(self) -> RunOutcome:
        """The whole job, as `saleswh run` does it."""
        with history_in_memory():
            return run_job(self.settings, "full", lambda progress: None)

    @property
    def release(self) -> Release:
        """The release that is served."""
        return current_release(self.environment.releases)

    def marts(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the release."""
        return query_file(self.release.database, sql)

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the raw tables."""
        return query_file(self.environment.state_file, sql)

    def deals(self) -> list[dict[str, Any]]:
        """What is true: the deals that are neither deleted nor merged away, as the company itself has them."""
        state = CrmState(self.systems).object_at("Opportunity", demo_now(self.systems))
        assert state is not None
        return [row for row in state.raw.to_pylist() if not row["IsDeleted"] and not row["Merged_Into__c"]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company, its HubSpot loaded, moved on by three days, loaded again, then the whole job."""
    folder = tmp_path_factory.mktemp("hubspot")
    create_systems(folder / "demo", "S")
    with HubspotServer(portal_app(folder / "demo", FAULTS)) as portal:
        made = Company(folder, portal)
        made.load()
        evolve(made.systems, 3)
        made.increment = made.load()
        made.outcome = made.run()
        assert made.outcome.success, "\n".join(made.outcome.failures)
        yield made


BUDGET = """
    select budget_version, fiscal_period_key, lower(territory_name), product_category, measure, sum(amount), count(*)
    from marts.fct_budget
    left join (select distinct territory_id, territory_name from marts.dim_territory) using (territory_id)
    group by all order by all
"""


def test_the_whole_job_ends_in_a_release_and_its_reports(company: Company) -> None:
    assert company.outcome and company.outcome.success
    files = (company.environment.reports / company.release.publish_id).glob("*.xlsx")
    assert len(list(files)) == len(REPORTS)
    assert "marts.fct_budget_vs_actual" in company.release.manifest["tables"]


def test_budgets_by_territory_are_whole(company: Company, warehouse: DemoWarehouse) -> None:
    """Each number stands at the territory that its sheet names, as in the same company with Salesforce."""
    assert company.marts(BUDGET) == warehouse.query(BUDGET)


def test_sales_stand_at_the_territories_of_their_companies(company: Company) -> None:
    """Territories come from a property of the companies; only what nobody placed is at UNKNOWN."""
    ((net, placed),) = company.marts("""
        select sum(net_amount), sum(net_amount) filter (where starts_with(territory_id, 'hubspot:'))
        from marts.fct_sales
    """)
    assert placed / net > Decimal("0.95")
    ((budgeted_and_sold,),) = company.marts("""
        select count(distinct territory_id) from marts.fct_budget_vs_actual
        where actual_amount > 0 and budget_amount > 0
    """)
    assert budgeted_and_sold == 16


def test_territories_that_only_budgets_name_are_members_with_a_warning(company: Company) -> None:
    inferred = company.marts(
        "select territory_name from marts.dim_territory where starts_with(territory_id, 'budget:')"
    )
    assert {name for (name,) in inferred} == set(territory_map().changed())
    warned = company.raw("""
        select status, severity, failing_rows from quality.check_result
        where check_id like '%warn_budget_territories_unknown%'
    """)
    assert warned == [("warned", "warn", len(inferred))]


def test_the_mapping_s_own_unit_tests_pass(company: Company) -> None:
    target = company.environment.dbt_target / "unit_tests"
    run_dbt(company.settings, ["test", "--select", "test_type:unit,path:models/staging/hubspot"], target)
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert {result["status"] for result in results} == {"pass"}


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


def test_an_increment_brings_what_changed_and_nothing_twice(company: Company) -> None:
    assert company.increment
    of_deals = {row.resource: row for row in company.increment.resources}["deals"]
    assert 0 < of_deals.appended <= of_deals.extracted < 60
    # the whole job has loaded once more, when nothing had changed
    last = company.raw("""
        select count(*) > 10, sum(rows_loaded), sum(rows_deleted) from ops.load
        where load_id = (select arg_max(load_id, rowid) from ops.load where source = 'hubspot')
    """)
    assert last == [(True, 0, 0)]
    for table in ("deals", "leads", "line_items", "calls", "companies"):
        ((twice,),) = company.raw(f"select count(*) - count(distinct (id, _row_hash)) from raw_hubspot.{table}")
        assert twice == 0, table


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_raw_holds_what_the_portal_shows(company: Company, kind: str) -> None:
    records = Portal(company.systems).records(kind, demo_now(company.systems))
    found = company.raw(f"""
        select id, archived, updated_at from raw_hubspot.{kind}
        qualify row_number() over (partition by id order by _extracted_at desc, updated_at desc) = 1
            and _deleted_at is null
    """)
    assert bool(found) == (kind != "notes")
    assert set(found) == {
        (r.id, r.archived_at is not None, r.updated_at.replace(microsecond=0)) for r in records.values()
    }


def test_merges_are_recorded(company: Company) -> None:
    ((merged,),) = company.raw("select count(*) from raw_hubspot.companies where hs_merged_object_ids is not null")
    assert merged >= 2
