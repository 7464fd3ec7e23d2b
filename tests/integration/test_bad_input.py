"""Bad input: one clear sentence that names what and where, the last release still served, and a mended run goes on.

All cases work on one copy, one after another: the last test proves that none of them left anything behind.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from tests.integration.demo_warehouse import DemoWarehouse, hash_file

ROOT = Path(__file__).parents[2]
SMALL_DISK = 6 * 1024 * 1024
"""Bytes that a file may hold on the full disk: less than the warehouse files have already."""

FULL_DISK = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({SMALL_DISK}, {SMALL_DISK}))
from orchestration.cli import main
"""
HISTORY_ROW = "008Nw9999999999IAA"
STRANGE_INVOICE = "INV-CHF-1"
TOUCHED_BY_THE_INVOICE = {
    "marts.fct_sales",
    "marts.fct_fx_rate",
    "marts.fct_budget_vs_actual",
    "marts.rpt_budget_vs_actual_today",
    "marts.dim_customer",
}


@pytest.fixture(scope="module")
def mistreated(warehouse: DemoWarehouse, tmp_path_factory: pytest.TempPathFactory) -> DemoWarehouse:
    """The copy that all of these tests share."""
    return warehouse.copy(tmp_path_factory.mktemp("mistreated"))


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    """The path is missing for the block."""
    elsewhere = path.with_name(f"{path.name}.away")
    path.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(path)


@contextmanager
def unreadable(path: Path) -> Iterator[None]:
    """The file holds something else for the block, with another modification time."""
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(b"this is no workbook")
    try:
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def refused(warehouse: DemoWarehouse, *sources: str, **changed: Any) -> str:
    """Refresh from some sources, which must fail and leave the release alone; give the one sentence that says why."""
    served, content = warehouse.release, hash_file(warehouse.release.database)
    outcome = warehouse.run("refresh", sources=sources, **changed)
    assert not outcome.success
    assert len(outcome.failures) == 1, outcome.failures
    assert warehouse.release.publish_id == served.publish_id
    assert hash_file(served.database) == content
    assert not list(warehouse.environment.releases.glob(".building*"))
    return outcome.failures[0]


def closed_port() -> int:
    """A port on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_a_crm_that_is_down(mistreated: DemoWarehouse) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    sentence = refused(mistreated, "salesforce", salesforce_base_url=address)
    assert address in sentence
    assert "did not answer" in sentence


def test_a_wrong_secret_is_named_but_not_told(mistreated: DemoWarehouse) -> None:
    sentence = refused(mistreated, "salesforce", salesforce_client_secret=SecretStr("opensesame"))
    assert "the client id or its secret is wrong" in sentence
    assert "opensesame" not in sentence


def test_an_erp_that_is_not_there(mistreated: DemoWarehouse) -> None:
    with moved_away(mistreated.environment.demo / "erp.sqlite"):
        sentence = refused(mistreated, "erp")
        assert not (mistreated.environment.demo / "erp.sqlite").exists()
    assert "erp" in sentence.lower()
    assert "erp.sqlite" in sentence


@pytest.mark.parametrize("folder", ["budget", "fx"])
def test_a_missing_folder(mistreated: DemoWarehouse, folder: str) -> None:
    path = mistreated.environment.demo / "drop" / folder
    with moved_away(path):
        assert str(path) in refused(mistreated, folder)


def test_missing_workbooks(mistreated: DemoWarehouse) -> None:
    """A folder in which no workbook fits a template any more stops the run by folder and name."""
    folder = mistreated.environment.demo / "drop" / "budget"
    with ExitStack() as away:
        for workbook in folder.rglob("*.xlsx"):
            away.enter_context(moved_away(workbook))
        sentence = refused(mistreated, "budget")
    assert str(folder) in sentence
    assert "no file named Budget_FY*" in sentence


def test_an_unreadable_workbook(mistreated: DemoWarehouse) -> None:
    """The other workbooks are loaded, what this one said before stays, and the run's summary names it."""
    with unreadable(mistreated.environment.demo / "drop" / "budget" / "Budget_FY2023_v1.xlsx"):
        outcome = mistreated.run("refresh", sources=("budget",))
    assert outcome.success, outcome.failures
    assert any("file Budget_FY2023_v1.xlsx: it is text" in warning for warning in outcome.warnings)


def add_stage_change(warehouse: DemoWarehouse, label: str, minutes_ago: int) -> None:
    """Let the CRM's history say that an open deal was moved to `label`; said again, it corrects what it said before."""
    path = warehouse.environment.demo / "timeline" / "crm" / "OpportunityHistory.parquet"
    (deal,) = warehouse.query("select max(opportunity_id) from marts.fct_opportunity where is_open and amount > 0")[0]
    (now,) = warehouse.query("select as_of_ts from ops.clock")[0]
    table = pq.read_table(path)
    table = table.filter(pc.not_equal(table.column("Id"), HISTORY_ROW))
    of_deal = table.filter(
        pc.and_(
            pc.equal(table.column("OpportunityId"), deal.removeprefix("salesforce:")),
            pc.less_equal(table.column("_visible_from"), pa.scalar(now, pa.timestamp("us"))),
        )
    )
    row = of_deal.sort_by("CreatedDate").to_pylist()[-1]
    moment = now - timedelta(minutes=minutes_ago)
    changed = {"Id": HISTORY_ROW, "StageName": label or row["StageName"], "_visible_from": moment}
    changed |= dict.fromkeys(("CreatedDate", "SystemModstamp"), moment)
    pq.write_table(pa.concat_tables([table, pa.Table.from_pylist([row | changed], schema=table.schema)]), path)


