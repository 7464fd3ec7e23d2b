"""Every API fault on a load by a bulk job: raw equals the org, or the load stops with one sentence and keeps nothing.

A job is created, asked after, read page by page and deleted; a fault may strike each of these requests. What does not
depend on requests (types, keys, deletions, clocks) is tested for jobs in `test_salesforce_faults.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.integration.salesforce_deals import (
    BACK_OFF,
    BY_JOB,
    DATE,
    DAY_OVER,
    ERROR,
    ERROR_OBJECT,
    FIELDS,
    LOGIN,
    Fault,
    assert_outcome,
    fails,
    record,
)
from tests.integration.salesforce_org import OrgWarehouse
from tests.unit.ingestion.fake_org import EXPIRED, FakeOrg, csv_page

CREATE, STATE, SECOND, LAST = "/jobs/query", "/jobs/query/750A", "locator=3", "locator=6"
DELETE = "DELETE /services/data/v62.0/jobs/query/750A"
HALF = '"Id","Name"\n"00605","Ölpu'


@pytest.fixture
def org_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrgWarehouse:
    return OrgWarehouse(tmp_path, monkeypatch)


def pages(**locators: tuple[int, str]) -> Callable[[FakeOrg], None]:
    """Let the pages named `at_<locator>` show the records from another place on, and name another page as the next."""
    return lambda org: org.locators.update({name.removeprefix("at_"): page for name, page in locators.items()})


def cut_in_the_last_cell(org: FakeOrg) -> None:
    """The last stamp of the last page misses its time of day: records and cells are as many as announced."""
    content = csv_page(list(FIELDS), [record(number) for number in (2, 6, 4)])
    headers = {"Sforce-NumberOfRecords": "3", "Sforce-Locator": "null"}
    org.faults_at[LAST] = [(200, content.rpartition("T12:00")[0], headers)]


def total_changes(org: FakeOrg) -> None:
    org.alter = lambda path, answer: answer | {"numberRecordsProcessed": 11} if path.endswith(STATE) else answer


def job_fails(org: FakeOrg) -> None:
    org.alter = lambda path, answer: answer | {"state": "Failed"} if path.endswith(STATE) else answer


def day_runs_out(org: FakeOrg) -> None:
    org.alter = lambda path, answer: setattr(org, "usage", "api-usage=90001/100000") or answer


def dead_login(org: FakeOrg) -> None:
    org.faults_at[SECOND] = [EXPIRED]
    # The first login succeeds, the renewal is refused.
    org.token_faults = [(200, {"access_token": "t"}), (400, {"error": "invalid_grant"})]


FAULTS = [
    Fault("429 with seconds", fails(SECOND, (429, [], {"Retry-After": "3"})), waits=[3.0]),
    Fault("429 with a date", fails(CREATE, (429, [], DATE)), waits=[7.0]),
    Fault("429 without a wait", fails(STATE, (429, []), (429, [])), waits=[0.5, 1.0]),
    Fault("429 with an absurd wait", fails(LAST, (429, [], {"Retry-After": "86400"})), "asks to wait 86400 s"),
    Fault("500 burst", fails(CREATE, *[(500, [])] * 5), waits=BACK_OFF),
    Fault("500 for ever", fails(STATE, *[(500, [])] * 99), "status 500", BACK_OFF),
    Fault("502", fails(LAST, (502, "<html>bad gateway")), waits=[0.5]),
    Fault("503 with a wait", fails(STATE, (503, "down", {"Retry-After": "1"})), waits=[1.0]),
    Fault("timeout", fails(SECOND, requests.Timeout("slow")), waits=[0.5]),
    Fault("reset in the body", fails(SECOND, requests.exceptions.ChunkedEncodingError("broken")), waits=[0.5]),
    Fault("truncated CSV", fails(SECOND, (200, HALF)), waits=[0.5]),
    Fault("truncated CSV for ever", fails(SECOND, *[(200, HALF)] * 99), "not whole CSV", BACK_OFF),
    Fault("CSV truncated in its last cell", cut_in_the_last_cell, waits=[0.5]),
    Fault("truncated JSON", fails(STATE, (200, '{"state": "JobCompl')), waits=[0.5]),
    *(
        Fault(f"error body once in place of {what}", fails(where, ERROR), waits=[0.5])
        for what, where in {"a job": CREATE, "a state": STATE, "a page": SECOND}.items()
    ),
    *(
        Fault(f"error object once in place of {what}", fails(where, ERROR_OBJECT), waits=[0.5])
        for what, where in {"a job": CREATE, "a state": STATE, "a page": SECOND}.items()
    ),
    Fault("error object for ever", fails(STATE, *[ERROR_OBJECT] * 99), "status 200, server_error: sorry", BACK_OFF),
    Fault("error body for ever", fails(SECOND, *[ERROR] * 99), "not whole CSV", BACK_OFF),
    Fault("login page once", fails(SECOND, LOGIN), waits=[0.5]),
    Fault("login page for ever", fails(STATE, *[LOGIN] * 99), "a web page came", BACK_OFF),
    Fault("page loop", pages(at_3=(3, "6"), at_6=(6, "3")), "lead in a circle"),
    Fault("page offered twice", pages(at_3=(0, "03"))),
    Fault("missing page", pages(at_0=(0, "6")), "processed 9 records but delivered 6"),
    Fault("overlapping pages", pages(at_3=(2, "5"))),
    Fault("overlapping pages of the right number", pages(at_3=(2, "6")), "processed 9 records but delivered 8"),
    Fault("total changes", total_changes, "processed 11 records but delivered 9"),
    *(
        Fault(f"token expires before {what}", fails(where, EXPIRED))
        for what, where in {"the job": CREATE, "its state": STATE, "a page": SECOND, "its end": DELETE}.items()
    ),
    Fault("token refused for ever", fails(SECOND, EXPIRED, EXPIRED), "INVALID_SESSION_ID"),
    Fault("token cannot be renewed", dead_login, "refused client id app"),
    Fault("day's requests run out", day_runs_out, "90001/100000 API requests today"),
    Fault("daily limit reached", fails(SECOND, DAY_OVER), "API requests of the last 24 hours are used up"),
    Fault("job fails", job_fails, "ended as Failed: no reason given"),
    Fault("job not found", fails(STATE, (404, [{"errorCode": "NOT_FOUND", "message": "gone"}])), "NOT_FOUND: gone"),
    Fault("job cannot be deleted", fails(DELETE, *[(500, [])] * 6), waits=BACK_OFF),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_raw_equals_the_org_or_the_load_stops(org_warehouse: OrgWarehouse, fault: Fault) -> None:
    assert_outcome(org_warehouse, fault, **BY_JOB)
