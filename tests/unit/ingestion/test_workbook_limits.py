"""What a file may cost the process that asked for it: cells, bytes and numbers are counted over the whole file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from workbook_files import plan_rows, read_grids_here, write_workbook
from workbook_formats import change_part

from ingestion.drop_folder import MAX_BYTES, read_dropped
from ingestion.errors import IngestionError
from ingestion.sources.budget import reader
from ingestion.sources.budget.templates import Template
from ingestion.workbook import sandbox
from ingestion.workbook.limits import WorkbookRefusedError

PART = "xl/worksheets/sheet1.xml"


def refusal(content: bytes, name: str = "Plan.xlsx", **how: Any) -> str:
    with pytest.raises(WorkbookRefusedError) as refused:
        sandbox.read_grids(content, name, **how)
    return str(refused.value)


def sheets_on_one_part(path: Path, count: int, row: int) -> bytes:
    """A file of a few kilobytes: its sheets share one part, whose last cell lies far below the first."""
    sheets: dict[str, list[list[Any]]] = {f"S{number}": [["x"]] for number in range(count)}
    write_workbook(path.parent, path.name, sheets)
    cell = f'<row r="{row}"><c r="D{row}"><v>1</v></c></row></sheetData>'.encode()
    for number in range(1, count + 1):
        part = f"xl/worksheets/sheet{number}.xml"
        change_part(path, part, lambda xml: xml.replace(b"</sheetData>", cell))
    return path.read_bytes()


def test_cells_are_counted_over_all_sheets(tmp_path: Path) -> None:
    content = sheets_on_one_part(tmp_path / "Plan.xlsx", 4, 200_000)
    said = refusal(content)
    assert said.startswith("sheet S0, cell D200000: the used area ends there")
    assert "have 3200000 cells in all, more than 2500000 cells" in said


def test_sheets_that_are_not_read_do_not_count(tmp_path: Path) -> None:
    content = sheets_on_one_part(tmp_path / "Plan.xlsx", 4, 200_000)
    (grid,) = sandbox.read_grids(content, "Plan.xlsx", include=["s2"])
    assert (grid.sheet, len(grid.rows), grid.value(200_000, 4)) == ("S2", 200_000, 1)
    assert grid.rows[1] == ()
    assert len(sandbox.read_grids(content, "Plan.xlsx", exclude=["S[01]"])) == 2


def test_file_of_which_no_sheet_is_read_names_them(tmp_path: Path) -> None:
    content = write_workbook(tmp_path, "Plan.xlsx", {"Plan": [["x"]], "Notes": [["y"]]}).read_bytes()
    assert "the template reads none of its sheets (Plan, Notes)" in refusal(content, include=["Budget*"])
    assert "the template reads none of its sheets (Plan)" in refusal(b"a;b\n", "Plan.csv", exclude=["plan"])


def test_one_long_text_in_many_cells_is_refused(tmp_path: Path) -> None:
    """Such a text lies once in the file, and would be in memory once for each cell."""
    path = tmp_path / "Plan.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Plan")
        for row in range(3_000):
            sheet.write_string(row, 0, "x" * 32_767)
    content = path.read_bytes()
    assert len(content) < 100_000
    assert "its cells come to more than the 64 MB allowed" in refusal(content)


def test_blocks_and_hidden_columns_are_counted_over_all_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("A1:D3")

    monkeypatch.setattr("ingestion.workbook.details.MAX_LOOKS", 20)
    sheets = {name: [["x"] * 4 for _ in range(3)] for name in ("One", "Two")}
    content = write_workbook(tmp_path, "Plan.xlsx", sheets, change=change).read_bytes()
    with pytest.raises(WorkbookRefusedError, match="sheet Two: the file comes to 24 merged cells, more than 20"):
        read_grids_here(content, "Plan.xlsx")
    assert len(read_grids_here(content, "Plan.xlsx", include=("One",))) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("print('[[1', end='')", "reading it failed (its answer is garbled"),
        ("print('{\"sheet\": 1}')", "reading it failed (its answer is garbled"),
        ("print('[[1')\nraise KeyError('odd')", "reading it failed (KeyError: 'odd')"),
        ("while True: print('[[]]')", "its cells come to more than the 1 MB allowed"),
        ("while True: print('x', end='')", "its cells come to more than the 1 MB allowed"),
    ],
)
def test_parent_takes_no_answer_on_trust(monkeypatch: pytest.MonkeyPatch, answer: str, sentence: str) -> None:
    monkeypatch.setattr(sandbox, "_START", f"import sys; sys.path.insert(0, sys.argv.pop(1))\n{answer}")
    monkeypatch.setattr(sandbox, "MAX_ANSWER_BYTES", 1 << 20)
    assert sentence in refusal(b"PK")


def test_file_of_too_many_numbers_is_refused_before_they_become_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_NUMBERS", 22)
    content = write_workbook(tmp_path, "Plan.xlsx", {"Plan": plan_rows()}).read_bytes()
    grids = read_grids_here(content, "Plan.xlsx")
    template = Template.model_validate(
        {
            "name": "plan",
            "files": "*",
            "version": {"label": "Plan"},
            "header": {"anchor": "Territory"},
            "row_columns": {"territory": "Territory", "product_category": "Category"},
            "periods": {"kind": "fiscal_month_names", "first": "Feb"},
            "totals": {"column_labels": ["Q1", "FY"]},
        }
    )
    with pytest.raises(
        WorkbookRefusedError, match="its tables hold 35 cells to load, more than 22; send it in several"
    ):
        reader._refuse_many_numbers(grids, template)


def test_very_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "Plan.xlsx"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    with pytest.raises(IngestionError, match=r"Budget: Plan\.xlsx has 500 MB, more than the 500 MB allowed; send"):
        read_dropped(path, tmp_path, "Budget")