def test_an_unknown_stage(mistreated: DemoWarehouse) -> None:
    """A label that the mapping does not know stops the build by label and pipeline."""
    add_stage_change(mistreated, "Legal Review", minutes_ago=20)
    sentence = refused(mistreated, "salesforce")
    assert 'Unknown stage "Legal Review" of pipeline' in sentence
    assert "stage_mapping.csv" in sentence
    add_stage_change(mistreated, "", minutes_ago=10)


def add_invoice(erp: Path, currency: str) -> None:
    """Book an invoice of one line in another currency, as the newest row of the ERP."""
    with closing(sqlite3.connect(erp)) as connection, connection:
        (number,) = connection.execute(
            "select invoice_no from invoice where is_cancelled = 0 and prices_include_tax = 0 and currency = 'EUR'"
            " order by rowversion desc limit 1"
        ).fetchone()
        for table in ("invoice_line", "invoice"):
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            (version,) = connection.execute(f"select max(rowversion) + 1 from {table}").fetchone()
            replaced = {"invoice_no": f"'{STRANGE_INVOICE}'", "rowversion": str(version), "currency": f"'{currency}'"}
            values = ", ".join(replaced.get(name, name) for name in columns)
            one = " and line_no = (select min(line_no) from invoice_line where invoice_no = ?1)"
            where = "invoice_no = ?1" + (one if table == "invoice_line" else "")
            connection.execute(f"insert into {table} select {values} from {table} where {where}", [number])


def test_a_currency_without_a_rate(mistreated: DemoWarehouse) -> None:
    """Currency, day and line are named."""
    add_invoice(mistreated.environment.demo / "erp.sqlite", "CHF")
    # The CRM is read again as well: its stage was mended after the last run.
    sentence = refused(mistreated, "salesforce", "erp")
    assert "No daily exchange rate for CHF to EUR on 20" in sentence
    assert STRANGE_INVOICE in sentence


def test_a_build_before_anything_was_loaded(mistreated: DemoWarehouse) -> None:
    """Not five errors of dbt about tables that are not there."""
    state, served = mistreated.environment.state_file, mistreated.release.publish_id
    with moved_away(state):
        outcome = mistreated.run("rebuild")
        state.unlink()
    (sentence,) = outcome.failures
    assert "salesforce, erp, budget, fx, calendar of SALESWH_SOURCES never loaded" in sentence
    assert mistreated.release.publish_id == served


def kept(warehouse: DemoWarehouse) -> dict[str, str]:
    """Content hashes of the durable state, without what each run says about itself."""
    tables = hash_file(warehouse.environment.state_file)
    return {name: content for name, content in tables.items() if name != "quality.check_result"}


def test_a_full_disk(mistreated: DemoWarehouse) -> None:
    """No file may grow further: the command says so and ends, and what was there is whole."""
    served, content = mistreated.release, hash_file(mistreated.release.database)
    state = kept(mistreated)
    done = subprocess.run(
        [sys.executable, "-c", f"{FULL_DISK}\nmain(['run', 'rebuild'])"],
        cwd=ROOT, env={**os.environ, "SALESWH_VAR_DIR": str(mistreated.settings.var_dir), "SALESWH_DEMO_PROFILE": "S"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "File too large" in done.stderr or "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert mistreated.release.publish_id == served.publish_id
    assert hash_file(served.database) == content
    assert kept(mistreated) == state
    assert not list(mistreated.environment.releases.glob(".building*"))


def deliver_rates(warehouse: DemoWarehouse) -> None:
    """Deliver the rates of the strange invoice's currency as one more file."""
    rates = ["2022-02-01;CHF;EUR;budget;1.01", "2025-02-01;CHF;EUR;budget;1.05"]
    rates += [f"2025-{month:02}-{day:02};CHF;EUR;daily;1.04" for month in (1, 2, 3) for day in range(1, 29, 3)]
    file = warehouse.environment.demo / "drop" / "fx" / "fx_chf.csv"
    file.write_text("\n".join(["date;from;to;type;rate", *rates]) + "\n", encoding="utf-8")


def test_mended_the_next_run_goes_on_and_only_the_mended_differs(
    warehouse: DemoWarehouse, mistreated: DemoWarehouse
) -> None:
    """The rest has been mended by the tests before; the last fault is mended here, and one run makes all good."""
    deliver_rates(mistreated)
    mistreated.run_well("refresh")
    before, after = warehouse.hashes("marts"), mistreated.hashes("marts")
    assert {name for name in before if before[name] != after[name]} <= TOUCHED_BY_THE_INVOICE
    others = "select count(*), sum(net_amount) from marts.fct_sales where invoice_id <> ?"
    assert mistreated.query(others, f"erp:{STRANGE_INVOICE}") == warehouse.query(others, f"erp:{STRANGE_INVOICE}")
    mended = "select currency, round(sum(net_amount) / sum(net_amount_document), 4) from marts.fct_sales"
    assert mistreated.query(f"{mended} where invoice_id = ? group by 1", f"erp:{STRANGE_INVOICE}") == [("CHF", 1.04)]
