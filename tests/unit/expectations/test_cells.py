"""Exported files read back cell by cell, and the suite that looks at them."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from expectations import SUITES
from expectations.cells import body_row_count, report_cells
from expectations.runner import run_suite

SUITE = SUITES["exports/report_file"]


def _failed(path: Path) -> dict[str, str]:
    found = run_suite(SUITE, report_cells(path)).expectations
    return {e.check_id.removeprefix("exports/report_file."): e.message for e in found if not e.passed}


def _workbook(path: Path, headers: list[str | None], rows: list[list[object]]) -> Path:
    """A title page and one table with its header in row 3, as reports are laid out."""
    book = Workbook()
    book.worksheets[0].append(["Title", None])
    sheet = book.create_sheet("Käse")
    for row in (["Pipeline"], [None], headers, *rows):
        sheet.append(row)
    sheet.freeze_panes = "B4"
    book.save(path)
    return path


def test_csv_cells_know_headers_rows_and_live_text(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text('\ufeffstage,amount\n\'=1+1,-5.2\n"a\nb",@SUM(A1)\n', encoding="utf-8")
    cells = report_cells(path).set_index(["row_no", "column_no"])
    assert cells["header_text"].dropna().to_dict() == {(1, 1): "stage", (1, 2): "amount"}
    assert cells["body_row"].dropna().to_dict() == {(2, 1): 1.0, (2, 2): 1.0, (3, 1): 2.0, (3, 2): 2.0}
    assert cells["formula_text"].dropna().to_dict() == {(3, 2): "@SUM(A1)"}
    assert set(cells["sheet"]) == {"r"}


def test_a_sound_workbook_passes(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "r.xlsx", ["Stage", "Amount"], [["-new", -5.2], ["+x", None]])
    assert _failed(path) == {}
    assert report_cells(path)["body_row"].max() == 2


def test_a_live_formula_in_a_workbook_is_named(tmp_path: Path) -> None:
    failed = _failed(_workbook(tmp_path / "r.xlsx", ["Stage", "Amount"], [["a", "=1+1"]]))
    assert failed == {
        "formula_text.null": "Table exports/report_file: column formula_text must be empty: 1 of 9 rows fail, "
        "for example sheet Käse, row_no 4, column_no 2 with formula_text = =1+1."
    }


def test_repeated_and_blank_headers_fail(tmp_path: Path) -> None:
    failed = _failed(_workbook(tmp_path / "r.xlsx", ["Stage", "Stage", None, "x"], [[1, 2, 3, 4]]))
    assert set(failed) == {"sheet+header_text.unique", "header_text.length"}


@pytest.mark.parametrize("text", ["", "stage,amount\n"])
def test_a_file_without_rows_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text, encoding="utf-8")
    result = run_suite(SUITE, report_cells(path))
    assert result.passed
    assert [(e.check_id, e.severity) for e in result.expectations if not e.passed] == [
        ("exports/report_file.body_row.max", "warn")
    ]
    assert body_row_count(report_cells(path)) == 0


def test_rows_are_counted_over_all_sheets(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "r.xlsx", ["Stage", "Amount"], [["a", 1], ["a", 1], [None, 2]])
    assert body_row_count(report_cells(path)) == 3


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"r\.pdf is neither CSV nor XLSX"):
        report_cells(tmp_path / "r.pdf")
