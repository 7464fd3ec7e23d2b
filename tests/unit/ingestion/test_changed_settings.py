"""Settings that say otherwise than at the last load what a table is read from: it is read whole, once, and told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from small_source import CLOCK, Warehouse

from ingestion.errors import IngestionError
from ingestion.pipeline import LoadResult
from ingestion.registry import SOURCES
from ingestion.sources.erp.config import ErpConfig

DAY = timedelta(days=1)
RAW = "raw_small.deal_c"
TOLD = "Table Deal__c: its query changed since the last load, so it was read whole"


def deals(count: int, name: str = "Ă", first: int = 1) -> list[dict[str, Any]]:
    return [{"Id": f"d-{i}", "Name": name, "Amount": 1, "Stamp": i} for i in range(first, first + count)]


def read(result: LoadResult, table: str = "deal_c") -> int:
    """How many rows the load read of a table."""
    return next(resource.extracted for resource in result.resources if resource.resource == table)


def test_a_changed_query_reads_the_table_whole_once(warehouse: Warehouse) -> None:
    first = warehouse.load_small(query="select a", Deal__c=deals(40))
    changed = warehouse.load_small(CLOCK + DAY, query="select b", Deal__c=deals(40, "β"))
    again = warehouse.load_small(CLOCK + 2 * DAY, query="select b", Deal__c=deals(41, "β"))
    assert (first.notes, changed.notes, again.notes) == ((), (f"{TOLD}.",), ())
    assert (changed.appended, changed.deleted) == (40, 0)
    assert (read(again), again.appended) == (3, 1)


def test_a_load_that_fails_keeps_nothing_of_the_new_settings(warehouse: Warehouse) -> None:
    warehouse.load_small(query="select a", Deal__c=deals(40))
    with pytest.raises(IngestionError):
        warehouse.load_small(CLOCK + DAY, query="select b", fail_after=True, Deal__c=deals(40, "β"))
    back = warehouse.load_small(CLOCK + DAY, query="select a", Deal__c=deals(40))
    assert (back.notes, read(back)) == ((), 2)
    assert warehouse.load_small(CLOCK + DAY, query="select b", Deal__c=deals(40, "β")).appended == 40


def test_a_state_that_knows_no_settings_yet_goes_on_from_its_cursor(warehouse: Warehouse) -> None:
    warehouse.load_small(Deal__c=deals(40))
    unknown = warehouse.load_small(CLOCK + DAY, query="select a", Deal__c=deals(40))
    assert (unknown.notes, read(unknown)) == ((), 2)
    assert read(warehouse.load_small(CLOCK + 2 * DAY, query="select b", Deal__c=deals(40))) == 40


def test_rows_that_the_new_query_leaves_out_are_gone_on_purpose(warehouse: Warehouse) -> None:
    warehouse.load_small(query="select a", Deal__c=deals(60))
    fewer = warehouse.load_small(CLOCK + DAY, query="select b", Deal__c=deals(10, first=51))
    assert fewer.deleted == 50
    assert fewer.notes == (f"{TOLD}; 50 row(s) that came before did not and count as deleted.",)
    with pytest.raises(IngestionError, match=r"10 of 10 known rows are gone .* Its query changed .* correct it in the"):
        warehouse.load_small(CLOCK + 2 * DAY, query="select c", Deal__c=[])
    with pytest.raises(IngestionError, match=r"10 of 10 known rows are gone .* Restore the source"):
        warehouse.load_small(CLOCK + 2 * DAY, query="select b", Deal__c=[])


def test_keys_that_the_new_query_writes_otherwise_replace_the_old_ones(warehouse: Warehouse) -> None:
    rows = [deal | {"Id": f"K{deal['Id']}"} for deal in deals(60)]
    warehouse.load_small(query="select a", Deal__c=deals(60))
    other = warehouse.load_small(CLOCK + DAY, query="select b", Deal__c=rows)
    assert (other.appended, other.deleted) == (60, 60)
    assert warehouse.load_small(CLOCK + 2 * DAY, query="select b", Deal__c=rows).appended == 0


def test_the_next_load_starts_where_the_new_settings_have_come_to(warehouse: Warehouse) -> None:
    """Stamps that another query gave may lie beyond all that are to come."""
    due = [deal | {"Stamp": deal["Stamp"] + 1000} for deal in deals(40)]
    warehouse.load_small(query="select due", Deal__c=due)
    warehouse.load_small(CLOCK + DAY, query="select changed", Deal__c=deals(40))
    changed = [*deals(39), {"Id": "d-40", "Name": "now", "Amount": 1, "Stamp": 41}]
    result = warehouse.load_small(CLOCK + 2 * DAY, query="select changed", Deal__c=changed)
    assert (read(result), result.appended, result.deleted) == (2, 1, 0)


Erp = Callable[..., LoadResult]


@pytest.fixture
def erp(tmp_path: Path, warehouse: Warehouse) -> Erp:
    """Loads the table `sale` of an ERP by the settings that are given, each time a day later."""
    file = tmp_path / "erp.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("create table beleg (nr text, pos int, betrag int, seit text, geaendert text)")
        rows = [(f"R{i // 2}", i % 2, i, f"2023-12-{30 - i:02}", f"2024-02-{i:02}") for i in range(1, 29)]
        database.execute("create view alle as select * from beleg")
        database.executemany("insert into beleg values (?, ?, ?, ?, ?)", rows)
    days = iter(range(100))

    def load(**settings: Any) -> LoadResult:
        config = ErpConfig(url=f"sqlite:///{file}", tables={"sale": settings}, lookback_rows=0)
        return warehouse.load(SOURCES["erp"], config, CLOCK + next(days) * DAY)

    return load


BOTH = ["nr", "pos"]


def test_an_erp_table_is_read_whole_after_each_change_of_its_settings(erp: Erp) -> None:
    by_day = {"key": BOTH, "cursor": "geaendert"}
    erp(query="select nr, pos, geaendert from beleg", **by_day)
    assert read(erp(query="\n  select nr, pos, geaendert from beleg\n", **by_day), "sale") == 1
    changes: list[tuple[str, dict[str, Any]]] = [
        ("query", {"query": "select nr, pos, geaendert, betrag from beleg", **by_day}),
        ("query", {"table": "beleg", **by_day}),
        ("table", {"table": "alle", **by_day}),
        ("key", {"table": "alle", "key": ["nr", "pos", "betrag"], "cursor": "geaendert"}),
        ("key and its cursor", {"table": "alle", "key": BOTH, "cursor": "seit"}),
    ]
    for part, settings in changes:
        told = erp(**settings)
        assert told.notes == (f"Table sale: its {part} changed since the last load, so it was read whole.",)
        assert (read(told, "sale"), told.deleted) == (28, 0)
        assert (read(erp(**settings), "sale"), erp(**settings).notes) == (1, ())


def test_a_key_and_a_cursor_that_come_with_the_new_query_make_no_tombstones(erp: Erp, warehouse: Warehouse) -> None:
    erp(query="select nr, pos, seit from beleg", key=BOTH, cursor="seit")
    new = {"query": "select betrag as id, geaendert, nr from beleg", "key": ["id"], "cursor": "geaendert"}
    changed = erp(**new)
    assert (changed.appended, changed.deleted) == (28, 0)
    assert (erp(**new).appended, erp(**new).deleted) == (0, 0)
    assert warehouse.query("select count(*) from raw_erp.sale where _deleted_at is not null") == [(0,)]


def test_a_table_read_whole_each_time_may_shrink_by_a_new_query_alone(erp: Erp) -> None:
    erp(table="beleg", key=BOTH)
    assert erp(query="select * from beleg where betrag < 4", key=BOTH).deleted == 25
    with pytest.raises(IngestionError, match=r"0 rows came .* before kept 3; .* Its query changed"):
        erp(query="select * from beleg where betrag < 0", key=BOTH)


def test_a_required_column_under_a_name_nearly_its_own_ends_the_load_before_anything_is_kept(
    tmp_path: Path, warehouse: Warehouse
) -> None:
    file = tmp_path / "erp.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("create table zeile as select 'R1' as renr, 1 as pos, 'A-1' as artnr, 4.5 as betrag")
    query = "select renr as invoice_no, pos as line_no, artnr as sku{0} from zeile"

    def load(amount: str) -> LoadResult:
        tables = {"invoice_line": {"query": query.format(amount)}}
        return warehouse.load(SOURCES["erp"], ErpConfig(url=f"sqlite:///{file}", tables=tables))

    with pytest.raises(IngestionError, match="line_amount must be delivered; is line_amuont misspelt"):
        load(", betrag as line_amuont")
    assert load("").appended == 1
    assert load(", betrag as line_amount, pos as betrag").appended == 1


def test_notes_that_a_load_repeats_are_one_sentence_and_all_kept(tmp_path: Path, warehouse: Warehouse) -> None:
    file = tmp_path / "erp.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("create table artikel as select 'A-1' as sku, 'Ö' as name")
    days = iter(range(9))

    def load(**tables: Any) -> LoadResult:
        config = ErpConfig(url=f"sqlite:///{file}", tables={"product": {"table": "artikel"}, **tables})
        return warehouse.load(SOURCES["erp"], config, CLOCK + next(days) * DAY)

    first, second = load(), load()
    assert first.news == first.notes == second.notes
    assert second.news == ("Source erp: 12 notes are those of the load before; ops.load_note keeps them all.",)
    assert warehouse.query("select count(*) from ops.load_note") == [(24,)]
    changed = load(customer={"query": "select sku as customer_no, name from artikel"})
    assert [note.partition(":")[0] for note in changed.news] == ["Table customer", "Source erp"]
    assert (
        load(customer={"query": "select sku as customer_no, name from artikel"}).news[0].startswith("Source erp: 12 ")
    )
