"""What a failing dbt test is told to have found."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.audit import CheckResult
from orchestration.failing_rows import findings
from orchestration.runs import checks_that_warn, dbt_failures

ACCEPTED = """
with all_values as (
    select credit_reason as value_field, count(*) as n_records from "build"."marts"."fct_sales" group by credit_reason
)
select * from all_values where value_field not in ('RETURN')
"""
EMPTY = '\n\n\nselect posted_at\nfrom "build"."marts"."fct_sales"\nwhere posted_at is null\n\n'
OWN = """-- every invoice has its head
select line.invoice_no, sale.sales_line_id
from "state"."raw_erp"."invoice_line" as line
left join "build"."marts"."fct_sales" as sale using (invoice_no)  -- by number
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A build and a state file, closed, as dbt leaves them."""
    build, state = tmp_path / "build.duckdb", tmp_path / "odd 'state.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_sales as select 'erp:' || i as sales_line_id, 'R' || i as invoice_no,"
            " case when i > 4 then 'R' || i else 'KULANZ, ß' end as credit_reason, 1 as a, 2 as b, 3 as c,"
            " cast(null as timestamp) as posted_at from range(1, 15) as t (i)"
        )
    with duckdb.connect(str(state)) as connection:
        connection.execute("create schema raw_erp; create table raw_erp.invoice_line as select 'R99' as invoice_no")
    return build, state


def result(sql: str, failures: int, status: str = "fail") -> dict[str, Any]:
    return {"unique_id": "test.p.odd.1", "status": status, "failures": failures, "compiled_code": sql}


def found(files: tuple[Path, Path], sql: str, failures: int, status: str = "fail") -> str | None:
    return findings(*files, [result(sql, failures, status)]).get("test.p.odd.1")


def test_values_that_are_not_accepted_are_told_with_their_number_of_rows(files: tuple[Path, Path]) -> None:
    told = found(files, ACCEPTED, 11)
    assert told is not None
    assert told.startswith("11 values fail: KULANZ, ß (4 rows), R10 (1 row), ")
    assert told.endswith("R8 (1 row), …")


def test_a_row_without_a_value_is_told_by_its_first_columns(files: tuple[Path, Path]) -> None:
    row = "posted_at = empty, sales_line_id = erp:{0}, invoice_no = R{0}, credit_reason = {1}, a = 1"
    examples = "; ".join(row.format(*one) for one in ((1, "KULANZ, ß"), (10, "R10"), (11, "R11")))
    assert found(files, EMPTY, 14, "warn") == f"14 rows fail, for example {examples}"


def test_a_test_of_its_own_shows_what_it_selects_from_both_files(files: tuple[Path, Path]) -> None:
    assert found(files, OWN, 1) == "1 row fails, for example invoice_no = R99, sales_line_id = empty"


def test_what_cannot_be_asked_is_counted_and_what_passed_is_not_asked(files: tuple[Path, Path]) -> None:
    assert found(files, "select * from nowhere", 2) == "2 rows fail"
    assert found(files, ACCEPTED, 0, "pass") is None
    assert found(files, ACCEPTED, 0, "error") is None
    assert found((files[0].with_name("none.duckdb"), files[1]), ACCEPTED, 11) is None
    with duckdb.connect(str(files[0])):
        assert found(files, ACCEPTED, 11) is None


def test_the_end_of_a_run_tells_what_was_found(tmp_path: Path) -> None:
    results = [
        {"unique_id": "test.p.odd.1", "status": "fail", "message": "Got 2 results, configured to fail if != 0"},
        {"unique_id": "test.p.even.2", "status": "fail", "message": "Got 1 result,\n configured to fail if != 0"},
        {"unique_id": "model.p.fct_sales", "status": "error", "message": "Binder Error"},
    ]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    assert dbt_failures(tmp_path, {"dbt:odd": "2 values fail: A (1 row), B (3 rows)"}) == [
        "dbt test odd: 2 values fail: A (1 row), B (3 rows)",
        "dbt test even: Got 1 result, configured to fail if != 0",
        "dbt model fct_sales: Binder Error",
    ]


def test_the_end_of_a_run_tells_each_check_that_warns() -> None:
    def check(name: str, status: str, finding: str) -> CheckResult:
        return CheckResult("r", f"dbt:{name}", "fct_quota", "warn", status, 4, datetime(2024, 2, 29), finding)

    checks = [check("a", "warned", "2 rows fail"), check("b", "passed", ""), check("c", "warned", "")]
    assert checks_that_warn(checks) == ["dbt:a on fct_quota: 2 rows fail", "dbt:c on fct_quota: failing rows: 4"]
