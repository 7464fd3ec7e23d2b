"""Files people open: right values, no formulas from data, the same bytes for the same release."""

from __future__ import annotations

import csv
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from exports.render import RenderedReport, RenderedTable, write_files
from exports.report import Chart, Column, Report, Table

HOSTILE = ["=cmd|'/C calc'!A0", "+1", "-x", "@SUM(A1)", "\tTab", "plain", "🚀 Łódź", "two\nlines", "x" * 300, None]


def _rendered(frame: pd.DataFrame) -> RenderedReport:
    table = Table(
        name="Customers",
        title="Customers",
        grain="customer",
        query="select 1",
        columns=(
            Column("name", "Name"),
            Column("since", "Since", "date"),
            Column("amount", "Amount", "money", signed=True),
            Column("share", "Share", "ratio"),
        ),
        chart=Chart("column", "Amounts", "name", ("amount",)),
        emphasis=("name", "plain"),
    )
    report = Report("odd_report", "Odd", "?", "weekly", "all", "customer", (), (), (table,), (("M01", "Net revenue."),))
    return RenderedReport(report, "r1", datetime(2024, 2, 29, 6), (RenderedTable(table, frame),))


@pytest.fixture
def frame() -> pd.DataFrame:
    """Ten rows with hostile names, a leap day, missing values and a negative number."""
    size = len(HOSTILE)
    return pd.DataFrame(
        {
            "name": HOSTILE,
            "since": [date(2024, 2, 29)] * (size - 1) + [None],
            "amount": [-12.5, *range(1, size - 1), float("nan")],
            "share": [0.5] * size,
        }
    )


def test_workbook_keeps_text_as_text(frame: pd.DataFrame, tmp_path: Path) -> None:
    write_files(_rendered(frame), tmp_path)
    path = tmp_path / "odd_report.xlsx"
    sheet = openpyxl.load_workbook(path)["Customers"]
    assert [sheet.cell(row, 1).value for row in range(6, 16)] == HOSTILE
    assert {cell.data_type for row in sheet.iter_rows(min_row=6) for cell in row} <= {"s", "n", "d"}
    with zipfile.ZipFile(path) as archive:
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist() if "worksheets/" in name)


def test_workbook_values_and_formats(frame: pd.DataFrame, tmp_path: Path) -> None:
    write_files(_rendered(frame), tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "odd_report.xlsx")["Customers"]
    assert sheet["B6"].value == datetime(2024, 2, 29)
    assert sheet["C6"].value == -12.5
    assert sheet["D6"].number_format.startswith("0.0%")
    assert sheet["C15"].value is None
    assert sheet["A11"].font.bold and not sheet["A12"].font.bold
    assert sheet.freeze_panes == "B6"


def test_csv_is_neutralised_and_complete(frame: pd.DataFrame, tmp_path: Path) -> None:
    write_files(_rendered(frame), tmp_path)
    with (tmp_path / "odd_report__customers.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == len(HOSTILE)
    assert [row["name"][0] for row in rows[:5]] == ["'"] * 5
    assert rows[7]["name"] == "two\nlines"
    assert float(rows[0]["amount"]) == -12.5


def test_same_release_gives_the_same_bytes(frame: pd.DataFrame, tmp_path: Path) -> None:
    first = write_files(_rendered(frame), tmp_path / "a")
    second = write_files(_rendered(frame), tmp_path / "b")
    assert [file.sha256 for file in first] == [file.sha256 for file in second]
    assert [(file.format, file.row_count) for file in first] == [("xlsx", 10), ("csv", 10)]


def test_empty_table_says_so(frame: pd.DataFrame, tmp_path: Path) -> None:
    write_files(_rendered(frame.iloc[:0]), tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "odd_report.xlsx")["Customers"]
    assert sheet["A3"].value == "There is nothing to show for this period."


def test_chart_must_name_shown_columns() -> None:
    with pytest.raises(ValueError, match="charts columns that it does not show: nope"):
        Table("T", "T", "x", "select 1", (Column("a", "A"),), chart=Chart("line", "c", "a", ("nope",)))
