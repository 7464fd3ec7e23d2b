"""Nine deals of a fake Salesforce org, a fault that strikes them, and what must come of a load during it.

What belongs here: what faults of both of the org's APIs share. What does not: which faults there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from ingestion.errors import IngestionError
from ingestion.sources.salesforce.tables import TABLES
from tests.integration.salesforce_org import OrgWarehouse
from tests.unit.ingestion.fake_org import FakeObject, FakeOrg
from tests.unit.ingestion.small_source import CLOCK

KINDS = {"decimal": "currency", "double": "percent", "boolean": "boolean", "date": "date", "timestamp": "datetime"}
FIELDS = {column.name: KINDS.get(column.type, "string") for column in TABLES["Opportunity"].columns}
TABLE = "opportunity"
LOG = "/deleted/"
BY_PAGE = {"bulk_from_rows": 10**9}
BY_JOB = {"bulk_from_rows": 0, "bulk_page_rows": 3}
WAYS = [pytest.param(BY_PAGE, id="by page"), pytest.param(BY_JOB, id="by job")]
"""Settings by which a load asks page by page, or by a job for every query that finds a row."""

ERROR = (200, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "sorry"}])
ERROR_OBJECT = (200, {"error": "server_error", "error_description": "sorry"})
LOGIN = (200, "<html><form>log in</form></html>")
DATE = {"Retry-After": "Thu, 29 Feb 2024 12:00:07 GMT", "Date": "Thu, 29 Feb 2024 12:00:00 GMT"}
DAY_OVER = (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}])
BACK_OFF = [0.5, 1.0, 2.0, 4.0, 8.0]
"""All waits of a request that never succeeds."""


def record(number: int, stamp: str = "", **changes: Any) -> dict[str, Any]:
    """Deal `number`, last changed on that day of February."""
    values = {"Id": f"006{number:02d}", "Name": f"Ölpumpe {number}", "StageName": "Offer", "Amount": 10.5 * number}
    stamp = stamp or f"2024-02-{number:02d}T12:00:00.000+0000"
    return values | {"IsDeleted": False, "CreatedDate": stamp, "SystemModstamp": stamp} | changes


def org_of(*records: dict[str, Any]) -> FakeOrg:
    """An org with these deals, three on a page."""
    org = FakeOrg(objects={"Opportunity": FakeObject(dict(FIELDS), list(records))})
    org.page_rows = 3
    return org


def nine_deals() -> FakeOrg:
    """An org whose deals come in no order of their stamps."""
    return org_of(*(record(number) for number in (7, 3, 9, 1, 5, 8, 2, 6, 4)))


def truth(org: FakeOrg) -> list[tuple[Any, ...]]:
    """Id, name, amount and stamp of each of the org's deals."""
    assert org.objects
    records = org.objects["Opportunity"].records
    return sorted((row["Id"], row["Name"], row["Amount"], row["SystemModstamp"][:19]) for row in records)


def raw(org_warehouse: OrgWarehouse) -> list[tuple[Any, ...]]:
    """Id, name, amount and stamp of every version kept, tombstones left out."""
    return org_warehouse.query(
        "select id, name, cast(amount as double), strftime(system_modstamp, '%Y-%m-%dT%H:%M:%S')"
        " from raw_salesforce.opportunity where _deleted_at is null order by all"
    )


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and what must come of it: `sentence` of the stop, or none; `waits` before repetitions."""

    name: str
    strike: Callable[[FakeOrg], None]
    sentence: str | None = None
    waits: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name


def fails(where: str, *answers: Any) -> Callable[[FakeOrg], None]:
    """Let the next requests for addresses that end so be answered like this."""
    return lambda org: org.faults_at.update({where: list(answers)})


def assert_outcome(org_warehouse: OrgWarehouse, fault: Fault, **settings: Any) -> None:
    """Load during the fault, then without it: raw equals the org, or nothing is kept of the first load."""
    org = nine_deals()
    fault.strike(org)
    if fault.sentence is None:
        org_warehouse.load_org(org, CLOCK, TABLE, **settings)
        assert raw(org_warehouse) == truth(org)
    else:
        with pytest.raises(IngestionError, match=fault.sentence) as caught:
            org_warehouse.load_org(org, CLOCK, TABLE, **settings)
        assert "\n" not in str(caught.value)
        assert org_warehouse.query("select status from ops.load") == [("failed",)]
    assert not any(org.faults_at.values()) or fault.sentence, "the fault has struck"
    assert org.waits == fault.waits
    mended = nine_deals()
    again = org_warehouse.load_org(mended, CLOCK + timedelta(days=1), TABLE, **settings)
    assert raw(org_warehouse) == truth(mended)
    assert again.appended == (0 if fault.sentence is None else 9)
