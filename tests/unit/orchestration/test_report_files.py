"""The check of exported files: what a report had to write is what its files hold, an empty table included."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from exports.render import ExportedFile, RenderedReport, RenderedTable, write_files
from exports.report import Column, Report, Table
from orchestration.checks import report_failures


def _written(folder: Path, *names: str) -> dict[str, ExportedFile]:
    """A report of two tables, by stage and by rep; the second has no row."""
    tables = tuple(
        Table(name=name, title=name, grain=name, query="", columns=(Column(name, name), Column("amount", "Amount")))
        for name in ("stage", "rep")
    )
    report = Report("odd", "Odd", "?", "weekly", "all", "stage", (), (), tables)
    frames = [pd.DataFrame({"stage": names, "amount": 1.5}), pd.DataFrame({"rep": [], "amount": []})]
    filled = tuple(RenderedTable(table, frame) for table, frame in zip(tables, frames, strict=True))
    rendered = RenderedReport(report, "20240229T223000-1", datetime(2024, 2, 29, 22, 30), filled)
    return {file.path.name: file for file in write_files(rendered, folder)}


@pytest.mark.parametrize("names", [("Über & Co", "=1+1", ""), ()])
def test_files_that_hold_what_their_queries_gave_are_right(tmp_path: Path, names: tuple[str, ...]) -> None:
    files = _written(tmp_path, *names)
    assert {name: file.row_count for name, file in files.items()} == {
        "odd.xlsx": len(names),
        "odd__stage.csv": len(names),
        "odd__rep.csv": 0,
    }
    assert [report_failures(file.path, file.row_count) for file in files.values()] == [[], [], []]


def test_a_lost_row_is_told(tmp_path: Path) -> None:
    files = _written(tmp_path, "a", "b", "c")
    book = load_workbook(files["odd.xlsx"].path)
    book["stage"].delete_rows(book["stage"].max_row)
    book.save(files["odd.xlsx"].path)
    assert report_failures(files["odd.xlsx"].path, 3) == [
        "odd.xlsx: Expected 3 rows, as the report's queries gave, but the file holds 2."
    ]


def test_a_file_that_no_report_of_this_release_wrote_is_told(tmp_path: Path) -> None:
    files = _written(tmp_path, "a")
    assert report_failures(files["odd__stage.csv"].path, None) == [
        "odd__stage.csv: Expected no such file, for the report has not written it."
    ]
