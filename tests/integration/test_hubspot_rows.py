"""Rows of HubSpot portals that nobody here made up: every one is in raw, or kept as rejected with a reason.

They come as files, a table each; those that the source reads go through its own tables, in its own shapes, the others
as plain files. Without `../shared/data/crm_rows` the tests are skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.extract import DltSource

from ingestion.context import LoadContext, SourceDefinition
from ingestion.contract import TableContract
from ingestion.registry import SOURCES
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.hubspot.records import history_table, objects_table, plain_table
from ingestion.sources.hubspot.tables import (
    ASSOCIATIONS,
    DEAL_HISTORY,
    HISTORY_KEPT,
    OBJECTS,
    OWNERS,
    PIPELINES,
    STAGES,
)
from tests.unit.ingestion.small_source import CLOCK, Warehouse, append_without_dlt

pytestmark = pytest.mark.integration
ROWS = Path(__file__).parents[3] / "shared" / "data" / "crm_rows" / "hubspot"
Row = dict[str, Any]

OBJECT_FILES = {
    "company_data": "companies", "company_data_postgres": "companies", "company_data_snowflake": "companies",
    "company_data_databricks": "companies", "contact_data": "contacts", "deal_data": "deals",
    "engagement_call_data": "calls", "engagement_email_data": "emails", "engagement_meeting_data": "meetings",
    "engagement_note_data": "notes", "engagement_task_data": "tasks",
}  # fmt: skip
LINK_FILES = {
    "deal_company_data": ("deals", "companies", "deal_id", "company_id"),
    "deal_contact_data": ("deals", "contacts", "deal_id", "contact_id"),
    "engagement_company_data": ("engagements", "companies", "engagement_id", "company_id"),
    "engagement_contact_data": ("engagements", "contacts", "engagement_id", "contact_id"),
    "engagement_deal_data": ("engagements", "deals", "engagement_id", "deal_id"),
}
PLAIN_FILES: dict[str, tuple[TableContract, dict[str, str]]] = {
    "owner_data": (OWNERS, {"id": "owner_id", "firstName": "first_name", "lastName": "last_name"}),
    "deal_pipeline_data": (PIPELINES, {"id": "pipeline_id", "displayOrder": "display_order"}),
    "deal_pipeline_stage_data": (STAGES, {"id": "stage_id", "pipelineId": "pipeline_id", "isClosed": "is_closed"}),
}


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """An empty warehouse; the tests are skipped where the rows are absent."""
    if not ROWS.is_dir():
        pytest.skip("the shared sample data (../shared/data/crm_rows) is absent")
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    return Warehouse(tmp_path)


def rows_of(name: str) -> list[Row]:
    """The rows of one file; an empty field is nothing, as in HubSpot's JSON."""
    with (ROWS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(stream)]


def as_object(row: Row) -> Row:
    """A row as the API would show the object: its properties, and what stands beside them."""
    properties = {key.removeprefix("property_"): value for key, value in row.items() if key.startswith("property_")}
    return {
        "id": row.get("id") or row.get("deal_id") or row.get("engagement_id"),
        "updatedAt": row.get("_fivetran_synced") or properties.get("createdate"),
        "archived": str(row.get("is_deleted") or row.get("_fivetran_deleted")).lower() == "true",
        "properties": properties | {"hubspot_owner_id": row.get("owner_id"), "pipeline": row.get("deal_pipeline_id")},
    }


def objects(name: str) -> tuple[TableContract, Any]:
    found = [as_object(row) for row in rows_of(name)]
    names = list(dict.fromkeys(key for row in found for key in row["properties"]))
    return OBJECTS[OBJECT_FILES[name]].contract, objects_table(found, names)


def associations(name: str) -> tuple[TableContract, Any]:
    kind, to, start, end = LINK_FILES[name]
    found = [
        {"fromObjectType": kind, "toObjectType": to, "fromObjectId": row[start], "toObjectId": row[end],
         "typeId": row.get("type_id"), "category": row.get("category")}
        for row in rows_of(name)
    ]  # fmt: skip
    return ASSOCIATIONS, plain_table(found, [column.name for column in ASSOCIATIONS.columns])


def plain(name: str) -> tuple[TableContract, Any]:
    contract, names = PLAIN_FILES[name]
    found = [row | {"objectType": "deals"} | {to: row.get(of) for to, of in names.items()} for row in rows_of(name)]
    return contract, plain_table(found, [column.name for column in contract.columns])


def history(name: str) -> tuple[TableContract, Any]:
    found = [{"id": row["deal_id"], "propertiesWithHistory": {row["name"]: [row]}} for row in rows_of(name)]
    return DEAL_HISTORY, history_table(found, HISTORY_KEPT)


READERS: dict[str, Callable[[str], tuple[TableContract, Any]]] = {
    **dict.fromkeys(OBJECT_FILES, objects),
    **dict.fromkeys(LINK_FILES, associations),
    **dict.fromkeys(PLAIN_FILES, plain),
    "deal_property_history_data": history,
}


def source_of(contract: TableContract, table: Any) -> SourceDefinition:
    """A HubSpot source that reads just these rows."""

    def build(config: HubspotConfig, context: LoadContext) -> DltSource:
        @dlt.source(name="hubspot", max_table_nesting=0)
        def hubspot() -> Iterator[Any]:
            yield context.resource(contract, lambda _cursor: [table])

        return hubspot()

    return SourceDefinition("hubspot", HubspotConfig, {contract.name: contract}, build)


@pytest.mark.parametrize("name", sorted(READERS))
def test_rows_of_the_source_s_own_tables_land_or_are_kept_with_a_reason(warehouse: Warehouse, name: str) -> None:
    if not ROWS.is_dir():
        pytest.skip("the shared sample data is absent")
    contract, table = READERS[name](name)
    (result,) = warehouse.load(source_of(contract, table), HubspotConfig()).resources
    kept = warehouse.query(f"select count(*) from raw_hubspot.{contract.name}")[0][0]
    rejected = warehouse.query("select count(*), count(reason), count(payload) from quality.rejected_row")[0]
    assert result.extracted == len(rows_of(name)) > 0
    assert kept == result.appended
    assert kept + result.unchanged + result.rejected == result.extracted
    # the same row twice is one row of the table, and one line among the rejected
    assert rejected[0] == rejected[1] == rejected[2] <= result.rejected
    assert result.unchanged <= result.extracted - kept


def test_all_other_rows_land_as_plain_files(warehouse: Warehouse) -> None:
    names = sorted({path.stem for path in ROWS.glob("*.csv")} - READERS.keys())
    headers = {name: (ROWS / f"{name}.csv").read_text(encoding="utf-8").partition("\n")[0] for name in names}
    tables = tuple(
        FileTable(name=name, address=str(ROWS / f"{name}.csv"), key=tuple(next(csv.reader([headers[name]]))))
        for name in names
    )
    result = warehouse.load(SOURCES["files"], FilesConfig(tables=tables), CLOCK)
    read = {row.resource: row for row in result.resources}
    assert len(read) == len(names) > 30
    for name in names:
        found = read[name]
        assert found.extracted == len(rows_of(name)), name
        assert found.appended + found.unchanged + found.rejected == found.extracted, name
    assert all(reason for reason in result.rejections)
