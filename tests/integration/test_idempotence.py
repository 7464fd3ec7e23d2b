"""Running twice changes nothing, and ten evolved days are one rebuild from state.

Compared are the manifests' content hashes of every table, over every row and column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.integration.demo_warehouse import DemoWarehouse, hash_file
from tests.integration.quirks.finding import finding

DAYS = 10
PER_RUN = {
    "quality.check_result": "one row per run and check: a second run adds its own",
    "quality.reconciliation": "one row per load and count: a second load adds its own",
    "quality.rejected_row": "one row per load and rejected row: the same sheet is rejected by each load",
}
"""Tables of the compared schemas that a second run may change, each with the reason."""

COMPARED = ("marts", "planning", "forecast", "quality")


@dataclass(frozen=True)
class Evolved:
    """A warehouse after ten days, each followed by a refresh; the warnings of all of them."""

    warehouse: DemoWarehouse
    warnings: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def evolved(warehouse: DemoWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Evolved:
    """Ten days, one at a time."""
    later = Evolved(warehouse.copy(tmp_path_factory.mktemp("evolved")))
    for _ in range(DAYS):
        later.warehouse.evolve(1)
        later.warnings.extend(later.warehouse.run_well("refresh").warnings)
    return later


def test_a_second_run_changes_nothing(warehouse: DemoWarehouse, own_warehouse: DemoWarehouse) -> None:
    own_warehouse.run_well("full")
    first, second = warehouse.hashes(*COMPARED), own_warehouse.hashes(*COMPARED)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} <= PER_RUN.keys()
    assert len(first) > len(PER_RUN) + 30
    assert warehouse.release.publish_id != own_warehouse.release.publish_id


def test_the_manifest_hashes_are_those_of_the_rows(warehouse: DemoWarehouse) -> None:
    assert hash_file(warehouse.release.database) == warehouse.hashes("marts", "forecast", "planning", "quality", "ops")


@pytest.mark.soak
def test_ten_days_by_refresh_equal_one_rebuild_from_state(warehouse: DemoWarehouse, evolved: Evolved) -> None:
    by_days = evolved.warehouse.hashes("marts")
    evolved.warehouse.environment.build_file.unlink()
    evolved.warehouse.run_well("rebuild")
    assert evolved.warehouse.hashes("marts") == by_days
    changed = {name for name, found in warehouse.hashes("marts").items() if by_days[name] != found}
    assert {"marts.fct_sales", "marts.fct_opportunity", "marts.fct_pipeline_snapshot", "marts.dim_customer"} <= changed


@pytest.mark.soak
def test_late_rows_arrive_though_their_stamp_lies_before_the_cursor(
    evolved: Evolved, record_property: Callable[[str, object], None]
) -> None:
    """O4: a version that shows up to two days after its modification is loaded all the same."""
    (entry,) = [quirk for quirk in evolved.warehouse.quirks() if quirk["id"] == "O4"]
    rows = evolved.warehouse.query_build(
        "select id, epoch(system_modstamp)::bigint from state.raw_salesforce.opportunity"
    )
    now = evolved.warehouse.query("select epoch(as_of_ts)::bigint from ops.clock")[0][0]
    moments = entry["expected"]["modified_at_and_delay_seconds"]
    planted = {(key, modified) for key, (modified, delay) in moments.items() if modified + delay <= now}
    found = finding("O4", "late-arriving versions (evolved)", planted, planted & set(rows))
    record_property("quirk", found.line())
    assert found.planted
    assert not found.missed


@pytest.mark.soak
def test_schema_events_are_accepted_quarantined_and_told(
    evolved: Evolved, record_property: Callable[[str, object], None]
) -> None:
    """O2: a new field is accepted with a warning, another type quarantines rows, a renamed field raises a warning."""
    (entry,) = [quirk for quirk in evolved.warehouse.quirks() if quirk["id"] == "O2"]
    told = " ".join(evolved.warnings)
    rejected = {row[0] for row in evolved.warehouse.query("select distinct table_name from quality.rejected_row")}
    found = set()
    for key in entry["keys"]:
        table, column = key.split(".")
        if f"{column} is not declared" in told:
            found.add((key, "accepted"))
        if table in rejected:
            found.add((key, "quarantined"))
        if f"{column} is missing" in told:
            found.add((key, "alert"))
    planted = {(key, event["outcome"]) for key, event in entry["expected"].items()}
    result = finding("O2", "schema events (evolved)", planted, found)
    record_property("quirk", result.line())
    assert not result.missed
    assert not result.false_positives
