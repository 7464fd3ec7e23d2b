"""A raw row that a suite refused stays in question until it is mended at its source."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from expectations.suite import Suite, between, not_null, raw_suite
from ingestion import load_log
from ingestion.load_log import REJECTED_SCHEMA, ResourceResult
from orchestration.raw_audit import remember_passed, rows_to_audit, suite_in_question
from orchestration.state import open_state, prepare_state

CLOCK = datetime(2024, 2, 29, 6)
SUITE = raw_suite("erp", "invoice_line", ("invoice_no", "line_no"), not_null("amount"))


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    """A state file with one empty raw table."""
    file = tmp_path / "state.duckdb"
    prepare_state(file, CLOCK)
    with open_state(file) as connection:
        connection.execute(
            "create schema raw_erp; create table raw_erp.invoice_line (invoice_no varchar, line_no int, amount double,"
            " _row_hash varchar, _extracted_at timestamp, _deleted_at timestamp, _load_id varchar)"
        )
    return file


def _load(file: Path, load: int, *lines: tuple[str, float | None], deleted: bool = False, at: int = 0) -> None:
    """Append a load of lines (invoice, amount); `at` is the clock in days after the first."""
    moment = CLOCK + timedelta(days=at)
    with open_state(file) as connection:
        for number, amount in lines:
            row = [number, 1, amount, f"{amount}", moment, moment if deleted else None, f"load {load}"]
            connection.execute("insert into raw_erp.invoice_line values (?, ?, ?, ?, ?, ?, ?)", row)


def _invoices(file: Path, suite: Suite = SUITE) -> list[str]:
    return sorted(rows_to_audit(file, suite)["invoice_no"])


def test_a_refused_row_is_audited_again_after_a_load_that_brought_nothing(state_file: Path) -> None:
    _load(state_file, 1, ("A", 1.0), ("B", None))
    assert _invoices(state_file) == ["A", "B"]
    _load(state_file, 2)
    assert _invoices(state_file) == ["A", "B"]


@pytest.mark.parametrize("days_later", [0, 1], ids=["frozen clock", "next day"])
def test_a_row_mended_at_its_source_is_audited_as_it_is_now(state_file: Path, days_later: int) -> None:
    _load(state_file, 1, ("A", 1.0), ("B", None))
    _load(state_file, 2, ("B", 2.0), at=days_later)
    frame = rows_to_audit(state_file, SUITE)
    assert sorted(frame["amount"]) == [1.0, 2.0]


def test_a_row_deleted_at_its_source_is_no_longer_in_question(state_file: Path) -> None:
    _load(state_file, 1, ("B", None))
    _load(state_file, 2, ("B", None), deleted=True, at=1)
    assert _invoices(state_file) == []


def test_passed_rows_are_not_audited_again(state_file: Path) -> None:
    _load(state_file, 1, ("A", 1.0))
    remember_passed(state_file, SUITE)
    assert _invoices(state_file) == []
    _load(state_file, 2, ("B", 2.0), at=1)
    assert _invoices(state_file) == ["B"]


def test_each_suite_remembers_for_itself(state_file: Path) -> None:
    _load(state_file, 1, ("A", 1.0))
    remember_passed(state_file, SUITE)
    with open_state(state_file) as connection:
        connection.execute("create table raw_erp.credit_line as from raw_erp.invoice_line")
    assert _invoices(state_file, raw_suite("erp", "credit_line", ("invoice_no",))) == ["A"]


def test_a_table_that_is_no_raw_one_is_always_audited_whole(state_file: Path) -> None:
    with open_state(state_file) as connection:
        connection.execute("insert into forecast.fct_win_probability values (date '2024-02-29', 'D', 202402, 0.5, 'm')")
    suite = Suite("forecast", "fct_win_probability", ("opportunity_id",), tuple(between("probability", low=0, high=1)))
    remember_passed(state_file, suite)
    assert list(rows_to_audit(state_file, suite)["opportunity_id"]) == ["D"]


def _load_without(file: Path, *left_out: str, day: int) -> None:
    """A load whose settings do not deliver some columns."""
    clock = CLOCK + timedelta(days=day)
    load_id = load_log.begin(file, "erp", "raw_erp", clock, ["invoice_line"])
    result = ResourceResult("invoice_line", fingerprint={"query": "a1"}, left_out=left_out)
    load_log.succeed(file, load_id, "raw_erp", [result], REJECTED_SCHEMA.empty_table(), 1)


def test_a_column_that_the_settings_do_not_deliver_is_no_warning(state_file: Path) -> None:
    wanted = [*not_null("amount"), *not_null("tax_rate", "unit_price", severity="warn")]
    suite = raw_suite("erp", "invoice_line", ("invoice_no", "line_no"), wanted)
    assert suite_in_question(state_file, suite) == suite, "a state of before such settings were kept"
    _load_without(state_file, "tax_rate", "amount", day=0)
    asked = suite_in_question(state_file, suite)
    gone = {e.name for e in suite.expectations} - {e.name for e in asked.expectations}
    assert (gone, "tax_rate" in asked.columns) == ({"tax_rate.not_null"}, False)
    assert "amount.not_null" in [e.name for e in asked.expectations], "an error stays an error"
    _load_without(state_file, day=1)
    assert suite_in_question(state_file, suite) == suite
