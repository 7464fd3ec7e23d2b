"""What an administrator removes in Salesforce ends in the marts when it was removed; what held before stays."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.systems.crm_describe import WITHOUT_DELETION_LOG
from ingestion.sources.salesforce.tables import TABLES
from tests.integration.dbt_build import run_dbt, set_clock
from tests.integration.salesforce_org import OrgWarehouse
from tests.unit.ingestion.fake_org import FakeObject, FakeOrg

pytestmark = pytest.mark.integration

TYPES = {"integer": "int", "decimal": "currency", "text": "string", "timestamp": "datetime"}
BEFORE, AFTER = datetime(2024, 3, 10, 6), datetime(2024, 3, 20, 6)
MADE, REMOVED = "2024-01-15T08:00:00.000+0000", "2024-03-20T05:00:00.000+0000"
BUILT = ("bridge_sales_rep_territory", "dim_sales_rep", "dim_territory", "fct_quota")
Rows = list[dict[str, Any]]


def shown(name: str, rows: Rows, *removed: str) -> FakeObject:
    """An object with these records; `removed` are in its deletion log, if it has one."""
    fields = {column.name: TYPES.get(column.type, column.type) for column in TABLES[name].columns}
    records = [{"SystemModstamp": MADE, **row} for row in rows]
    return FakeObject(fields, records, [(key, REMOVED) for key in removed], name not in WITHOUT_DELETION_LOG)


def quota(key: str, start: str, amount: int) -> dict[str, Any]:
    return {"Id": key, "QuotaOwnerId": "005A", "StartDate": start, "QuotaAmount": amount, "IsAmount": True}


ANA = {"Id": "005A", "Name": "Ana", "Team__c": "North", "IsActive": True}
BO = {"Id": "005B", "Name": "Bo", "UserRoleId": "00E1", "IsActive": True}
COAST, LAKES = {"Id": "0MI1", "Name": "Coast"}, {"Id": "0MI2", "Name": "Lakes"}
ASSIGNMENTS = [
    {"Id": "0RI1", "UserId": "005A", "Territory2Id": "0MI1", "Share__c": 0.8},
    {"Id": "0RI2", "UserId": "005A", "Territory2Id": "0MI2", "Share__c": 0.2},
    {
        "Id": "0RI3",
        "UserId": "005B",
        "Territory2Id": "0MI1",
        "Valid_From__c": "2024-02-01",
        "Valid_To__c": "2024-03-01",
    },
]
QUOTAS = [quota(f"0J9{month}", f"2024-0{month}-01", 100 * month) for month in (1, 2, 3, 4)]


@pytest.fixture
def org_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrgWarehouse:
    return OrgWarehouse(tmp_path, monkeypatch)


def both_states() -> tuple[FakeOrg, FakeOrg]:
    """The org, and the org after an administrator has tidied up; January's quota was deleted and entered anew."""
    whole = {
        "User": shown("User", [ANA, BO]),
        "UserRole": shown("UserRole", [{"Id": "00E1", "Name": "Sales Representative"}]),
        "Territory2": shown("Territory2", [COAST, LAKES]),
        "UserTerritory2Association": shown("UserTerritory2Association", ASSIGNMENTS),
        "ForecastingQuota": shown("ForecastingQuota", QUOTAS),
    }
    anew = {**quota("0J91b", "2024-01-01", 111), "SystemModstamp": REMOVED}
    tidied = {
        "User": shown("User", [ANA, {**BO, "UserRoleId": None, "SystemModstamp": REMOVED}]),
        "UserRole": shown("UserRole", [], "00E1"),
        "Territory2": shown("Territory2", [COAST]),
        "UserTerritory2Association": shown("UserTerritory2Association", ASSIGNMENTS[:1]),
        "ForecastingQuota": shown("ForecastingQuota", [anew], *(row["Id"] for row in QUOTAS)),
    }
    return FakeOrg(objects=whole), FakeOrg(objects=tidied)


def built(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_removal_ends_what_it_removes_and_leaves_history(org_warehouse: OrgWarehouse) -> None:
    first, second = both_states()
    org_warehouse.load_org(first, BEFORE)
    result = org_warehouse.load_org(second, AFTER)
    assert result.deleted == 1 + 1 + 2 + 4
    with duckdb.connect(str(org_warehouse.state_file)) as connection:
        set_clock(connection, str(AFTER))
    folder, variables = org_warehouse.folder, {"mappings": ["salesforce"]}
    upstream = [f"+{name}" for name in BUILT]
    done = run_dbt(folder, "run", "--select", *upstream, variables=variables)
    assert done.returncode == 0, done.stdout[-4000:]
    own_tests = ["--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"]
    done = run_dbt(folder, "test", *own_tests, "--select", *upstream, variables=variables)
    assert done.returncode == 0, done.stdout[-4000:]
    start, end = date(2024, 1, 15), date(2024, 3, 20)
    bridge = "select sales_rep_id, territory_id, valid_from, valid_to from marts.bridge_sales_rep_territory"
    assert built(folder, f"{bridge} where recorded_to is null order by all") == [
        ("salesforce:005A", "salesforce:0MI1", start, None),
        ("salesforce:005A", "salesforce:0MI2", start, end),
        ("salesforce:005B", "salesforce:0MI1", date(2024, 2, 1), date(2024, 3, 1)),
    ]
    known_before = f"{bridge} where recorded_to = timestamp '{AFTER}' order by all"
    assert built(folder, known_before) == [
        ("salesforce:005A", "salesforce:0MI2", start, None),
        ("salesforce:005B", "salesforce:0MI1", date(2024, 2, 1), date(2024, 3, 1)),
    ]
    territories = (
        "select territory_id, valid_from, valid_to from marts.dim_territory where territory_id like 's%' order by 1"
    )
    assert built(folder, territories) == [("salesforce:0MI1", start, None), ("salesforce:0MI2", start, end)]
    reps = "select distinct sales_rep_id from marts.dim_sales_rep where sales_rep_id like 's%' order by 1"
    assert built(folder, reps) == [("salesforce:005A",), ("salesforce:005B",)]
    quotas = "select period_start, amount, is_current from marts.fct_quota order by 1"
    assert built(folder, quotas) == [
        (date(2024, 1, 1), Decimal(111), True),
        (date(2024, 2, 1), Decimal(200), True),
    ]
