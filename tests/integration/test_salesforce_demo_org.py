"""Every declared Salesforce object of the demo org, loaded as it was in mid-2023 and then as it is at the frozen now.

Between the two lie the company's own changes of all objects: stages renamed, territories realigned, users gone, quotes
accepted, orders delivered. Raw is compared with what the org shows, value by value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from demo.company.clock import FROZEN_NOW, REALIGNMENT
from demo.systems.company_clock import read_clock, write_clock
from demo.systems.crm_describe import WITHOUT_DELETION_LOG
from demo.systems.crm_state import CrmState
from ingestion.load_log import ResourceResult
from ingestion.naming import raw_name
from ingestion.sources.salesforce.tables import TABLES
from tests.integration.loaded_company import LoadedCompany

pytestmark = pytest.mark.integration
Rows = dict[str, tuple[Any, ...]]
"""The declared values of an object's records, by Id."""

BEFORE = datetime(2023, 6, 15, 6)
UNCHANGING = {"UserRole"}
"""The company's three roles are older than its history, and nobody has ever edited one."""
SINCE_THE_REALIGNMENT = {"Territory_Successor__c"}
"""No territory had a successor before the only realignment."""


@dataclass(frozen=True)
class Moment:
    """What the org showed at a load, what raw held as current after it, what the load counted, and its warnings."""

    shown: dict[str, Rows]
    kept: dict[str, Rows]
    counts: dict[str, ResourceResult]
    warnings: tuple[str, ...]


def shown(org: CrmState, name: str, now: datetime) -> Rows:
    """The object's records with the recycle bin, as the org has them."""
    state = org.object_at(name, now)
    if state is None:
        return {}
    columns = [column.name for column in TABLES[name].columns]
    return {row["Id"]: tuple(row[column] for column in columns) for row in state.raw.to_pylist()}


def kept(company: LoadedCompany, name: str) -> Rows:
    """The latest versions in raw, tombstones left out."""
    columns = ", ".join(f'"{raw_name(column.name)}"' for column in TABLES[name].columns)
    rows = company.query(
        f'select {columns} from raw_salesforce."{raw_name(name)}"'
        " qualify row_number() over (partition by id order by _extracted_at desc, _deleted_at is not null desc) = 1"
        "     and _deleted_at is null"
    )
    place = [column.name for column in TABLES[name].columns].index("Id")
    return {row[place]: row for row in rows}


def loaded_at(company: LoadedCompany, now: datetime) -> Moment:
    """Set the company's clock and load the org."""
    write_clock(company.systems, replace(read_clock(company.systems), now=now))
    result = company.load("salesforce")["salesforce"]
    assert result.rejected == 0, result.rejections
    org = CrmState(company.systems)
    return Moment(
        {name: shown(org, name, now) for name in TABLES},
        {name: kept(company, name) for name in TABLES},
        {row.resource: row for row in result.resources},
        result.warnings,
    )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedCompany]:
    with LoadedCompany.running(tmp_path_factory.mktemp("org")) as made:
        yield made


@pytest.fixture(scope="module")
def moments(company: LoadedCompany) -> tuple[Moment, Moment]:
    """The whole load and the increment."""
    return loaded_at(company, BEFORE), loaded_at(company, FROZEN_NOW)


@pytest.mark.parametrize("name", TABLES)
def test_object_lands_whole(moments: tuple[Moment, Moment], name: str) -> None:
    whole, _ = moments
    assert whole.kept[name] == whole.shown[name]
    counts = whole.counts[raw_name(name)]
    assert (counts.extracted, counts.appended, counts.deleted) == (len(whole.shown[name]), len(whole.shown[name]), 0)
    if name in SINCE_THE_REALIGNMENT:
        assert not whole.shown[name]
        assert BEFORE.date() < REALIGNMENT
    else:
        assert whole.shown[name]


@pytest.mark.parametrize("name", TABLES)
def test_increment_brings_what_is_new_changed_and_gone(
    company: LoadedCompany, moments: tuple[Moment, Moment], name: str
) -> None:
    whole, later = moments
    before, now, counts = whole.shown[name], later.shown[name], later.counts[raw_name(name)]
    assert later.kept[name] == now
    differing = {key for key, row in now.items() if before.get(key) != row}
    assert counts.appended == len(differing)
    assert bool(differing) != (name in UNCHANGING)
    assert before.keys() - now.keys() <= tombstones(company, name) <= purged(company, name)
    assert counts.extracted == asked_for(company, name, before, now)


def asked_for(company: LoadedCompany, name: str, before: Rows, now: Rows) -> int:
    """How many records the org has from the highest stamp of the whole load on, less the look-back.

    Of an object without a deletion log it is all of them.
    """
    if name in WITHOUT_DELETION_LOG:
        return len(now)
    place = [column.name for column in TABLES[name].columns].index(str(TABLES[name].cursor))
    lookback = timedelta(minutes=company.configs["salesforce"].lookback_minutes)
    since = max((row[place] for row in before.values()), default=datetime.min + lookback) - lookback
    return sum(row[place] >= since for row in now.values())


def tombstones(company: LoadedCompany, name: str) -> set[str]:
    """The ids that raw holds as gone for good; some were never seen, only named in the deletion log."""
    return {
        key
        for (key,) in company.query(f'select id from raw_salesforce."{raw_name(name)}" where _deleted_at is not null')
    }


def purged(company: LoadedCompany, name: str) -> set[str]:
    """The ids that the org has deleted for good so far."""
    state = CrmState(company.systems).object_at(name, FROZEN_NOW)
    return set(state.deleted["Id"].to_pylist()) if state else set()


@pytest.mark.parametrize("name", TABLES)
def test_org_has_every_declared_field(company: LoadedCompany, name: str) -> None:
    state = CrmState(company.systems).object_at(name, FROZEN_NOW)
    assert state is not None
    assert set(state.fields.names) == {column.name for column in TABLES[name].columns}


def test_no_load_warns_of_a_field_that_no_org_has(moments: tuple[Moment, Moment]) -> None:
    """All that the increment warns of is the time between the two loads."""
    assert moments[0].warnings == ()
    assert [
        sentence for sentence in moments[1].warnings if "the deletion log does not reach back" not in sentence
    ] == []


@pytest.mark.parametrize("name", sorted(UNCHANGING))
def test_what_brings_nothing_has_never_changed_in_the_org(company: LoadedCompany, name: str) -> None:
    org = CrmState(company.systems)
    assert shown(org, name, BEFORE) == shown(org, name, FROZEN_NOW) != {}


@pytest.mark.parametrize("name", ["Order", "OrderItem", "DatedConversionRate"])
def test_orders_and_rates_are_filled_in_all_fields(moments: tuple[Moment, Moment], name: str) -> None:
    columns = zip(*moments[1].kept[name].values(), strict=True)
    empty = [column.name for column, values in zip(TABLES[name].columns, columns, strict=True) if set(values) == {None}]
    assert empty == []


def test_raw_keeps_the_steps_of_an_order_and_its_lines(company: LoadedCompany, moments: tuple[Moment, Moment]) -> None:
    """An order that was under way at the whole load has both states, and its lines know of the delivery."""
    steps = company.query(
        "select list(distinct status order by status), count(distinct item.end_date)"
        ' from raw_salesforce."order" join raw_salesforce.order_item as item on item.order_id = "order".id'
        ' group by "order".id having count(distinct "order"._row_hash) = 2'
    )
    assert (["Activated", "Delivered"], 1) in steps
