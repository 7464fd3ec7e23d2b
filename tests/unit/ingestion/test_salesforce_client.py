"""The Salesforce client against an org that misbehaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from fake_org import SECRET, FakeOrg, connect

from ingestion.casting import MISFIT
from ingestion.contract import TableContract, columns
from ingestion.errors import IngestionError
from ingestion.sources.salesforce.records import to_arrow

SOQL = "SELECT Id FROM Opportunity"
THREE_PAGES = [[{"Id": f"006-{page}-{row}"} for row in range(3)] for page in (2, 0, 1)]


def ids(client: Any) -> list[str]:
    return [record["Id"] for page in client.query(SOQL, include_deleted=True).pages for record in page]


def test_all_pages_in_order() -> None:
    org = FakeOrg(THREE_PAGES)
    client = connect(org)
    assert ids(client) == [record["Id"] for page in THREE_PAGES for record in page]
    assert org.requests[0].endswith("/queryAll")
    assert str(client.usage) == "17/100000"


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ((429, [], {"Retry-After": "3"}), 3.0),
        ((429, []), 0.5),
        ((429, [], {"Retry-After": "Thu, 29 Feb 2024 12:00:07 GMT", "Date": "Thu, 29 Feb 2024 12:00:00 GMT"}), 7.0),
        ((503, "<html>down</html>"), 0.5),
        ((200, '{"totalSize": 9, "rec'), 0.5),
        ((200, "<html>please log in</html>"), 0.5),
    ],
)
def test_passing_fault_is_waited_out(fault: Any, wait: float) -> None:
    org, waits = FakeOrg(THREE_PAGES), []
    org.faults = [fault]
    assert len(ids(connect(org, waits))) == 9
    assert waits == [wait]


def test_attempts_are_capped_and_back_off() -> None:
    org, waits = FakeOrg(), []
    org.faults = [(500, [{"errorCode": "UNKNOWN", "message": "sorry"}])] * 9
    with pytest.raises(IngestionError, match=r"did not answer .*/queryAll: status 500, UNKNOWN: sorry"):
        ids(connect(org, waits))
    assert (len(org.requests), waits) == (6, [0.5, 1.0, 2.0, 4.0, 8.0])


def test_absurd_wait_is_refused() -> None:
    org, waits = FakeOrg(), []
    org.faults = [(429, [], {"Retry-After": "86400"})]
    with pytest.raises(IngestionError, match="asks to wait 86400 s"):
        ids(connect(org, waits))
    assert waits == []


def test_expired_token_is_renewed_once() -> None:
    org = FakeOrg(THREE_PAGES)
    org.faults = [(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])]
    assert len(ids(connect(org))) == 9
    assert org.tokens == 2
    org.faults = [(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])] * 2
    with pytest.raises(IngestionError, match="INVALID_SESSION_ID"):
        ids(connect(org))


def test_page_that_comes_twice_counts_once() -> None:
    org = FakeOrg([THREE_PAGES[0], THREE_PAGES[0], THREE_PAGES[1]])
    org.total = 6
    assert len(ids(connect(org))) == 6


def test_page_loop_is_an_error() -> None:
    org = FakeOrg(THREE_PAGES)
    org.next_path = lambda _page: "/services/data/v62.0/query/loc-1"
    with pytest.raises(IngestionError, match="lead in a circle"):
        ids(connect(org))


def test_missing_records_are_an_error() -> None:
    org = FakeOrg(THREE_PAGES)
    org.total = 10
    with pytest.raises(IngestionError, match="announced 10 records but delivered 9"):
        ids(connect(org))


def test_refused_field_is_not_retried() -> None:
    org = FakeOrg()
    org.faults = [(400, [{"errorCode": "INVALID_FIELD", "message": "No such column 'X'"}])]
    with pytest.raises(IngestionError, match="INVALID_FIELD: No such column 'X'"):
        ids(connect(org))
    assert len(org.requests) == 1


def test_wrong_secret_is_one_sentence_without_it() -> None:
    with pytest.raises(IngestionError, match="its secret is wrong") as caught:
        ids(connect(FakeOrg(), client_secret=SECRET + "-x"))
    assert SECRET not in str(caught.value)


def test_unknown_object_has_no_fields() -> None:
    org = FakeOrg()
    org.faults = [(404, [{"errorCode": "NOT_FOUND", "message": "no such resource"}])]
    assert connect(org).describe("Campaign_Cost__c") is None


def test_deletion_log() -> None:
    client = connect(FakeOrg())
    found = client.deleted("Opportunity", datetime(2022, 2, 1), datetime(2024, 3, 1))
    assert found == [("006x", "2024-02-29T23:30:00.000+0000")]
    assert client.deleted("Opportunity", datetime(2024, 3, 1), datetime(2024, 3, 1)) == []


def test_json_types_are_held_to() -> None:
    contract = TableContract("T", ("Id",), columns("Id! Amount:decimal Note Flag:boolean"))
    records = [
        {"Id": "a", "Amount": 12, "Note": "x", "Flag": True, "New__c": 7},
        {"Id": "b", "Amount": "12", "Note": 5, "Flag": None, "New__c": None},
        {"Id": "c", "Amount": None, "Note": None, "Flag": False, "New__c": "t"},
    ]
    table = to_arrow(records, ["Id", "Amount", "Note", "Flag", "New__c"], contract)
    reasons = table[MISFIT].to_pylist()
    assert reasons[0] is None
    assert reasons[2] is None
    assert reasons[1] == "column Amount: expected decimal, got str 12; column Note: expected text, got int 5"
    assert table["New__c"].to_pylist() == ["7", None, "t"]
    assert table.schema.field("Flag").type == pa.bool_()
