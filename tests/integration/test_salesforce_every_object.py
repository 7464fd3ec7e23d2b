"""Each declared Salesforce object lands whole, then what changed, and what was deleted leaves a tombstone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.systems.crm_describe import WITHOUT_DELETION_LOG
from ingestion.contract import Column
from ingestion.naming import raw_name
from ingestion.sources.salesforce.tables import TABLES
from tests.integration.salesforce_org import OrgWarehouse
from tests.unit.ingestion.fake_org import FakeObject, FakeOrg
from tests.unit.ingestion.small_source import CLOCK

TYPES = {"integer": "int", "decimal": "currency", "text": "string", "timestamp": "datetime"}
VALUES = {"integer": 7, "decimal": 12.5, "double": 0.25, "boolean": False, "date": "2024-02-29"}
OLD, NEW = "2024-02-20T10:00:00.000+0000", "2024-02-29T21:00:00.000+0000"


@pytest.fixture
def org_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrgWarehouse:
    return OrgWarehouse(tmp_path, monkeypatch)


def value_of(column: Column, number: int, stamp: str) -> Any:
    if column.type == "timestamp":
        return stamp
    return VALUES.get(column.type, f"{column.name} {number}")


def record(name: str, number: int, stamp: str = OLD, **changes: Any) -> dict[str, Any]:
    values = {column.name: value_of(column, number, stamp) for column in TABLES[name].columns}
    return values | {"Id": f"a0{number}5g00000AbCdEAAV", "Own__c": f"own {number}"} | changes


def org_of(name: str, *records: dict[str, Any], deleted: tuple[str, ...] = ()) -> FakeOrg:
    fields = {column.name: TYPES.get(column.type, column.type) for column in TABLES[name].columns}
    log = [(key, "2024-02-29T22:00:00.000+0000") for key in deleted]
    known = FakeObject(fields | {"Own__c": "string"}, list(records), log, name not in WITHOUT_DELETION_LOG)
    return FakeOrg(objects={name: known})


@pytest.mark.parametrize("name", TABLES)
def test_object_lands_whole_then_what_changed_and_what_is_gone(org_warehouse: OrgWarehouse, name: str) -> None:
    """The first load is a job, the increments come page by page."""
    table = raw_name(name)
    first = org_of(name, *(record(name, number) for number in (3, 1, 2)))
    whole = org_warehouse.load_org(first, CLOCK, table, bulk_from_rows=2)
    assert (whole.appended, whole.rejected) == (3, 0), whole.rejections
    assert whole.warnings == (f"Table {name} of salesforce: column Own__c is not declared, kept as text.",)
    can_be_deleted = TABLES[name].hard_deletes == "log"
    gone = record(name, 2)["Id"]
    kept = [record(name, 1), record(name, 3, NEW, Own__c="changed"), record(name, 4, NEW)]
    second = org_of(name, *kept, deleted=(gone,) if can_be_deleted else ())
    increment = org_warehouse.load_org(second, CLOCK + timedelta(hours=1), table, bulk_from_rows=2)
    assert (increment.appended, increment.deleted) == (2, int(can_be_deleted))
    live = org_warehouse.query(
        f'select id, own_c from raw_salesforce."{table}"'
        " qualify row_number() over (partition by id order by _extracted_at desc, _deleted_at is null) = 1"
        "     and _deleted_at is null order by id"
    )
    expected = kept if can_be_deleted else [*kept, record(name, 2)]
    assert live == sorted((row["Id"], row["Own__c"]) for row in expected)
    again = org_warehouse.load_org(second, CLOCK + timedelta(hours=2), table, bulk_from_rows=2)
    assert (again.appended, again.deleted) == (0, 0)
