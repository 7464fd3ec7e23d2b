"""Sheets that once lost, moved or doubled numbers without a word: each number is right, or refused, or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbook_files import read_grids_here, write_workbook

from ingestion.sources.budget.check import WorkbookCheck, check_file
from ingestion.sources.budget.templates import Template

DATED: dict[str, Any] = {"periods": {"kind": "dated_month_columns"}}
TWO_ROWS: dict[str, Any] = DATED | {"header": {"anchor": "Territory", "rows": 2}}
NORTH = ["North", 1, 2, 3, 4, 5]
Change = Callable[[Worksheet], None]


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.sources.budget.reader.read_grids", read_grids_here)


def template(declared: dict[str, Any]) -> Template:
    base = {
        "name": "plan",
        "files": "*",
        "version": {"pattern": r"FY(?P<fiscal_year>\d{4})"},
        "header": {"anchor": "Territory"},
        "row_columns": {"territory": "Territory"},
        "periods": {"kind": "fiscal_month_names"},
        "currency": "EUR",
    }
    return Template.model_validate(base | declared)


def check(folder: Path, rows: list[list[Any]], change: Change | None = None, **declared: Any) -> WorkbookCheck:
    """Check a one-sheet workbook by a template with these declarations."""
    path = write_workbook(folder, "Plan_FY2024.xlsx", {"Plan": rows}, change=change)
    return check_file(path, [template(declared)], None)


def merged(block: str) -> Change:
    return lambda sheet: sheet.merge_cells(block)


def refusal(checked: WorkbookCheck) -> str:
    """The one sentence with which nothing was loaded."""
    assert checked.loaded == 0
    (reason,) = checked.refusals
    return reason


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (["ene 2024", "feb 2024", "mar 2024", "abr 2024", "may 2024"], "cell F1: May 2024 follows Mar 2024 in D1"),
        (["Jan 2024", "Fbe 2024", "Mar 2024", "Apr 2024", "May 2024"], "cell D1: Mar 2024 follows Jan 2024 in B1"),
        (["Jan-24", "24-Feb", "Mar-24", "Apr-24", "May-24"], "cell D1: Mar 2024 follows Jan 2024 in B1"),
        (["Mar 2024", "Apr 2024", "May 2024", "Jun 2024", "Feb 2024"], "cell F1: Feb 2024 follows Jun 2024 in E1"),
        (
            ["ene 2024", "Feb 2024", "Mar 2024", "Apr 2024", "May 2024"],
            "cell B1: “ene 2024” stands where a month would",
        ),
        (
            ["Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024", "Mia 2024"],
            "cell F1: “Mia 2024” stands where a month would",
        ),
        (["Jan 2024", "Bonus", "Feb 2024", "Mar 2024", "Apr 2024"], "cell C1: the column “Bonus” between the months"),
        (["Jan 2024/25", "Feb 2024", "Mar 2024", "Apr 2024", "May 2024"], ""),
        (["Jan 2024", "Feb 2024", "Mar 2024", "Apr", "May 2024"], "cell E1: the header “Apr” does not say the month's"),
    ],
)
def test_header_that_is_no_month_loses_none(tmp_path: Path, header: list[str], sentence: str) -> None:
    checked = check(tmp_path, [["Territory", *header], NORTH], **DATED)
    assert sentence in (refusal(checked) if sentence else checked.notes[0])


@pytest.mark.parametrize(
    ("above", "block", "months", "sentence"),
    [
        ([None, 2024, None, None], None, ["Oct", "Nov", "Dec"], "cell C2: the header “Nov” does not say the month's"),
        (
            [None, "FY 2024/2025"],
            "B1:D1",
            ["Nov", "Dec", "Jan"],
            "cell B2: the header “FY 2024/2025 / Nov” does not say",
        ),
        ([None, "2024/25"], "B1:D1", ["Nov", "Dec", "Jan"], "cell B2: the header “2024/25 / Nov” does not say"),
        ([None, "FY 2024"], "B1:D1", ["Nov", "Dec", "Jan"], "cell B2: the header “FY 2024 / Nov” does not say"),
        ([None, "2024–2025"], "B1:D1", ["Nov", "Dec", "Jan"], "cell B2: the header “2024–2025 / Nov” does not say"),
        ([None, "2011/12"], "B1:D1", ["Oct", "Nov", "Dec"], "cell B2: the header “2011/12 / Oct” names two months"),
        ([None, 2024], "B1:D1", ["Nov", "Dec", "Jan"], "cell D2: Jan 2024 follows Dec 2024 in C2"),
    ],
)
def test_year_that_is_not_clear_is_refused(
    tmp_path: Path, above: list[Any], block: str | None, months: list[str], sentence: str
) -> None:
    rows = [above, ["Territory", *months], NORTH[:4]]
    assert sentence in refusal(check(tmp_path, rows, merged(block) if block else None, **TWO_ROWS))


@pytest.mark.parametrize("words", ["Total Jan-Dec 2023", "Actual Dec 2023", "Jan-Dec 2023"])
def test_column_of_several_words_is_no_month(tmp_path: Path, words: str) -> None:
    checked = check(tmp_path, [["Territory", words, "Jan 2024", "Feb 2024"], ["North", 999, 1, 2]], **DATED)
    assert [row["source_cell"] for row in checked.rows] == ["C2", "D2"]
    assert checked.notes[0].endswith(f"column B (“{words}”) holds numbers, is not declared and was not loaded")


def test_the_template_may_say_which_word_stands_beside_the_month(tmp_path: Path) -> None:
    header = ["Territory", "Actual Jan 2024", "Plan Jan 2024", "Actual Feb 2024", "Plan Feb 2024"]
    periods = {"kind": "dated_month_columns", "only": "Plan"}
    checked = check(tmp_path, [header, NORTH[:5]], periods=periods)
    assert [row["source_cell"] for row in checked.rows] == ["C2", "E2"]
    assert (checked.refusals, checked.notes) == ({}, ())


MONTHS = ";".join(["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan"])
ONES = ";".join(["1"] * 12)
FIRST_FEBRUARY: dict[str, Any] = {"periods": {"kind": "fiscal_month_names", "first": "Feb"}}


def check_text(folder: Path, lines: list[str], **declared: Any) -> WorkbookCheck:
    path = folder / "FY2024.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return check_file(path, [template(FIRST_FEBRUARY | declared)], None)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([f"North;{ONES}", f'"South;{ONES}', f"West;{ONES}"], 'a quote (") of line 3 is not closed as it should be'),
        ([f"North;{ONES}", f'"South;{ONES}', f"West;{ONES}", f'East";{ONES}'], 'a quote (") of line 3 takes in whole'),
    ],
)
def test_quote_that_stands_alone_takes_no_lines_with_it(tmp_path: Path, lines: list[str], sentence: str) -> None:
    checked = check_text(tmp_path, [f"Territory;{MONTHS}", *lines])
    assert checked.loaded == 0
    assert sentence in next(iter(checked.refusals))


def test_quoted_line_breaks_and_delimiters_are_part_of_a_name(tmp_path: Path) -> None:
    checked = check_text(tmp_path, [f"Territory;{MONTHS}", f'"North;\nand East";{ONES}', f'5" pipes;{ONES}'])
    assert (checked.loaded, checked.refusals) == (24, {})


def test_line_with_more_cells_than_its_header_is_refused(tmp_path: Path) -> None:
    moved = ONES.replace(";", ",").replace("1,1", "1,5,1", 1)
    lines = [f"Territory,{MONTHS.replace(';', ',')}", f"North,{moved}", f"South,{ONES.replace(';', ',')},"]
    checked = check_text(tmp_path, lines)
    assert checked.loaded == 12
    assert "line 2 has more cells than the header in line 1, which ends in M1" in next(iter(checked.refusals))


def test_first_of_two_headers_that_are_guessed_is_the_tables(tmp_path: Path) -> None:
    header = ["Territory", "Feb 2024", "Mar 2024"]
    rows = [header, ["North", 1, 2], header, ["South", 3, 4]]
    checked = check(tmp_path, rows, **DATED, header={})
    assert [row["territory"] for row in checked.rows if not row["reason"]][:2] == ["North", "North"]


def test_name_merged_into_the_first_month_leaves_the_others(tmp_path: Path) -> None:
    rows = [["Territory", "Feb 2024", "Mar 2024", "Apr 2024"], ["North – from March", None, 2, 3]]
    checked = check(tmp_path, rows, lambda sheet: sheet.merge_cells("A2:B2"), **DATED)
    assert checked.loaded == 2
    assert "cell B2" in next(iter(checked.refusals))


def test_second_header_with_other_months_refuses_the_sheet(tmp_path: Path) -> None:
    rows = [
        ["Territory", "Feb 2024", "Mar 2024"],
        ["North", 1, 2],
        ["Territory", "Feb 2025", "Mar 2025"],
        ["North", 3, 4],
    ]
    checked = check(tmp_path, rows, **DATED)
    assert checked.loaded == 0
    told = (
        "cell B3: a second header in row 3 heads the column “Feb 2024” “Feb 2025”; give each table a sheet of its own"
    )
    assert any(told in reason for reason in checked.refusals), checked.refusals
