"""Large queries as Bulk API 2.0 jobs: the same rows as page by page, whole or not at all."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pytest
from fake_org import FakeObject, FakeOrg, configure, connect

from ingestion.casting import MISFIT
from ingestion.contract import TableContract, columns
from ingestion.errors import IngestionError
from ingestion.http import UnusableAnswerError
from ingestion.sources.salesforce.bulk import BulkUnavailableError, bulk_pages
from ingestion.sources.salesforce.csv_records import from_csv, read_csv
from ingestion.sources.salesforce.records import to_arrow

FIELDS = {
    "Id": "id",
    "Amount": "currency",
    "Score": "string",
    "Note": "double",
    "Flag": "boolean",
    "CloseDate": "date",
    "SystemModstamp": "datetime",
    "Rate__c": "percent",
    "Seen__c": "datetime",
    "Count__c": "int",
}
CONTRACT = TableContract(
    "Deal__c",
    ("Id",),
    columns("Id! Amount:decimal Score:double Note Flag:boolean CloseDate:date SystemModstamp:timestamp"),
    cursor="SystemModstamp",
)
RECORDS: list[dict[str, Any]] = [
    {
        "Id": f"a0{i}",
        "Amount": [1000.5, -0.25, 1.0e7, None, 45653.38][i % 5],
        "Score": "high" if i % 4 == 0 else None,
        "Note": 2.5 if i % 3 == 0 else None,
        "Flag": [True, False, None][i % 3],
        "CloseDate": "2024-02-29",
        "SystemModstamp": f"2024-03-{i % 28 + 1:02d}T23:30:00.000+0000",
        "Rate__c": [7.0, 1.0e7, None][i % 3],
        "Seen__c": "2024-02-29T23:30:00.000+0000" if i % 2 else None,
        "Count__c": 7 * i,
    }
    for i in range(37, 0, -1)
]
SOQL = f"SELECT {', '.join(FIELDS)} FROM Deal__c"


def org_of_deals() -> FakeOrg:
    return FakeOrg(objects={"Deal__c": FakeObject(FIELDS, RECORDS)})


def read(org: FakeOrg, waits: list[float] | None = None, **settings: Any) -> pa.Table:
    """All pages of the query as one table of text."""
    client = connect(org, waits, **settings)
    config = configure(bulk_page_rows=10, **settings)
    return pa.concat_tables(bulk_pages(client, config, SOQL, list(FIELDS), include_deleted=True))


def test_job_is_created_waited_for_read_and_deleted() -> None:
    org, waits = org_of_deals(), list[float]()
    org.polls = 3
    assert read(org, waits)["Id"].to_pylist() == [record["Id"] for record in RECORDS]
    paths = [path.removeprefix("/services/data/v62.0/") for path in org.requests]
    assert paths == ["jobs/query", *["jobs/query/750A"] * 4, *["jobs/query/750A/results"] * 4, "jobs/query/750A"]
    assert waits == [0.25, 0.5, 1.0]


def test_a_row_has_one_content_however_it_was_read() -> None:
    by_job = from_csv(read(org_of_deals()), FIELDS, CONTRACT)
    by_page = to_arrow(RECORDS, list(FIELDS), CONTRACT)
    assert by_job.column_names == by_page.column_names
    stamps = {"SystemModstamp"}
    for name in set(by_page.column_names) - stamps:
        assert by_job[name].to_pylist() == by_page[name].to_pylist(), name
    assert [text.replace("Z", "+0000") for text in by_job["SystemModstamp"].to_pylist()] == by_page[
        "SystemModstamp"
    ].to_pylist()
    assert by_page[MISFIT].null_count < len(RECORDS)


@pytest.mark.parametrize("fault", [(200, "<html>log in</html>"), (500, ""), (200, '"Id"\n"a01","x"\n')])
def test_broken_result_page_is_asked_again(fault: Any) -> None:
    org, waits = org_of_deals(), list[float]()
    client = connect(org, waits)
    pages = bulk_pages(client, configure(bulk_page_rows=10), SOQL, list(FIELDS), include_deleted=True)
    first = next(pages)
    org.faults = [fault]
    assert first.num_rows + sum(page.num_rows for page in pages) == 37
    assert waits == [0.5]


def test_page_with_fewer_rows_than_announced_is_asked_again() -> None:
    org, waits = org_of_deals(), list[float]()
    pages = bulk_pages(connect(org, waits), configure(bulk_page_rows=10), SOQL, ["Id"], include_deleted=True)
    first = next(pages)
    org.faults = [(200, '"Id"\n"a01"\n', {"Sforce-NumberOfRecords": "10", "Sforce-Locator": "20"})]
    assert first.num_rows + sum(page.num_rows for page in pages) == 37
    assert len(waits) == 1


def test_missing_page_ends_the_read() -> None:
    org = org_of_deals()
    pages = bulk_pages(connect(org), configure(bulk_page_rows=10), SOQL, ["Id"], include_deleted=True)
    next(pages)
    org.faults = [(200, '"Id"\n"a01"\n', {"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"})]
    with pytest.raises(IngestionError, match="processed 37 records but delivered 11"):
        list(pages)


def test_page_loop_and_repeated_page() -> None:
    org = org_of_deals()
    pages = bulk_pages(connect(org), configure(bulk_page_rows=10), SOQL, ["Id"], include_deleted=True)
    next(pages)
    page = '"Id"\n"a01"\n'
    org.faults = [(200, page, {"Sforce-Locator": "10"}), (200, page, {"Sforce-Locator": "10"})]
    with pytest.raises(IngestionError, match="lead in a circle"):
        list(pages)


def test_refused_job_is_told_apart_from_a_failed_one() -> None:
    org = org_of_deals()
    org.bulk = False
    with pytest.raises(BulkUnavailableError, match="INVALIDENTITY"):
        read(org)
    failed = org_of_deals()
    failed.alter = lambda path, answer: (
        {"state": "Failed", "errorMessage": "query timed out"} if path.endswith("750A") else answer
    )
    with pytest.raises(IngestionError, match=r"750A of .* ended as Failed: query timed out"):
        read(failed)


def test_job_that_never_ends_is_given_up() -> None:
    org, waits = org_of_deals(), list[float]()
    org.polls = 1000
    with pytest.raises(IngestionError, match=r"still InProgress after 16 s, longer than the 10 s"):
        read(org, waits, bulk_wait_seconds=10)
    assert sum(waits) < 20


def test_csv_keeps_quotes_line_breaks_and_odd_text() -> None:
    content = '"Id","Name"\n"a","Zürn ""& Söhne"", ☂\nsecond line"\n"b",""\n'.encode()
    assert read_csv(content, ["Id", "Name"]).to_pylist() == [
        {"Id": "a", "Name": 'Zürn "& Söhne", ☂\nsecond line'},
        {"Id": "b", "Name": None},
    ]
    for broken in (b"", b'"Id"\n"a"\n', b'"Id","Name"\n"a","x","y"\n'):
        with pytest.raises(UnusableAnswerError, match="not whole CSV"):
            read_csv(broken, ["Id", "Name"])


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_no_cut_through_a_page_of_csv_changes_a_value(quoting: Any) -> None:
    """Wherever the answer breaks off: the rows that are read are those that came whole, or it is refused."""
    rows = [["a", 'Zürn "& Söhne"\n☂', "1000.25"], ["b", "", "-100"], ["c", "x,y", "7"]]
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([["Id", "Name", "Amount"], *rows])
    content = text.getvalue().encode()
    whole = read_csv(content, ["Id", "Name", "Amount"]).to_pylist()
    assert [row["Amount"] for row in whole] == ["1000.25", "-100", "7"]
    refused = 0
    for length in range(len(content)):
        try:
            came = read_csv(content[:length], ["Id", "Name", "Amount"]).to_pylist()
        except UnusableAnswerError:
            refused += 1
        else:
            assert came == whole[: len(came)], content[:length]
    assert refused > len(content) - 10
