"""The load of one source: versions, deletions, rejected rows, the load log, and what a failure leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest
from small_source import CLOCK, SMALL, STAMPED, RowsConfig, Warehouse

from ingestion.contract import columns
from ingestion.errors import IngestionError

DAY = timedelta(days=1)
RAW = "raw_small.deal_c"


def deal(key: str, stamp: int, name: str = "Überland & Söhne", amount: object = 12.5) -> dict[str, object]:
    return {"Id": key, "Name": name, "Amount": amount, "Stamp": stamp}


def test_running_twice_changes_nothing(dlt_warehouse: Warehouse) -> None:
    rows = [deal("z-9", 7), deal("a 1", 3)]
    rates = [{"Day": "2024-02-29", "Pair": "PLN/EUR", "Rate": 0.23, "Origin": "a.csv"}]
    first = dlt_warehouse.load_small(Deal__c=rows, Rate=rates)
    before = dlt_warehouse.query(f"from {RAW} order by all"), dlt_warehouse.query("from raw_small.rate")
    second = dlt_warehouse.load_small(Deal__c=rows, Rate=rates)
    assert (first.appended, second.appended, second.deleted) == (3, 0, 0)
    assert (dlt_warehouse.query(f"from {RAW} order by all"), dlt_warehouse.query("from raw_small.rate")) == before


def test_raw_table_has_contract_types_and_meta_columns(dlt_warehouse: Warehouse) -> None:
    dlt_warehouse.load_small()
    types = dict(row[:2] for row in dlt_warehouse.query(f"describe {RAW}"))
    assert types == {
        "id": "VARCHAR",
        "name": "VARCHAR",
        "amount": "DECIMAL(18,4)",
        "stamp": "BIGINT",
        "_row_hash": "VARCHAR",
        "_extracted_at": "TIMESTAMP",
        "_deleted_at": "TIMESTAMP",
        "_load_id": "VARCHAR",
    }


def test_flip_back_is_a_third_version(warehouse: Warehouse) -> None:
    for day, rate in enumerate((0.23, 0.25, 0.23)):
        row = {"Day": "2024-02-29", "Pair": "PLN/EUR", "Rate": rate, "Origin": "a.csv"}
        warehouse.load_small(CLOCK + day * DAY, Rate=[row])
    assert warehouse.query("select rate from raw_small.rate order by _extracted_at") == [(0.23,), (0.25,), (0.23,)]


def test_a_row_that_comes_several_times_in_one_load_lands_once(warehouse: Warehouse) -> None:
    rows = [deal("b", 2), deal("a", 1), deal("b", 2), deal("c", 3), deal("a", 1), deal("a", 4), deal("d", 5, "a")]
    result = warehouse.load_small(Deal__c=rows)
    assert warehouse.query(f"select id, stamp from {RAW}") == [("b", 2), ("a", 1), ("c", 3), ("a", 4), ("d", 5)]
    assert [(r.extracted, r.appended, r.unchanged) for r in result.resources if r.resource == "deal_c"] == [(7, 5, 2)]


def test_provenance_alone_makes_no_version(warehouse: Warehouse) -> None:
    for day, origin in enumerate(("a.csv", "b.csv")):
        row = {"Day": "2024-02-29", "Pair": "PLN/EUR", "Rate": 0.23, "Origin": origin}
        warehouse.load_small(CLOCK + day * DAY, Rate=[row])
    assert warehouse.query("select origin from raw_small.rate") == [("a.csv",)]


def test_late_row_within_the_look_back_is_found(warehouse: Warehouse) -> None:
    warehouse.load_small(Deal__c=[deal("b", 10)])
    result = warehouse.load_small(CLOCK + DAY, Deal__c=[deal("b", 10), deal("late", 9)])
    assert result.appended == 1
    assert warehouse.query(f"select id from {RAW} where stamp = 9") == [("late",)]


def test_row_that_the_cursor_missed_is_found_by_its_key(warehouse: Warehouse) -> None:
    warehouse.load_small(Deal__c=[deal("b", 10)])
    warehouse.load_small(CLOCK + DAY, Deal__c=[deal("b", 10), deal("older", 2)])
    assert warehouse.query(f"select stamp from {RAW} where id = 'older'") == [(2,)]


def test_vanished_row_becomes_a_tombstone_and_may_return(warehouse: Warehouse) -> None:
    warehouse.load_small(Deal__c=[deal("b", 10), deal("c", 11)])
    gone = warehouse.load_small(CLOCK + DAY, Deal__c=[deal("c", 11)])
    again = warehouse.load_small(CLOCK + DAY, Deal__c=[deal("c", 11)])
    back = warehouse.load_small(CLOCK + 2 * DAY, Deal__c=[deal("b", 10), deal("c", 11)])
    assert (gone.deleted, again.deleted, back.appended) == (1, 0, 1)
    versions = warehouse.query(f"select name, amount, _deleted_at from {RAW} where id = 'b' order by _extracted_at")
    assert [row[2] for row in versions] == [None, CLOCK + DAY, None]
    assert len({row[:2] for row in versions}) == 1, "a tombstone repeats the last content"


def test_misfit_is_quarantined_once_and_the_rest_goes_on(warehouse: Warehouse) -> None:
    rows = [deal("b", 10, amount="12,5 EUR"), deal("c", 11, amount="13.25"), {**deal("d", 12, amount=None), "Id": None}]
    first = warehouse.load_small(Deal__c=rows)
    second = warehouse.load_small(CLOCK + DAY, Deal__c=rows)
    assert (first.appended, first.rejected, second.rejected) == (1, 2, 2)
    logged = warehouse.query("select row_key, reason from quality.rejected_row order by row_key")
    assert logged == [("", "column Id: required, but empty"), ("b", "column Amount: expected decimal, got 12,5 EUR")]
    assert warehouse.query(f"select amount from {RAW} where id = 'c'")[0][0] == 13.25


def test_every_extracted_row_is_accounted_for(warehouse: Warehouse) -> None:
    warehouse.load_small(
        Deal__c=[deal("b", 10, amount="12.5"), deal("c", 11, amount="?"), deal("b", 10, amount="12.5")]
    )
    rows = warehouse.query(
        "select entity, source_value, warehouse_value, status from quality.load_reconciliation order by entity"
    )
    assert rows == [("deal_c", 3.0, 3.0, "passed"), ("rate", 0.0, 0.0, "passed")]


def test_new_column_lands_as_text_and_absent_one_as_null(dlt_warehouse: Warehouse) -> None:
    dlt_warehouse.load_small(Deal__c=[deal("b", 10)])
    changed = [{"Id": "e", "Amount": 1, "Stamp": 12, "Loud__c": True}, {**deal("b", 10), "Loud__c": None}]
    for row in changed:
        row.pop("Name", None)
    result = dlt_warehouse.load_small(CLOCK + DAY, Deal__c=changed)
    assert dlt_warehouse.query(f"select name, loud_c from {RAW} where id = 'e'") == [(None, "true")]
    assert any("Name is missing" in sentence for sentence in result.warnings)
    assert any("Loud__c is not declared" in sentence for sentence in result.warnings)


def test_an_optional_column_is_there_and_missed_by_nobody(
    dlt_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    dlt_warehouse.load_small(Deal__c=[deal("b", 10)])
    widened = replace(STAMPED, columns=(*STAMPED.columns, *columns("Region?")))
    monkeypatch.setattr("small_source.STAMPED", widened)
    result = dlt_warehouse.load_small(CLOCK + DAY, Deal__c=[deal("b", 10)])
    assert (result.appended, result.warnings) == (0, ())
    assert dlt_warehouse.query(f"select region from {RAW}") == [(None,)], "also where no row changed"
    dlt_warehouse.load_small(CLOCK + 2 * DAY, Deal__c=[{**deal("c", 12), "Region": "Süd"}, deal("b", 10)])
    assert dlt_warehouse.query(f"select id, region from {RAW} order by id") == [("b", None), ("c", "Süd")]


def test_lost_key_column_ends_the_load(warehouse: Warehouse) -> None:
    with pytest.raises(IngestionError, match="key column Pair is missing"):
        warehouse.load_small(Rate=[{"Day": "2024-02-29", "Rate": 1.0}])


def test_repeated_key_with_other_content_is_rejected(warehouse: Warehouse) -> None:
    rows = [{"Day": "2024-02-29", "Pair": "X", "Rate": rate, "Origin": None} for rate in (1.0, 2.0, 1.0)]
    first = warehouse.load_small(Rate=rows)
    second = warehouse.load_small(CLOCK + DAY, Rate=rows)
    assert (first.appended, first.rejected, second.appended) == (1, 1, 0)
    assert warehouse.query("select rate from raw_small.rate") == [(1.0,)]


def test_shrunken_table_is_refused(warehouse: Warehouse) -> None:
    rates = [{"Day": f"2024-01-{day:02}", "Pair": "X", "Rate": 1.0, "Origin": "a"} for day in range(1, 31)]
    warehouse.load_small(Rate=rates)
    with pytest.raises(IngestionError, match="Rate of small: 9 rows came where the load before kept 30"):
        warehouse.load_small(CLOCK + DAY, Rate=rates[:9])
    assert warehouse.query("select count(*) from raw_small.rate") == [(30,)]


def test_mass_deletion_is_refused(warehouse: Warehouse) -> None:
    deals = [deal(f"{number:03}", number) for number in range(30)]
    warehouse.load_small(Deal__c=deals)
    with pytest.raises(IngestionError, match="21 of 30 known rows are gone"):
        warehouse.load_small(CLOCK + DAY, Deal__c=deals[:9])
    assert warehouse.load_small(CLOCK + DAY, Deal__c=deals[:20]).deleted == 10


def test_failed_load_keeps_nothing_and_says_so(dlt_warehouse: Warehouse) -> None:
    dlt_warehouse.load_small(Deal__c=[deal("b", 10)])
    with pytest.raises(IngestionError, match=r"small could not be loaded.*the line went dead"):
        dlt_warehouse.load_small(CLOCK + DAY, fail_after=True, Deal__c=[deal("b", 10), deal("c", 11)])
    assert dlt_warehouse.query(f"select id from {RAW}") == [("b",)]
    states = dlt_warehouse.query("select status, count(*) from ops.load group by all order by all")
    assert states == [("failed", 2), ("succeeded", 2)]
    assert dlt_warehouse.load_small(CLOCK + DAY, Deal__c=[deal("b", 10), deal("c", 11)]).appended == 1


def test_rows_of_an_interrupted_load_are_taken_back(warehouse: Warehouse) -> None:
    warehouse.load_small(Deal__c=[deal("b", 10)])
    with duckdb.connect(str(warehouse.state_file)) as connection:
        connection.execute(
            "insert into ops.load values ('small-x', 'small', 'deal_c', ?, null, 0, 0, null, 'running', 0)", [CLOCK]
        )
        connection.execute(
            f"insert into {RAW} select * replace ('half' as id, 99 as stamp, 'small-x' as _load_id) from {RAW}"
        )
    result = warehouse.load_small(CLOCK + DAY, Deal__c=[deal("b", 10), deal("c", 11)])
    assert result.appended == 1
    assert warehouse.query(f"select id from {RAW} order by id") == [("b",), ("c",)]
    assert warehouse.query("select distinct status from ops.load") == [("succeeded",)]


def test_load_id_is_deterministic(warehouse: Warehouse) -> None:
    assert warehouse.load_small().load_id == "small-2024-02-29T22:30:00-00000"
    assert warehouse.load_small(datetime(2024, 3, 31, 1)).load_id == "small-2024-03-31T01:00:00-00001"


def test_only_restricts_and_refuses_unknown_tables(warehouse: Warehouse) -> None:
    config = RowsConfig(rows={"Deal__c": [deal("b", 1)]})
    result = warehouse.load(SMALL, config, only={"deal_c"})
    assert [resource.resource for resource in result.resources] == ["deal_c"]
    with pytest.raises(IngestionError, match="no table deals; it has deal_c, rate"):
        warehouse.load(SMALL, config, only={"deals"})


def test_progress_is_told(warehouse: Warehouse) -> None:
    told: list[tuple[str, int]] = []
    warehouse.load(
        SMALL,
        RowsConfig(rows={"Deal__c": [deal("b", 1), deal("c", 2)]}),
        on_progress=lambda table, rows: told.append((table, rows)),
    )
    assert told == [("deal_c", 2)]


def test_a_source_s_own_column_reason_is_kept_apart_from_the_reason_of_a_rejection(warehouse: Warehouse) -> None:
    rows = [deal("a", 1) | {"Reason": "late"}, deal("b", 2, amount="n/a") | {"Reason": "lost"}]
    result = warehouse.load_small(Deal__c=[row | {"Amount": str(row["Amount"])} for row in rows])
    assert (result.appended, result.rejected) == (1, 1)
    assert warehouse.query(f"select id, reason from {RAW}") == [("a", "late")]
    ((reason, payload),) = warehouse.query("select reason, payload from quality.rejected_row")
    assert reason == "column Amount: expected decimal, got n/a"
    assert '"Reason":"lost"' in payload


def test_what_a_load_says_is_kept_in_the_log(warehouse: Warehouse) -> None:
    warehouse.load_small(Deal__c=[deal("a", 1) | {"Odd": "new"}])
    ((load_id, severity, sentence),) = warehouse.query("select load_id, severity, sentence from ops.load_note")
    assert warehouse.query("select distinct load_id from ops.load") == [(load_id,)]
    assert (severity, "column Odd is not declared" in sentence) == ("warning", True)


def test_a_load_that_outgrows_the_sparing_memory_is_repeated_with_all_of_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.landing.COMPARING_MB", 2)
    monkeypatch.setattr("ingestion.pipeline.WAIT_SECONDS", 0)
    rows = [deal(str(number), number, name="x" * 1_000_000) for number in range(12)]
    assert warehouse.load_small(Deal__c=rows).appended == 12
    assert warehouse.query("select count(*), min(length(name)) from raw_small.deal_c") == [(12, 1_000_000)]
    assert warehouse.query("select status, count(*) from ops.load group by 1 order by 1") == [
        ("failed", 2),
        ("succeeded", 2),
    ]
