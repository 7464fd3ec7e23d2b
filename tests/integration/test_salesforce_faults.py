"""Every API fault on a load of one object: raw equals the org, or the load stops with one sentence and keeps nothing.

After each fault the next load, without it, makes raw equal to the org; no record is ever there twice. Faults of single
requests are those of queries page by page; `test_salesforce_job_faults.py` has those of jobs.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from ingestion.errors import IngestionError
from tests.integration.salesforce_deals import (
    BACK_OFF,
    BY_PAGE,
    DATE,
    DAY_OVER,
    ERROR,
    ERROR_OBJECT,
    LOG,
    LOGIN,
    TABLE,
    WAYS,
    Fault,
    assert_outcome,
    fails,
    nine_deals,
    org_of,
    raw,
    record,
    truth,
)
from tests.integration.salesforce_org import OrgWarehouse
from tests.unit.ingestion.fake_org import EXPIRED, FakeOrg
from tests.unit.ingestion.small_source import CLOCK

QUERY, SECOND, LAST = "/queryAll", "loc-1", "loc-2"


@pytest.fixture
def org_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrgWarehouse:
    return OrgWarehouse(tmp_path, monkeypatch)


def loop(org: FakeOrg) -> None:
    org.next_path = lambda _page: "/services/data/v62.0/query/loc-1"


def repeat(org: FakeOrg) -> None:
    """The second page is offered twice, under two addresses."""
    again = {"totalSize": 9, "done": False, "nextRecordsUrl": "/services/data/v62.0/query/loc-2"}

    def twice(path: str, answer: Any) -> Any:
        if path.endswith(QUERY):
            return answer | {"nextRecordsUrl": "/services/data/v62.0/query/again-loc-1"}
        if path.endswith("again-loc-1"):
            return again | {"records": answer["records"], "nextRecordsUrl": "/services/data/v62.0/query/loc-1"}
        return answer

    org.alter = twice


def skip(org: FakeOrg) -> None:
    org.next_path = lambda _page: "/services/data/v62.0/query/loc-2"


def overlap(org: FakeOrg) -> None:
    """A record inserted while paging pushes the others on: the last of a page comes again, the new one never."""

    def shifted(path: str, answer: Any) -> Any:
        if path.endswith(LAST):
            return answer | {"totalSize": 10, "records": [org.pages[1][-1], *answer["records"]]}
        return answer

    org.alter = shifted


def overlap_instead(org: FakeOrg) -> None:
    """As many records come as were announced, but one of them twice in the place of another."""

    def shifted(path: str, answer: Any) -> Any:
        if path.endswith(LAST):
            return answer | {"records": [org.pages[1][-1], *answer["records"][1:]]}
        return answer

    org.alter = shifted


def total_changes(org: FakeOrg) -> None:
    org.alter = lambda path, answer: answer | {"totalSize": 11} if path.endswith(LAST) else answer


def day_used_up(org: FakeOrg) -> None:
    org.limits = (99_999, 100_000)


def day_runs_out(org: FakeOrg) -> None:
    org.alter = lambda path, answer: setattr(org, "usage", "api-usage=90001/100000") or answer


def dead_login(org: FakeOrg) -> None:
    org.faults_at[SECOND] = [EXPIRED]
    # The first login succeeds, the renewal is refused.
    org.token_faults = [(200, {"access_token": "t"}), (400, {"error": "invalid_grant"})]


FAULTS = [
    Fault("429 with seconds", fails(SECOND, (429, [], {"Retry-After": "3"})), waits=[3.0]),
    Fault("429 with a date", fails(SECOND, (429, [], DATE)), waits=[7.0]),
    Fault("429 without a wait", fails(SECOND, (429, []), (429, [])), waits=[0.5, 1.0]),
    Fault("429 with an absurd wait", fails(SECOND, (429, [], {"Retry-After": "86400"})), "asks to wait 86400 s"),
    Fault("500 burst", fails(QUERY, *[(500, [])] * 5), waits=BACK_OFF),
    Fault("500 for ever", fails(QUERY, *[(500, [])] * 99), "status 500", BACK_OFF),
    Fault("502", fails(LAST, (502, "<html>bad gateway")), waits=[0.5]),
    Fault("503 with a wait", fails(LOG, (503, "down", {"Retry-After": "1"})), waits=[1.0]),
    Fault("timeout", fails(SECOND, requests.Timeout("slow")), waits=[0.5]),
    Fault("reset in the body", fails(SECOND, requests.exceptions.ChunkedEncodingError("broken")), waits=[0.5]),
    Fault("truncated JSON", fails(SECOND, (200, '{"totalSize": 9, "rec')), waits=[0.5]),
    Fault("error body once", fails("/describe", ERROR), waits=[0.5]),
    Fault("error body for ever", fails(SECOND, *[ERROR] * 99), "status 200, UNKNOWN", BACK_OFF),
    *(
        Fault(f"error object once in place of {what}", fails(where, ERROR_OBJECT), waits=[0.5])
        for what, where in {"a description": "/describe", "a query": QUERY, "a page": SECOND, "a log": LOG}.items()
    ),
    Fault("error object for ever", fails(LOG, *[ERROR_OBJECT] * 99), "status 200, server_error: sorry", BACK_OFF),
    Fault(
        "body without records",
        fails(SECOND, *[(200, {"hint": "moved"})] * 99),
        "without records, totalSize",
        BACK_OFF,
    ),
    Fault("login page once", fails(SECOND, LOGIN), waits=[0.5]),
    Fault("login page for ever", fails(SECOND, *[LOGIN] * 99), "a web page came", BACK_OFF),
    Fault("page loop", loop, "lead in a circle"),
    Fault("page offered twice", repeat),
    Fault("missing page", skip, "announced 9 records but delivered 6"),
    Fault("overlapping pages", overlap, "announced 10 records but delivered 9"),
    Fault("overlapping pages of the right number", overlap_instead, "announced 9 records but delivered 8"),
    Fault("total changes", total_changes, "announced 11 records but delivered 9"),
    Fault("token expires", fails(SECOND, EXPIRED)),
    Fault("token refused for ever", fails(SECOND, EXPIRED, EXPIRED), "INVALID_SESSION_ID"),
    Fault("token cannot be renewed", dead_login, "refused client id app"),
    Fault("day's requests used up before", day_used_up, "99999/100000 API requests today, more than the 90%"),
    Fault("day's requests run out", day_runs_out, "90001/100000 API requests today"),
    Fault("daily limit reached", fails(SECOND, DAY_OVER), "API requests of the last 24 hours are used up"),
    Fault("page not found", fails(SECOND, (404, [{"errorCode": "NOT_FOUND", "message": "gone"}])), "NOT_FOUND: gone"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_raw_equals_the_org_or_the_load_stops(org_warehouse: OrgWarehouse, fault: Fault) -> None:
    assert_outcome(org_warehouse, fault, **BY_PAGE)


def test_fault_after_a_good_load_loses_nothing(org_warehouse: OrgWarehouse) -> None:
    org_warehouse.load_org(nine_deals(), CLOCK, TABLE)
    org = org_of(record(1), record(29, "2024-02-29T21:00:00.000+0000", Amount=0.25))
    fails(LOG, *[(500, [])] * 6)(org)
    with pytest.raises(IngestionError, match=r"did not answer .*/deleted/: status 500"):
        org_warehouse.load_org(org, CLOCK + timedelta(days=1), TABLE)
    assert raw(org_warehouse) == truth(nine_deals())


@pytest.mark.parametrize("way", WAYS)
def test_field_removed_and_field_added(org_warehouse: OrgWarehouse, way: dict[str, int]) -> None:
    org = org_of(record(1, Amount=None, Rating__c=4.0, Seen__c=None))
    assert org.objects
    fields = org.objects["Opportunity"].fields
    del fields["Amount"]
    fields.update({"Rating__c": "double", "Seen__c": "datetime", "Region__c": "address", "Standard": "string"})
    result = org_warehouse.load_org(org, CLOCK, TABLE, **way)
    assert org_warehouse.query("select amount, rating_c, seen_c from raw_salesforce.opportunity") == [
        (None, "4.0", None)
    ]
    assert "Table Opportunity of salesforce: declared column Amount is missing, NULL instead." in result.warnings
    assert "Table Opportunity of salesforce: column Rating__c is not declared, kept as text." in result.warnings
    names = {row[0] for row in org_warehouse.query("describe raw_salesforce.opportunity")}
    assert not names & {"region_c", "standard"}


@pytest.mark.parametrize("way", WAYS)
def test_type_change_and_null_in_the_key_are_rejected_with_payload(
    org_warehouse: OrgWarehouse, way: dict[str, int]
) -> None:
    org = org_of(record(1, Amount="approx. 10"), record(2), record(3, Id=None), record(4, SystemModstamp="yesterday"))
    result = org_warehouse.load_org(org, CLOCK, TABLE, **way)
    assert (result.appended, result.rejected) == (1, 3)
    reasons = org_warehouse.query(
        "select reason, json_extract_string(payload, '$.Name') from quality.rejected_row order by 1"
    )
    assert [(reason.partition(";")[0].replace("got str", "got"), name) for reason, name in reasons] == [
        ("column Amount: expected decimal, got approx. 10", "Ölpumpe 1"),
        ("column Id: required, but empty", "Ölpumpe 3"),
        ("column SystemModstamp: expected timestamp, got yesterday", "Ölpumpe 4"),
    ]
    mended = org_of(*(record(number) for number in (1, 2, 3, 4)))
    assert org_warehouse.load_org(mended, CLOCK + timedelta(days=1), TABLE, **way).appended == 3
    assert raw(org_warehouse) == truth(mended)


@pytest.mark.parametrize("way", WAYS)
def test_a_number_that_becomes_text_for_a_day_is_made_good(org_warehouse: OrgWarehouse, way: dict[str, int]) -> None:
    org = nine_deals()
    org_warehouse.load_org(org, CLOCK, TABLE, **way)
    odd = org_of(*(record(number, Amount=str(number)) for number in range(1, 11)))
    assert odd.objects
    odd.objects["Opportunity"].fields["Amount"] = "string"
    result = org_warehouse.load_org(odd, CLOCK + timedelta(days=1), TABLE, **way)
    assert (result.appended, result.deleted) == (0, 0)
    assert result.rejected == sum(row.extracted for row in result.resources) > 0
    assert all("column Amount: expected decimal, got str" in reason for reason in result.rejections)
    assert raw(org_warehouse) == truth(org)
    mended = org_of(*(record(number) for number in range(1, 11)))
    assert org_warehouse.load_org(mended, CLOCK + timedelta(days=2), TABLE, **way).appended == 1
    assert raw(org_warehouse) == truth(mended)


@pytest.mark.parametrize("way", WAYS)
def test_deleted_records_leave_tombstones(org_warehouse: OrgWarehouse, way: dict[str, int]) -> None:
    org_warehouse.load_org(nine_deals(), CLOCK, TABLE, **way)
    org = nine_deals()
    assert org.objects
    deals = org.objects["Opportunity"]
    deals.records = [row for row in deals.records if row["Id"] not in ("00603", "00605")]
    deals.deleted = [("00603", "2024-03-01T05:00:00.000+0000")]
    result = org_warehouse.load_org(org, CLOCK + timedelta(days=2), TABLE, **way)
    assert result.deleted == 1
    gone = org_warehouse.query(
        "select id, cast(_deleted_at as varchar) from raw_salesforce.opportunity where _deleted_at is not null"
    )
    assert gone == [("00603", "2024-03-01 05:00:00")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("minutes", [-10, 10])
def test_clock_skew_and_late_stamps_lose_and_double_nothing(
    org_warehouse: OrgWarehouse, minutes: int, way: dict[str, int]
) -> None:
    """The org's clock is off by minutes, and a record arrives with a stamp older than the newest one kept."""
    stamp = (CLOCK + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    early = [record(1), record(2, stamp)]
    org_warehouse.load_org(org_of(*early), CLOCK, TABLE, **way)
    late = record(3, (CLOCK - timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
    org = org_of(*early, late)
    assert org_warehouse.load_org(org, CLOCK + timedelta(minutes=1), TABLE, **way).appended == 1
    assert raw(org_warehouse) == truth(org)
    assert org_warehouse.load_org(org, CLOCK + timedelta(minutes=2), TABLE, **way).appended == 0
