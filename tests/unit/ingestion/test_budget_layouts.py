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


FRENCH = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
TWO_ROWS: dict[str, Any] = {
    "header": {"rows": 2},
    "row_columns": {"territory": "Secteur", "product_category": "Famille"},
    "periods": {"kind": "fiscal_month_names", "first": "Jan", "names": FRENCH, "only": "Plan"},
}


def plan_and_last_year(total: Any, lower: str | None = "Plan") -> list[list[Any]]:
    """Two rows of names, each month's plan (2.5, 5) beside last year's number, and a total of the plan at the end."""
    upper = [text for month in FRENCH for text in (month, None)]
    body = [
        [*names, *[value, 9] * 12, 12 * value, 108] for names, value in ((("Nord", "Vin"), 2.5), (("Sud", "Vin"), 5))
    ]
    body[1][-2] = total
    return [
        ["Budget"],
        [None, None, *upper, "Total"],
        ["Secteur", "Famille", *["Plan", "Réel N-1"] * 12, lower, "Réel N-1"],
        *body,
    ]


def merge_upper(sheet: Any) -> None:
    for column in range(3, 29, 2):
        sheet.merge_cells(start_row=2, end_row=2, start_column=column, end_column=column + 1)


@pytest.mark.parametrize(("label", "lower"), [("Total", "Plan"), ("Total Plan", "Plan"), ("Total", None)])
def test_total_named_in_an_upper_header_row_is_proven(tmp_path: Path, label: str, lower: str | None) -> None:
    declared = TWO_ROWS | {"totals": {"column_labels": [label]}}
    merge = merge_upper if lower else None
    right = check(tmp_path, plan_and_last_year(60, lower), merge, **declared)
    assert (right.loaded, right.sheets[0].totals_proven, right.refusals) == (24, 2, {})
    wrong = check(tmp_path, plan_and_last_year(9999, lower), merge, **declared)
    assert wrong.loaded == 0
    assert "cell AA5: the total says 9999, the body adds up to 60" in next(iter(wrong.refusals))


def test_label_that_no_column_of_totals_bears_is_told(tmp_path: Path) -> None:
    declared = TWO_ROWS | {"totals": {"column_labels": ["Nimportequoi"]}}
    checked = check(tmp_path, plan_and_last_year(9999), merge_upper, **declared)
    assert checked.loaded == 24
    (note,) = checked.notes
    assert note == (
        "Budget file Plan.xlsx, sheet Plan: no column is headed “Nimportequoi”, as totals: column_labels says; the"
        " numbers of column AA–AB were neither loaded nor proven"
    )


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"territory": "Secteur", "product_category": "Famile"},
            "no column “Famile” in header row 3 (it has Secteur, Famille, Plan, Réel N-1; did you mean “Famille”?);"
            " correct the sheet or the template, or name product_category under optional_columns if sheets may lack it",
        ),
        ({"territory": "Secteur", "sales_rep": "Qui"}, "no column “Qui” in header row 3 (it has Secteur, Famille, "),
    ],
)
def test_declared_column_that_is_not_there_refuses_the_sheet(
    tmp_path: Path, columns: dict[str, str], sentence: str
) -> None:
    checked = check(tmp_path, plan_and_last_year(60), merge_upper, **(TWO_ROWS | {"row_columns": columns}))
    assert checked.loaded == 0
    (reason,) = checked.refusals
    assert f"file Plan.xlsx, sheet Plan: {sentence}" in reason


def test_column_that_sheets_may_lack_is_told_where_it_is_only_misspelt(tmp_path: Path) -> None:
    rows = [["Territory", "Reps", *MONTHS], ["North", "Ana", *[1] * 12]]
    declared: dict[str, Any] = {
        "row_columns": {"territory": "Territory", "product_category": "Category", "sales_rep": "Rep"},
        "optional_columns": ["product_category", "sales_rep"],
        "periods": {"kind": "fiscal_month_names"},
    }
    checked = check(tmp_path, rows, **declared)
    assert checked.loaded == 12
    assert [note.partition(": ")[2] for note in checked.notes] == [
        "no column “Rep” in header row 1, so sales_rep is empty; did you mean “Reps”?"
    ]


def test_no_header_at_all_is_refused_by_sheet(tmp_path: Path) -> None:
    checked = check(tmp_path, [["North", 1, 2, 3]], periods={"kind": "fiscal_month_names"})
    assert checked.loaded == 0
    (reason,) = checked.refusals
    assert "file Plan.xlsx, sheet Plan: no row among the first 30 looks like a header" in reason


def test_total_that_has_nothing_to_add_up_is_told(tmp_path: Path) -> None:
    checked = check(tmp_path, [["Territory", *MONTHS], ["Total", *[1] * 12]], periods={"kind": "fiscal_month_names"})
    assert checked.rows == ()
    assert "row 2: there is no row that it could add up, and it was not loaded" in checked.notes[0]


def three_lines(last: str, factor: float = 3.5) -> list[list[Any]]:
    """Two rows of names, 1 and 2.5 times the month's number, and one more."""
    amounts = {"Nord": 1, "Sud": 2.5, last: factor}
    return [["Territory", *MONTHS], *([name, *(f * n for n in range(1, 13))] for name, f in amounts.items())]


MONTHLY: dict[str, Any] = {"periods": {"kind": "fiscal_month_names"}}


@pytest.mark.parametrize("label", ["Total général", "TOTAL", "Sous-total", "Somme:", "Razem", "Nord gesamt"])
def test_usual_words_for_totals_count_beside_the_declared(tmp_path: Path, label: str) -> None:
    declared = MONTHLY | {"totals": {"row_labels": ["Zusammen"]}}
    checked = check(tmp_path, three_lines(label), **declared)
    assert (checked.loaded, checked.sheets[0].totals_proven, checked.notes) == (24, 12, ())
    checked = check(tmp_path, three_lines(label, 3.25), **declared)
    assert checked.loaded == 0
    assert f"the body adds up to 3.5 (if “{label}” is no total, name it under totals: not_totals)" in next(
        iter(checked.refusals)
    )


@pytest.mark.parametrize("label", ["Total Energies", "Sumava", "Totally", "@SUM(A1)"])
def test_names_like_totals_are_read(tmp_path: Path, label: str) -> None:
    declared = MONTHLY | {"totals": {"not_totals": ["Total  energies"]}}
    checked = check(tmp_path, three_lines(label, 3.25), **declared)
    assert (checked.loaded, checked.notes) == (36, ())


def test_row_that_is_the_sum_of_the_others_is_told(tmp_path: Path) -> None:
    checked = check(tmp_path, three_lines("Ensemble"), **MONTHLY)
    assert checked.loaded == 36
    assert [note.partition("Plan: ")[2] for note in checked.notes] == [
        "row 4 (“Ensemble”) is in every month the sum of rows 2–3 and was read like them; if it is a total, name it"
        " under totals: row_labels"
    ]
    named = check(tmp_path, three_lines("Ensemble"), **(MONTHLY | {"totals": {"row_labels": ["Ensemble"]}}))
    assert (named.loaded, named.notes) == (24, ())


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
