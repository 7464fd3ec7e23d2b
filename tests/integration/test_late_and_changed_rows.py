"""Days of the demo company's CRM on which rows come late and fields change: nothing is missed, everything is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC

import pytest

from demo.systems.store import demo_now, evolve
from ingestion.naming import raw_name
from tests.integration.loaded_company import LoadedCompany
from tests.integration.quirks.finding import finding


@pytest.fixture(scope="module")
def late_comers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LoadedCompany, list[str]]]:
    """A company whose CRM is loaded whenever a late version is on its way, and at the end; the loads' warnings too."""
    with LoadedCompany.running(tmp_path_factory.mktemp("daily")) as company:
        warnings = list(company.load("salesforce")["salesforce"].warnings)
        late = company.planted("O4")["modified_at_and_delay_seconds"].values()
        last = max(modified + delay for modified, delay in late)
        now = 0.0
        while now < last:
            evolve(company.systems, 1)
            now = demo_now(company.systems).replace(tzinfo=UTC).timestamp()
            if now >= last or any(modified <= now < modified + delay for modified, delay in late):
                warnings += company.load("salesforce")["salesforce"].warnings
        yield company, warnings


def test_late_rows_arrive_though_their_stamp_lies_before_the_cursor(
    late_comers: tuple[LoadedCompany, list[str]], record_property: Callable[[str, object], None]
) -> None:
    """O4: a version that shows up to two days after its modification is loaded all the same."""
    company, _ = late_comers
    moments = company.planted("O4")["modified_at_and_delay_seconds"]
    rows = company.query("select id, epoch(system_modstamp)::bigint from raw_salesforce.opportunity")
    versions = {(key, modified) for key, (modified, _) in moments.items()}
    found = finding("O4", "late-arriving versions", versions, versions & set(rows))
    record_property("quirk", found.line())
    assert found.planted
    assert not found.missed


def test_schema_events_are_accepted_quarantined_and_told(
    late_comers: tuple[LoadedCompany, list[str]], record_property: Callable[[str, object], None]
) -> None:
    """O2: a new field is accepted with a warning, another type quarantines rows, a renamed field raises a warning."""
    company, warnings = late_comers
    told = " ".join(warnings)
    outcomes = {
        (f"{table}.{column}", outcome)
        for outcome, pattern in (
            ("accepted", r"Table (\w+) of salesforce: column (\w+) is not declared"),
            ("alert", r"Table (\w+) of salesforce: declared column (\w+) is missing"),
        )
        for table, column in re.findall(pattern, told)
    }
    expected = company.planted("O2")
    quarantined = company.query(
        "select distinct table_name, regexp_extract(reason, 'column (\\w+): expected', 1) from quality.rejected_row"
    )
    by_raw_name = {raw_name(name.split(".")[0]): name.split(".")[0] for name in expected}
    outcomes |= {(f"{by_raw_name.get(table, table)}.{column}", "quarantined") for table, column in quarantined}
    events = {(key, event["outcome"]) for key, event in expected.items()}
    found = finding("O2", "schema events", events, outcomes)
    record_property("quirk", found.line())
    assert not found.missed
    # The field's new name is one more that nobody declared.
    assert {outcome for _, outcome in found.false_positives} <= {"accepted"}
