"""The backfill of an older system from plain files: no document comes from both sides of the cut-over, none is lost.

The older system's lines are loaded from a file as they would be; the ERP's raw tables are filled by hand.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ingestion.pipeline import load
from ingestion.registry import SOURCES
from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.files.config import FilesConfig
from ingestion.sources.fx.tables import TABLES as FX
from tests.integration.dbt_build import create_raw, insert, run_dbt, set_clock

pytestmark = pytest.mark.integration

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "backfill"
VARIABLES = {
    "mappings": ["erp", "fx", "backfill"],
    "cut_over": {"backfill": {"date": "2024-03-01", "successor": "erp"}},
}
OLD_LINES = """\
sales_line_id;invoice_id;document_type;invoice_date;currency;net_amount_document;quantity;customer_source_id;product_id
R/1:1;R/1;invoice;2023-12-30;EUR;100.10;1;erp:K-7;Altteil
R/1:2;R/1;invoice;2023-12-30;EUR;0.90;2;erp:K-7;erp:B-7
77:1;77;invoice;2019-07-01;EUR;5;1;0815;erp:B-7
R/2:1;R/2;invoice;2024-02-29;EUR;40;1;0815;erp:B-7
R/3:1;R/3;invoice;2024-03-01;EUR;9;1;0815;erp:B-7
G/1:1;G/1;credit_note;2024-01-15;EUR;-0.90;-2;erp:K-7;erp:B-7
bad:1;bad;invoice;2023-01-32;EUR;9;1;0815;erp:B-7
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of both systems; its folder."""
    folder = tmp_path_factory.mktemp("backfill")
    (folder / "lines.csv").write_text(OLD_LINES, encoding="cp1252")
    with duckdb.connect(str(folder / "state.duckdb")) as connection:
        set_clock(connection, "2024-04-30 06:00:00")
        create_raw(connection, "erp", ERP.values())
        create_raw(connection, "fx", FX.values())
        fill_erp(connection)
    result = load(
        SOURCES["files"],
        old_files(folder),
        state_file=folder / "state.duckdb",
        pipelines_dir=folder / "pipelines",
        clock=datetime(2024, 4, 30, 6),
    )
    assert (result.appended, result.rejected) == (6, 1)
    without_tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    done = run_dbt(folder, "build", *without_tests, "--select", "+reconciliation", variables=VARIABLES)
    assert done.returncode == 0, done.stdout[-4000:]
    return folder


def old_files(folder: Path) -> FilesConfig:
    """The example's own settings, with the file where the test has it, and without the files that may be missing."""
    settings = yaml.safe_load((EXAMPLE / "files.yml").read_text(encoding="utf-8"))
    (lines,) = [table for table in settings["tables"] if table["name"] == "backfill_sales_lines"]
    return FilesConfig.model_validate({"tables": [lines | {"address": str(folder / "lines.csv")}]})


def fill_erp(connection: duckdb.DuckDBPyConnection) -> None:
    """R/1 and R/2 are migrated (R/2 under a later date); 77 is a number that began anew; R/1 is credited later."""
    for number, day, amounts in (
        ("R/1", "2023-12-30", (101,)),
        ("R/2", "2024-03-01", (39, 1)),
        ("77", "2024-03-07", (8,)),
        ("88", "2024-02-15", (3,)),
    ):
        stamps = {"updated_at": f"{day} 12:00:00", "rowversion": 1}
        head = {"customer_no": "K-7", "invoice_date": day, "currency": "EUR", "is_cancelled": False}
        insert(connection, "raw_erp.invoice", invoice_no=number, **head, **stamps)
        for line_no, amount in enumerate(amounts):
            line = {"line_no": line_no, "sku": "B-7", "quantity": 1, "line_amount": amount}
            insert(connection, "raw_erp.invoice_line", invoice_no=number, **line, **stamps)
    stamps = {"updated_at": "2024-04-02 12:00:00", "rowversion": 2}
    head = {"customer_no": "K-7", "credit_date": "2024-04-02", "currency": "EUR", "original_invoice_no": "R/1"}
    insert(connection, "raw_erp.credit_note", credit_no="G/1", **head, **stamps)
    line = {"line_no": 1, "sku": "B-7", "quantity": 1, "line_amount": 100.10}
    insert(connection, "raw_erp.credit_note_line", credit_no="G/1", **line, **stamps)
    insert(connection, "raw_erp.customer", customer_no="K-7", name="Seven", **stamps)


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the build."""
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_document_counts_once(build: Path) -> None:
    counted = query(build, "select invoice_id, sum(net_amount_document) from marts.fct_sales group by 1 order by 1")
    assert counted == [
        ("backfill:77", Decimal(5)),
        ("backfill:G/1", Decimal("-0.90")),
        ("backfill:R/1", Decimal(101)),
        ("backfill:R/2", Decimal(40)),
        ("erp:77", Decimal(8)),
        ("erp:G/1", Decimal("-100.10")),
    ]


def test_what_is_left_out_has_its_reason_and_nothing_is_lost(build: Path) -> None:
    left_out = "select distinct invoice_id, exclusion_reason from intermediate.int_sales_lines_excluded order by 1"
    assert query(build, left_out) == [
        ("backfill:R/3", "after_cut_over"),
        ("erp:88", "before_cut_over"),
        ("erp:R/1", "before_cut_over"),
        ("erp:R/2", "before_cut_over"),
    ]
    assert query(build, "select distinct status from quality.reconciliation where load_id = 'build'") == [("passed",)]


def test_history_joins_the_customers_that_live_on(build: Path) -> None:
    of_seven = "select count(distinct customer_id) from marts.fct_sales where invoice_id in ('backfill:R/1', 'erp:77')"
    assert query(build, of_seven) == [(1,)]
    assert query(build, "select distinct customer_id from marts.fct_sales where invoice_id = 'backfill:77'") == [
        ("UNKNOWN",)
    ]


def test_the_doubled_and_the_doubtful_are_counted_as_warnings(build: Path) -> None:
    selected = [
        "warn_documents_delivered_twice",
        "warn_documents_lost_at_cut_over",
        "warn_sales_of_unknown_members",
    ]
    assert run_dbt(build, "test", "--select", *selected, variables=VARIABLES).returncode == 0
    results = json.loads((build / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert {(r["unique_id"].split(".")[2], r["status"], r["failures"]) for r in results} == {
        ("warn_documents_delivered_twice", "warn", 2),
        ("warn_documents_lost_at_cut_over", "warn", 2),
        # the customer 0815, the product Altteil, and B-7, which the new system sells and does not describe
        ("warn_sales_of_unknown_members", "warn", 3),
    }


def test_a_file_without_what_is_needed_is_refused_by_name(build: Path, tmp_path: Path) -> None:
    # What dbt has parsed already need not be parsed again.
    shutil.copytree(build / "target", tmp_path / "target")
    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        set_clock(connection, "2024-04-30 06:00:00")
        connection.execute("create schema raw_files")
        connection.execute("create table raw_files.backfill_sales_lines (sales_line_id varchar, invoice_id varchar)")
    failed = run_dbt(tmp_path, "run", "--select", "stg_backfill__sales_lines", variables=VARIABLES)
    assert failed.returncode != 0
    assert (
        "The backfill needs the file table backfill_sales_lines with invoice_date, currency, net_amount_document;"
        " it has sales_line_id, invoice_id." in " ".join(failed.stdout.split())
    )
