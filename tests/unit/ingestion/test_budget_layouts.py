"""Headers in all their shapes: several rows, guessed, months with years, in other languages, beside other columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from workbook_files import MONTHS, read_grids_here, write_workbook

from ingestion.sources.budget.check import WorkbookCheck, check_file
from ingestion.sources.budget.dates import read_date
from ingestion.sources.budget.months import month_named, month_of
from ingestion.sources.budget.templates import Template
from ingestion.workbook.number_formats import read_format

ROMANIAN = ("ian", "feb", "mar", "apr", "mai", "iun", "iul", "aug", "sep", "oct", "noi", "dec")


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.sources.budget.reader.read_grids", read_grids_here)


def check(folder: Path, rows: list[list[Any]], change: Any = None, **declared: Any) -> WorkbookCheck:
    """Check a one-sheet workbook by a template with these declarations."""
    path = write_workbook(folder, "Plan.xlsx", {"Plan": rows}, change=change)
    base = {"name": "plan", "files": "*", "row_columns": {"territory": "Territory"}, "currency": "EUR"}
    return check_file(path, [Template.model_validate(base | declared)], None)


def amounts(checked: WorkbookCheck, *columns: str) -> list[tuple[Any, ...]]:
    assert not checked.refusals
    return [(row["source_cell"], *(row[c] for c in columns), Decimal(row["amount"])) for row in checked.rows]


def test_year_above_the_month(tmp_path: Path) -> None:
    rows = [["Plan"], [None, 2024, None, 2025], ["Territory", "Nov", "Dec", "Jan"], ["North", 1, 2, 3]]

    def change(sheet: Any) -> None:
        sheet.merge_cells("B2:C2")

    checked = check(
        tmp_path, rows, change, header={"anchor": "Territory", "rows": 2}, periods={"kind": "dated_month_columns"}
    )
    assert amounts(checked, "period_start") == [
        ("B4", date(2024, 11, 1), Decimal(1)),
        ("C4", date(2024, 12, 1), Decimal(2)),
        ("D4", date(2025, 1, 1), Decimal(3)),
    ]


def test_months_with_years_in_one_cell_and_a_guessed_header(tmp_path: Path) -> None:
    rows = [
        ["Budget for everybody", "Market", "Note"],
        ["Territory", datetime(2024, 2, 1), "Mär 2024", "04/2024", "2024-05", "Jun-24", "Total"],
        ["North", 1, 2, 3, 4, 5, 15],
        ["Sum", 1, 2, 3, 4, 5, 15],
    ]
    checked = check(tmp_path, rows, periods={"kind": "dated_month_columns"}, totals={"column_labels": ["Total"]})
    assert [row[1].month for row in amounts(checked, "period_start")] == [2, 3, 4, 5, 6]
    assert (checked.sheets[0].header_row, checked.sheets[0].totals_proven) == (2, 7)


def test_plan_and_actual_below_each_month(tmp_path: Path) -> None:
    months = [text for month in MONTHS for text in (month, None)]
    rows = [[None, *months], ["Territory", *["Plan", "Actual"] * 12], ["North", *[1, 9] * 12]]

    def change(sheet: Any) -> None:
        for column in range(2, 26, 2):
            sheet.merge_cells(start_row=1, end_row=1, start_column=column, end_column=column + 1)

    checked = check(
        tmp_path, rows, change, header={"anchor": "Territory", "rows": 2},
        periods={"kind": "fiscal_month_names", "only": "Plan"},
    )  # fmt: skip
    assert [row[1:] for row in amounts(checked, "fiscal_period")] == [(n, Decimal(1)) for n in range(1, 13)]


def test_months_of_another_language(tmp_path: Path) -> None:
    checked = check(
        tmp_path, [["Territory", *ROMANIAN], ["North", *range(12)]],
        periods={"kind": "fiscal_month_names", "first": "Jan", "names": ROMANIAN},
    )  # fmt: skip
    assert [row[1] for row in amounts(checked, "fiscal_period")] == list(range(1, 13))


def test_no_header_at_all_is_refused_by_sheet(tmp_path: Path) -> None:
    checked = check(tmp_path, [["North", 1, 2, 3]], periods={"kind": "fiscal_month_names"})
    assert checked.loaded == 0
    (reason,) = checked.refusals
    assert "file Plan.xlsx, sheet Plan: no row among the first 30 looks like a header" in reason


def test_total_that_has_nothing_to_add_up_is_told(tmp_path: Path) -> None:
    checked = check(tmp_path, [["Territory", *MONTHS], ["Total", *[1] * 12]], periods={"kind": "fiscal_month_names"})
    assert checked.rows == ()
    assert "row 2: there is no row that it could add up, and it was not loaded" in checked.notes[0]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("February", 2),
        ("Mär", 3),
        ("mrz.", 3),
        ("Sept", 9),
        ("Dezember", 12),
        ("Market", None),
        ("Ma", None),
        ("", None),
    ],
)
def test_names_of_months(text: str, month: int | None) -> None:
    assert month_named(text) == month


def test_month_without_year_is_none() -> None:
    assert month_of(["Feb"]) is None
    assert month_of(["2024", "Plan"]) is None


@pytest.mark.parametrize("value", [True, 12.5, 5, 99_999_999, "31.02.2024", "13/13/2024"])
def test_what_is_no_date_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="expected a date"):
        read_date(value, "dmy")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("General", None),
        ("#,##0.00", None),
        ("yyyy-mm-dd", None),
        ("0.0%", (True, "", 1)),
        ('#,##0 "zł"', (False, "zł", 1)),
        ("[$€-407] #,##0.00;[Red]-#,##0.00", (False, "€", 1)),
        ("[$-407]#,##0.00", None),
        ("[$€ -x-euro2]#,##0.00", (False, "€", 1)),
        ("[$kr.-406] #,##0", (False, "kr.", 1)),
        ("#,##0 [$₺-41F]", (False, "₺", 1)),
        ("#,##0\\ \\₺", (False, "₺", 1)),
        ("#,##0,", (False, "", 1000)),
        ("0.0,,", (False, "", 1_000_000)),
        ('#,##0 "pcs; 5%"', None),
        ('#,##0 "Market"', None),
        ('#,##0 "m²"', None),
        ("mmm yyyy", None),
        ("mm:ss.0", None),
        ("0.00E+00", None),
        ('#,##0;"a;b"0%;"-"', (True, "", 1)),
        ('0;0;0;@"%"', None),
    ],
)
def test_what_number_formats_say(code: str, expected: tuple[bool, str, int] | None) -> None:
    found = read_format(code)
    assert (None if found is None else (found.is_percent, found.currency, found.scale)) == expected
