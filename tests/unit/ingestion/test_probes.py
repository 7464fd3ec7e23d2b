"""Testing a source without loading it: what it shows, what is missing, and one sentence where it cannot be read."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_org import SECRET, FakeOrg, connect

from ingestion.check import PROBES, check_source
from ingestion.errors import CredentialsError, SettingsMisfitError
from ingestion.findings import SourceFindings, TableFinding, compare_columns
from ingestion.registry import SOURCES
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.erp.tables import configured_tables
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.salesforce.config import SalesforceConfig
from ingestion.sources.salesforce.tables import TABLES as SALESFORCE

TEMPLATE = """
templates:
  - {name: plan, files: "Plan*.csv", header: {anchor: A}, periods: {kind: date_rows, date_column: A, value_column: V}}
  - {name: gone, files: "*.xls", header: {anchor: A}, periods: {kind: date_rows, date_column: A, value_column: V}}
"""


def by_table(findings: SourceFindings) -> dict[str, TableFinding]:
    return {table.table: table for table in findings.tables}


def test_every_probe_belongs_to_a_source() -> None:
    assert set(PROBES) <= set(SOURCES)


def test_a_source_without_a_probe_says_so() -> None:
    findings = check_source("odoo", None)
    assert findings.is_usable
    assert findings.reached is None
    assert "no probe" in findings.cannot_know[0]


def test_a_missing_column_is_told_and_a_missing_cursor_ends_it() -> None:
    finding = compare_columns(ERP["customer"], ["customer_no", "rowversion", "colour"])
    assert finding.problem == ""
    assert finding.undeclared == ("colour",)
    assert {"name", "credit_limit"} < set(finding.missing)
    assert "column rowversion is missing" in compare_columns(ERP["customer"], ["customer_no"]).problem


def erp_with(path: Path, tables: dict[str, str]) -> ErpConfig:
    with closing(sqlite3.connect(path)) as database, database:
        for name, columns in tables.items():
            database.execute(f"create table {name} ({columns})")
    return ErpConfig(url=f"sqlite:///{path}")


def test_erp_tables_are_looked_at_one_by_one(tmp_path: Path) -> None:
    config = erp_with(
        tmp_path / "erp.sqlite",
        {"customer": "customer_no, rowversion, updated_at, colour", "invoice": "invoice_no, total", "product": "x"},
    )
    with closing(sqlite3.connect(tmp_path / "erp.sqlite")) as database, database:
        database.executemany("insert into customer values (?, ?, ?, 'red')", [("Ö", 9, "2024-02-29"), ("b", 8, None)])
    findings = check_source("erp", config)
    tables = by_table(findings)
    assert (findings.reached, findings.authenticated, findings.is_usable) == (True, True, False)
    assert (tables["customer"].rows, tables["customer"].newest) == (2, "2024-02-29")
    assert tables["customer"].undeclared == ("colour",)
    assert "column rowversion is missing" in tables["invoice"].problem
    assert "column sku, rowversion is missing" in tables["product"].problem
    assert "table credit_note does not exist" in tables["credit_note"].problem


def test_a_query_of_the_settings_is_told_in_the_words_of_the_database(tmp_path: Path) -> None:
    url = erp_with(tmp_path / "erp.sqlite", {"kunde": "kdnr, firma"}).url
    tables = {
        "customer": {"query": "select kdnr as customer_no, fima as name\nfrom kunde"},
        "product": {"query": "select kdnr, firma as sku from kunde", "cursor": "updated_at"},
        "invoice": {"table": "kunnde"},
    }
    found = by_table(check_source("erp", ErpConfig(url=url, tables=tables)))
    assert found["customer"].problem == (
        "ERP database: the query of table customer in the settings failed: no such column: fima; correct it there."
    )
    assert found["product"].problem == (
        "Table product: column updated_at is missing at the source, which has kdnr, sku; restore it or correct the"
        " settings."
    )
    assert "table invoice does not exist" in found["invoice"].problem


LINES = "select renr as invoice_no, pos as line_no, artnr as sku, betrag as line_amount, stand as updated_at from zeile"
MISFITS: list[tuple[str, dict[str, object], str]] = [
    (
        "invoice_line",
        {"query": LINES, "cursor": "updatd_at"},
        "table invoice_line: its cursor names updatd_at, which is no column of this table; do you mean updated_at?",
    ),
    (
        "invoice_line",
        {"query": LINES, "key": ["invoice_no", "Lineno"]},
        "table invoice_line: its key names Lineno, which is no column of this table; do you mean line_no?",
    ),
    (
        "product",
        {"query": LINES, "amounts": ["betrag"]},
        "table product: its amounts names betrag, which is no column of this table; its columns are sku, name, ",
    ),
    ("invoice_lines", {"query": LINES}, "that identify a row; do you mean invoice_line, a table of the contract?"),
    (
        "beleg_x",
        {"query": LINES},
        "table beleg_x lands as it is and names no key, the columns that identify a row; name",
    ),
]


@pytest.mark.parametrize(("table", "described", "told"), MISFITS)
def test_settings_that_fit_no_table_are_one_sentence(
    tmp_path: Path, table: str, described: dict[str, object], told: str
) -> None:
    config = ErpConfig(url=f"sqlite:///{tmp_path}/gone.sqlite", tables={table: described})
    with pytest.raises(SettingsMisfitError, match=rf"SALESWH_ERP_TABLES.*{re.escape(told)}"):
        configured_tables(config)
    findings = check_source("erp", config)
    assert (findings.reached, findings.is_usable) == (None, False)
    assert told in findings.problem


def test_a_column_that_is_not_delivered_is_told_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    url = erp_with(tmp_path / "erp.sqlite", {"zeile": "renr, pos, artnr, betrag, stand"}).url
    tables = {
        "invoice_line": {"query": LINES.replace("as line_amount", "as Line_amuont"), "cursor": "updated_at"},
        "credit_note_line": {"query": "select renr as credit_no, pos as line_no, artnr as sku from zeile"},
        "zeile": {"key": ["renr", "pos"], "cursor": "stannd"},
    }
    found = by_table(check_source("erp", ErpConfig(url=url, tables=tables)))
    assert found["invoice_line"].problem == (
        "ERP settings (SALESWH_ERP_TABLES), table invoice_line: line_amount must be delivered; is Line_amuont misspelt?"
    )
    assert found["credit_note_line"].problem == ""
    assert found["credit_note_line"].note == "line_amount may not be empty, but nothing delivers it"
    assert found["zeile"].problem.endswith("restore it or correct the settings: do you mean stand?")


def test_erp_that_is_gone_or_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = check_source("erp", ErpConfig(url=f"sqlite:///{tmp_path}/gone.sqlite?password=canary"))
    assert (gone.reached, gone.is_usable) == (False, False)
    assert "could not be read" in gone.problem

    def refuse(_config: object) -> SourceFindings:
        raise CredentialsError("ERP database postgresql://reader:canary@erp/db: password canary refused")

    monkeypatch.setitem(PROBES, "erp", refuse)
    refused = check_source("erp", ErpConfig(url="postgresql://reader:canary@erp/db"))
    assert (refused.reached, refused.authenticated) == (True, False)
    assert "canary" not in refused.problem


class Org(FakeOrg):
    """An org that shows all declared fields of all objects but those in `hidden`, and three records of each."""

    def __init__(self, hidden: set[str]) -> None:
        moment = "2024-02-29T23:30:00.000+0000"
        super().__init__([[{"Id": "1", "CreatedDate": moment, "SystemModstamp": moment}]])
        self.hidden = hidden

    def send(self, request, **more):  # type: ignore[no-untyped-def]
        path, names = str(request.url), self.hidden
        if "/describe" in path:
            name = path.partition("/sobjects/")[2].partition("/")[0]
            fields = [c.name for c in SALESFORCE[name].columns if f"{name}.{c.name}" not in names]
            answer = (
                [] if name in names else [{"name": field, "type": "string"} for field in [*fields, "Odd__c", "Odd"]]
            )
            self.faults = [(200, {"fields": answer})] if answer else [(404, [])]
        elif "COUNT" in path:
            self.faults = [(200, {"totalSize": 0 if "FieldHistory" in path else 3, "records": []})]
        return super().send(request, **more)


def probe_org(monkeypatch: pytest.MonkeyPatch, *hidden: str, secret: str = SECRET) -> SourceFindings:
    org = Org(set(hidden))
    monkeypatch.setattr(
        "ingestion.sources.salesforce.probe.SalesforceClient", lambda _: connect(org, client_secret=secret)
    )
    return check_source(
        "salesforce", SalesforceConfig(base_url="https://org.example", client_id="a", client_secret="s")
    )


def test_an_org_tells_what_it_hides_and_what_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = probe_org(monkeypatch, "Lead.Email", "Campaign_Cost__c")
    tables = by_table(findings)
    assert findings.is_usable
    assert tables["Lead"].missing == ("Email",)
    assert (tables["Lead"].rows, tables["Lead"].newest) == (3, "2024-02-29T23:30:00.000+0000")
    assert tables["Lead"].undeclared == ("Odd__c",)
    assert "no such object" in tables["Campaign_Cost__c"].note
    assert any("OpportunityFieldHistory: earlier close dates" in fact for fact in findings.cannot_know)
    assert not any(fact.startswith("ForecastingQuota") for fact in findings.cannot_know)


def test_an_org_without_the_stamp_is_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = probe_org(monkeypatch, "Account.SystemModstamp")
    assert not findings.is_usable
    assert "column SystemModstamp is missing" in by_table(findings)["Account"].problem


def test_an_org_that_refuses_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = probe_org(monkeypatch, secret="wrong-canary")
    assert (findings.reached, findings.authenticated) == (True, False)
    assert "its secret is wrong" in findings.problem


def test_rate_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "date;from;to;type;rate\n2024-02-29;PLN;EUR;daily;0.23\n2024-03-01;PLN;EUR;daily;0\n"
    )
    os.utime(tmp_path / "a.csv", (86_400, 86_400))
    (rate,) = check_source("fx", FxConfig(folder=tmp_path)).tables
    assert (rate.rows, rate.newest) == (2, "1970-01-02 00:00:00")
    assert rate.note == "1 files, rates from 2024-02-29 to 2024-03-01; 1 rates would be rejected"
    missing = check_source("fx", FxConfig(folder=tmp_path / "gone"))
    assert not missing.is_usable
    assert "does not exist" in missing.problem


def test_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("k,v\n1,ä\n2,\n", encoding="utf-8")
    pq.write_table(pa.table({"k": [1, 2, 3]}), tmp_path / "t.parquet")
    files = {"csv": "t.csv", "gone": "gone.csv", "wide": "t.csv"}
    tables = [FileTable(name=name, address=str(tmp_path / file), key=("k",)) for name, file in files.items()]
    tables[2] = tables[2].model_copy(update={"key": ("other",)})
    parquet = FileTable(name="parquet", address=str(tmp_path / "t.parquet"), key=("k",), format="parquet")
    findings = check_source("files", FilesConfig(tables=(*tables, parquet)))
    found = by_table(findings)
    assert (found["csv"].rows, found["csv"].columns, found["parquet"].rows) == (2, 2, 3)
    assert found["csv"].newest
    assert "gone.csv" in found["gone"].problem
    assert "column other is named" in found["wide"].problem
    assert not findings.is_usable


def test_a_large_file_is_estimated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.csv").write_text("k\n" + "".join(f"{number:09}\n" for number in range(1000)))
    monkeypatch.setattr("ingestion.sources.files.probe.BLOCK_BYTES", 1000)
    monkeypatch.setattr("ingestion.text_files.BLOCK_BYTES", 1000)
    (table,) = check_source(
        "files", FilesConfig(tables=(FileTable(name="t", address=str(tmp_path / "t.csv"), key=("k",)),))
    ).tables
    assert table.is_estimate
    assert table.rows == pytest.approx(1000, rel=0.05)


def test_budget_files_without_a_template_are_named(tmp_path: Path) -> None:
    (tmp_path / "templates.yml").write_text(TEMPLATE)
    for name in ("Plan 1.csv", "notes.xlsx", "~$Plan 2.csv"):
        (tmp_path / name).write_text("Date,V\n")
    (tmp_path / "Plan 1.rows.csv").write_text("what a check wrote", encoding="utf-8")
    findings = check_source("budget", BudgetConfig(folder=tmp_path, templates_file=tmp_path / "templates.yml"))
    found = by_table(findings)
    assert found["line (template plan)"].note == "1 files, the newest Plan 1.csv"
    assert "no file named *.xls" in found["line (template gone)"].problem
    assert [fact for fact in findings.cannot_know if "no template reads it" in fact] == [
        "what notes.xlsx says: no template reads it."
    ]


def test_calendar_of_a_part_of_a_country() -> None:
    bavaria, saxony = (
        check_source("calendar", CalendarConfig(country=code, first_year=2024, last_year=2024)).tables[0].rows
        for code in ("DE-BY", "DE-SN")
    )
    assert (bavaria, saxony) == (12, 11)
    unknown = check_source("calendar", CalendarConfig(country="DE-XX", first_year=2024, last_year=2024))
    assert "no holidays are known for DE-XX" in unknown.problem
