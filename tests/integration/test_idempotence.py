"""Running twice changes nothing, and ten evolved days are one rebuild from state.

Compared are the manifests' content hashes of every table, over every row and column.
"""

from __future__ import annotations

import pytest

from tests.integration.demo_warehouse import DemoWarehouse, hash_file

DAYS = 10
PER_RUN = {
    "quality.check_result": "one row per run and check: a second run adds its own",
    "quality.reconciliation": "one row per load and count: a second load adds its own",
    "quality.rejected_row": "one row per load and rejected row: the same sheet is rejected by each load",
}
"""Tables of the compared schemas that a second run may change, each with the reason."""

COMPARED = ("marts", "planning", "forecast", "quality")


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
def test_ten_days_by_refresh_equal_one_rebuild_from_state(
    warehouse: DemoWarehouse, own_warehouse: DemoWarehouse
) -> None:
    for _ in range(DAYS):
        own_warehouse.evolve(1)
        own_warehouse.run_well("refresh")
    by_days = own_warehouse.hashes("marts")
    own_warehouse.environment.build_file.unlink()
    own_warehouse.run_well("rebuild")
    assert own_warehouse.hashes("marts") == by_days
    changed = {name for name, found in warehouse.hashes("marts").items() if by_days[name] != found}
    assert {"marts.fct_sales", "marts.fct_opportunity", "marts.fct_pipeline_snapshot", "marts.dim_customer"} <= changed
