"""What orgs have and lack: rows that nobody here wrote, missing objects, odd fields, gaps in the deletion log."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import IngestionError
from ingestion.naming import raw_name
from ingestion.sources.salesforce.tables import TABLES
from tests.integration.salesforce_org import OrgWarehouse
from tests.unit.ingestion.fake_org import FakeObject, FakeOrg
from tests.unit.ingestion.small_source import CLOCK

CRM_ROWS = Path(__file__).parents[3] / "shared" / "data" / "crm_rows" / "salesforce"
FILES = {
    "Account": "sf_account_data",
    "Contact": "sf_contact_data",
    "Event": "sf_event_data",
    "Lead": "sf_lead_data",
    "Opportunity": "sf_opportunity_data",
    "OpportunityLineItem": "sf_opportunity_line_item_data",
    "Order": "sf_order_data",
    "Product2": "sf_product_2_data",
    "Task": "sf_task_data",
    "User": "sf_user_data",
    "UserRole": "sf_user_role_data",
}
HISTORY = {
    "Account": "sf_account_history_data",
    "Contact": "sf_contact_history_data",
    "Opportunity": "sf_opportunity_history_data",
}
KINDS = {"integer": "int", "decimal": "currency", "double": "double", "boolean": "boolean", "date": "date"}
DAY = timedelta(days=1)


@pytest.fixture
def org_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrgWarehouse:
    return OrgWarehouse(tmp_path, monkeypatch)


def object_of(name: str, file: str) -> FakeObject:
    """An object with the rows of a file, under Salesforce's names and as the JSON values that they stand for."""
    declared = {column.name.lower(): column for column in TABLES[name].columns}
    with (CRM_ROWS / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    fields: dict[str, str] = {}
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for given in rows[0]:
        custom = given.endswith("_c") and not given.startswith("_")
        column = declared.get(given.replace("_", "")) or declared.get(given.removesuffix("_c").replace("_", ""))
        names[given] = column.name if column else given.removesuffix("_c") + "__c" if custom else given
        kinds[given] = column.type if column else "text"
        fields[names[given]] = KINDS.get(kinds[given], "string")
    records = [{names[given]: _json(kinds[given], text) for given, text in row.items()} for row in rows]
    return FakeObject(fields, records)


def _json(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in ("integer", "decimal", "double"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


@pytest.mark.parametrize("files", [FILES, HISTORY], ids=["rows", "history"])
@pytest.mark.parametrize("bulk_from_rows", [0, 10**9], ids=["by job", "by page"])
def test_foreign_rows_land_or_are_rejected_with_a_reason(
    org_warehouse: OrgWarehouse, files: dict[str, str], bulk_from_rows: int
) -> None:
    if not CRM_ROWS.is_dir():
        pytest.skip("the shared sample data (../shared/data/crm_rows) is absent")
    objects = {name: object_of(name, file) for name, file in files.items()}
    only = [raw_name(name) for name in files]
    result = org_warehouse.load_org(FakeOrg(objects=objects), CLOCK, *only, bulk_from_rows=bulk_from_rows)
    extracted = {row.resource: row.extracted for row in result.resources}
    assert extracted == {raw_name(name): len(known.records) for name, known in objects.items()}
    for name, known in objects.items():
        kept = {row[0] for row in org_warehouse.query(f'select id from raw_salesforce."{raw_name(name)}"')}
        rejected = dict(
            org_warehouse.query(
                "select json_extract_string(payload, '$.Id'), reason from quality.rejected_row"
                f" where table_name = '{raw_name(name)}'"
            )
        )
        assert {record["Id"] for record in known.records} == kept | set(rejected), name
        assert all(reason.startswith("column ") for reason in rejected.values()), name
    assert org_warehouse.query("select distinct status from quality.load_reconciliation") == [("passed",)]
    # Values survive: the probability of 1000 per cent is there to be looked at, not mended on the way.
    assert org_warehouse.query("select max(probability) from raw_salesforce.opportunity") == [(1000.0,)]


def account(number: int, **changes: Any) -> dict[str, Any]:
    at = f"2024-02-{number:02d}T12:00:00.000+0000"
    values = {
        "Id": f"001{number:02d}",
        "Name": f"Ș {number}",
        "IsDeleted": False,
        "CreatedDate": at,
        "SystemModstamp": at,
    }
    return values | changes


def accounts(*records: dict[str, Any], **changes: Any) -> FakeOrg:
    kinds = {"IsDeleted": "boolean", "CreatedDate": "datetime", "SystemModstamp": "datetime"}
    fields = {name: kinds.get(name, "string") for name in account(1)}
    return FakeOrg(objects={"Account": FakeObject(fields, list(records), **changes)})


def test_object_that_never_was_is_a_note_and_one_that_is_gone_a_warning(org_warehouse: OrgWarehouse) -> None:
    first = org_warehouse.load_org(accounts(account(1)), CLOCK, "account", "quote", "dated_conversion_rate")
    notes = org_warehouse.query("select sentence from ops.load_note where severity = 'note' and source = 'salesforce'")
    assert {note for (note,) in notes} == set(first.notes)
    assert "Salesforce counts 17/100000 API requests used today." in first.notes
    absent = [note.split(",")[0] for note in first.notes if "no object" in note]
    assert absent == ["Salesforce has no object Quote", "Salesforce has no object DatedConversionRate"]
    assert not [warning for warning in first.warnings if "object" in warning]
    assert org_warehouse.query("select count(*) from raw_salesforce.quote") == [(0,)]
    second = org_warehouse.load_org(FakeOrg(objects={}), CLOCK + DAY, "account")
    assert second.warnings == (
        "Salesforce no longer has the object Account, or the app may not see it any more; its raw table stays as it"
        " was.",
    )
    assert org_warehouse.query("select id from raw_salesforce.account") == [("00101",)]


def test_object_that_only_queries_refuse_is_missing_too(org_warehouse: OrgWarehouse) -> None:
    org = accounts(account(1))
    org.faults_at["/queryAll"] = [(400, [{"errorCode": "INVALID_TYPE", "message": "not supported"}])]
    result = org_warehouse.load_org(org, CLOCK, "account")
    assert "Salesforce has no object Account" in result.notes[0]


def test_field_history_goes_by_its_creation(org_warehouse: OrgWarehouse) -> None:
    """With the fields that Salesforce gives it: it has no other stamp."""
    fields = dict.fromkeys(
        ("Id", "OpportunityId", "Field", "DataType", "OldValue", "NewValue", "CreatedById"), "string"
    )
    fields |= {"CreatedDate": "datetime", "IsDeleted": "boolean"}
    rows = [
        {"Id": f"017{n}", "OpportunityId": "006A", "Field": "Amount", "CreatedDate": f"2024-0{n}-01T00:00:00.000+0000"}
        for n in (1, 2)
    ]
    org = FakeOrg(objects={"OpportunityFieldHistory": FakeObject(fields, rows)})
    whole = org_warehouse.load_org(org, CLOCK, "opportunity_field_history")
    assert (whole.appended, whole.warnings) == (2, ())
    again = org_warehouse.load_org(org, CLOCK + DAY, "opportunity_field_history")
    assert (again.resources[0].extracted, again.appended, again.warnings) == (1, 0, ())


def test_refused_job_is_read_page_by_page_with_a_note(org_warehouse: OrgWarehouse) -> None:
    org = accounts(*(account(number) for number in range(1, 8)))
    org.bulk, org.page_rows = False, 3
    result = org_warehouse.load_org(org, CLOCK, "account", bulk_from_rows=5)
    assert result.appended == 7
    assert "Salesforce does not run a bulk job for Account (" in result.notes[0]


def test_bulk_only_above_the_threshold(org_warehouse: OrgWarehouse) -> None:
    org = accounts(*(account(number) for number in range(1, 8)))
    org_warehouse.load_org(org, CLOCK, "account", bulk_from_rows=7)
    assert not any("/jobs/" in path for path in org.requests)
    org_warehouse.load_org(org, CLOCK + DAY, "account", bulk_from_rows=2)
    assert any("/jobs/" in path for path in org.requests)


def test_gap_in_the_deletion_log_is_closed_by_comparing_keys(org_warehouse: OrgWarehouse) -> None:
    org_warehouse.load_org(accounts(account(1), account(2, IsDeleted=True), account(3)), CLOCK, "account")
    late = CLOCK + 60 * DAY
    result = org_warehouse.load_org(accounts(account(1)), late, "account", lookback_minutes=0)
    assert result.deleted == 1
    assert "the deletion log does not reach back to the last load (2024-02-29 22:30); keys were compared" in (
        " ".join(result.warnings)
    )
    gone = org_warehouse.query("select id, _deleted_at from raw_salesforce.account where _deleted_at is not null")
    assert gone == [("00103", late)]
    again = org_warehouse.load_org(accounts(account(1)), late + DAY, "account")
    assert (again.deleted, [text for text in again.warnings if "deletion log" in text]) == (0, [])


def test_record_that_came_back_and_went_again_is_found_by_comparing_keys(org_warehouse: OrgWarehouse) -> None:
    """What sharing hides looks deleted; shown again it is live, and its end must be noticed."""
    for days, records in enumerate([(1, 3), (1,), (1, 3)]):
        org_warehouse.load_org(accounts(*map(account, records)), CLOCK + 60 * days * DAY, "account")
    assert org_warehouse.load_org(accounts(account(1)), CLOCK + 240 * DAY, "account").deleted == 1


def test_purged_deletion_log_is_a_gap_too(org_warehouse: OrgWarehouse) -> None:
    org_warehouse.load_org(accounts(account(1), account(3)), CLOCK, "account")
    org = accounts(account(1))
    org.faults_at["/deleted/"] = [(400, [{"errorCode": "INVALID_REPLICATION_DATE", "message": "purged"}])]
    assert org_warehouse.load_org(org, CLOCK + DAY, "account").deleted == 1


def test_app_that_suddenly_sees_little_ends_the_load(org_warehouse: OrgWarehouse) -> None:
    org_warehouse.load_org(
        accounts(*(account(number % 28 + 1, Id=f"001{number}") for number in range(60))), CLOCK, "account"
    )
    with pytest.raises(IngestionError, match="59 of 60 known records are gone"):
        org_warehouse.load_org(accounts(account(1, Id="0010")), CLOCK + 60 * DAY, "account")


ASSIGNMENTS = "user_territory2_association"
OLD = "2023-02-01T10:00:00.000+0000"


def assignments(*numbers: int) -> FakeOrg:
    """An org whose users work in territories: what Salesforce shows of that, all of it made long before the load."""
    fields = dict.fromkeys(("Id", "UserId", "Territory2Id", "RoleInTerritory2"), "string") | {"IsActive": "boolean"}
    fields |= {"LastModifiedDate": "datetime", "SystemModstamp": "datetime"}
    own = {"Share__c": "double", "Valid_From__c": "date", "Valid_To__c": "date"}
    records = [
        {"Id": f"0RI{number:02d}", "UserId": f"005{number}", "Territory2Id": "0MI1", "SystemModstamp": OLD}
        for number in numbers
    ]
    return FakeOrg(objects={"UserTerritory2Association": FakeObject(fields | own, records, logs_deletions=False)})


def live(org_warehouse: OrgWarehouse) -> list[str]:
    return [
        key
        for (key,) in org_warehouse.query(
            f"select id from raw_salesforce.{ASSIGNMENTS}"
            " qualify row_number() over (partition by id order by _extracted_at desc) = 1 and _deleted_at is null"
            " order by id"
        )
    ]


def test_object_without_a_deletion_log_is_read_whole_and_what_is_missing_is_gone(org_warehouse: OrgWarehouse) -> None:
    """Two requests: its description and its records. What is shown again is live again, however old its stamp."""
    first = org_warehouse.load_org(assignments(1, 2, 3), CLOCK, ASSIGNMENTS)
    assert (first.appended, first.deleted, first.warnings) == (3, 0, ())
    org = assignments(1, 3, 4)
    second = org_warehouse.load_org(org, CLOCK + DAY, ASSIGNMENTS)
    assert (second.appended, second.deleted, second.warnings) == (1, 1, ())
    assert [path.rpartition("/")[2] for path in org.requests] == ["limits", "describe", "query"]
    gone = org_warehouse.query(
        f"select id, user_id, _deleted_at from raw_salesforce.{ASSIGNMENTS} where _deleted_at is not null"
    )
    assert gone == [("0RI02", "0052", CLOCK + DAY)]
    third = org_warehouse.load_org(assignments(1, 2, 3, 4), CLOCK + 2 * DAY, ASSIGNMENTS)
    assert (third.appended, third.deleted) == (1, 0)
    assert live(org_warehouse) == ["0RI01", "0RI02", "0RI03", "0RI04"]


def test_assignments_that_are_all_made_anew_end_the_old_ones(org_warehouse: OrgWarehouse) -> None:
    """A new territory model replaces every assignment in one go."""
    org_warehouse.load_org(assignments(*range(1, 41)), CLOCK, ASSIGNMENTS)
    result = org_warehouse.load_org(assignments(*range(41, 81)), CLOCK + DAY, ASSIGNMENTS)
    assert (result.appended, result.deleted, result.warnings) == (40, 40, ())
    assert live(org_warehouse) == [f"0RI{number}" for number in range(41, 81)]


@pytest.mark.parametrize(("before", "left"), [(range(1, 41), range(1, 16)), (range(1, 4), ())], ids=["few", "none"])
def test_assignments_that_an_app_suddenly_does_not_see_stay_with_a_warning(
    org_warehouse: OrgWarehouse, before: range, left: range
) -> None:
    """What else the org has is loaded nevertheless."""
    org_warehouse.load_org(assignments(*before), CLOCK, ASSIGNMENTS)
    result = org_warehouse.load_org(assignments(*left), CLOCK + DAY, ASSIGNMENTS)
    assert result.deleted == 0
    assert result.warnings == (
        f"Salesforce UserTerritory2Association: {len(before) - len(left)} of {len(before)} known records are gone; they"
        " stay as they were. Check that the app's user still sees them all.",
    )
    assert len(live(org_warehouse)) == len(before)
    assert org_warehouse.load_org(assignments(*before), CLOCK + 2 * DAY, ASSIGNMENTS).warnings == ()


def test_assignments_stay_when_the_org_has_the_object_no_more(org_warehouse: OrgWarehouse) -> None:
    org_warehouse.load_org(assignments(1, 2), CLOCK, ASSIGNMENTS)
    result = org_warehouse.load_org(FakeOrg(objects={}), CLOCK + DAY, ASSIGNMENTS)
    assert result.deleted == 0
    assert "Salesforce no longer has the object UserTerritory2Association" in " ".join(result.warnings)
    assert live(org_warehouse) == ["0RI01", "0RI02"]


def test_record_of_a_recycle_bin_without_a_log_is_deleted_there_first(org_warehouse: OrgWarehouse) -> None:
    """What leaves the bin was deleted already; what was never in it becomes a tombstone."""
    for day, records in enumerate([(1, 2, 3), (1, 2), (1,)]):
        deleted = [account(number, IsDeleted=number == 2 and day == 1) for number in records]
        org = accounts(*deleted, logs_deletions=False)
        result = org_warehouse.load_org(org, CLOCK + day * DAY, "account")
        assert not any(path.endswith("/deleted/") for path in org.requests)
    gone = org_warehouse.query("select id, _deleted_at from raw_salesforce.account where _deleted_at is not null")
    assert (gone, result.deleted) == ([("00103", CLOCK + DAY)], 0)
