"""dbt's unit tests of SQL logic: they need the built tables for their columns, so they run on the small company."""

from __future__ import annotations

import json

from orchestration.dbt import run_dbt
from tests.integration.demo_warehouse import DemoWarehouse


def test_every_dbt_unit_test_passes(warehouse: DemoWarehouse) -> None:
    target = warehouse.environment.dbt_target / "unit_tests"
    run_dbt(warehouse.settings, ["test", "--select", "test_type:unit"], target)
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert len(results) > 50
    assert {result["status"] for result in results} == {"pass"}
