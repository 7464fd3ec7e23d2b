"""Budget files: layouts, numbers, names, totals, versions, and the two files that real people kept."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from small_source import CLOCK, Warehouse
from workbook_files import TEMPLATES, budget_config, plan_rows, read_grids_here, write_workbook

from ingestion.errors import IngestionError
from ingestion.pipeline import LoadResult
from ingestion.registry import SOURCES
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.members import UnknownMemberError, read_members
from ingestion.sources.budget.numbers import NotANumberError, read_number
from ingestion.sources.budget.templates import Numbers

BUDGET = SOURCES["budget"]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read files in this process; `test_workbook_faults.py` reads them in one of their own."""
    monkeypatch.setattr("ingestion.sources.budget.reader.read_grids", read_grids_here)


def load_lines(warehouse: Warehouse, config: BudgetConfig, clock: datetime = CLOCK) -> LoadResult:
    """Load the budget lines alone; the other kinds have tests of their own."""
    return warehouse.load(BUDGET, config, clock, only={"line"})


def load_sheet(
    warehouse: Warehouse, folder: Path, rows: list[list[Any]], *, change: Any = None, name: str = "Plan_FY2024_v2.xlsx"
) -> LoadResult:
    write_workbook(folder, name, {"Süd": rows, "Notes": [["free text"]]}, change=change)
    return load_lines(warehouse, budget_config(folder))


def reasons(result: LoadResult) -> list[str]:
    return sorted(sentence.partition(": ")[2] for sentence in result.rejections)


def test_wide_sheet_becomes_rows_with_cells(warehouse: Warehouse, tmp_path: Path) -> None:
    result = load_sheet(warehouse, tmp_path / "b", plan_rows(unit="EUR thousand"))
    assert (result.appended, result.rejected) == (23, 0)
    rows = warehouse.query(
        "select source_cell, territory, product_category, fiscal_period, amount, currency, budget_version, fiscal_year,"
        " cast(approved_at as varchar) from raw_budget.line where source_cell in ('D6', 'E6', 'O6', 'C7') order by 1"
    )
    shared = ("EUR", "FY2024 v2", 2024, "2024-01-20 00:00:00")
    assert rows == [
        ("C7", "North", "Valves", 1, Decimal("2500.0000"), *shared),
        ("D6", "North", "Pumps", 2, Decimal("1234500.0000"), *shared),
        ("E6", "North", "Pumps", 3, Decimal("0.0000"), *shared),
        ("O6", "North", "Pumps", 12, Decimal("1000.0000"), *shared),
    ]
    assert warehouse.query("select count(*) from raw_budget.line where source_cell = 'G6'") == [(0,)], (
        "blank is missing"
    )


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        ((6, 6), "cell F6: the total says 1, the body adds up to 1244.5"),
        ((8, 6), "cell F8: the total says 1, the body adds up to 1252"),
        ((8, 16), "cell P8: the total says 1, the body adds up to 1282.5"),
    ],
)
def test_wrong_total_refuses_the_sheet(
    warehouse: Warehouse, tmp_path: Path, position: tuple[int, int], sentence: str
) -> None:
    rows = plan_rows()
    rows[position[0] - 1][position[1] - 1] = 1
    result = load_sheet(warehouse, tmp_path / "b", rows)
    assert (result.appended, result.rejected) == (0, 23)
    assert len(result.rejections) == 1
    assert f"file Plan_FY2024_v2.xlsx, sheet Süd, {sentence}" in reasons(result)[0]


def test_unknown_name_is_rejected_with_the_nearest(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = plan_rows(values={"Nrth|Pumps": [1] * 12, "North|Pumps": [2] * 12})
    result = load_sheet(warehouse, tmp_path / "b", rows)
    assert (result.appended, result.rejected) == (12, 12)
    assert reasons(result) == [
        "file Plan_FY2024_v2.xlsx, sheet Süd, cells C6:O6: territory “Nrth” is neither a member nor an alias; did you"
        " mean “North”?"
    ]
    assert list(result.rejections.values()) == [12]
    kept = warehouse.query("select reason from quality.rejected_row where reason like '%, cell O6: territory%'")
    assert len(kept) == 1, "each cell stays by itself in the quarantine"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Vera Vogl", "“Vera Vogel” (erp:V3)"),
        ("erp:V4", "“Vera Vogel” (erp:V3)"),
        ("erp:W77", "“erp:W78”"),
        ("Bo", "“Bob”"),
    ],
)
def test_rep_is_suggested_by_a_name_that_people_know(tmp_path: Path, name: str, hint: str) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text("kind,alias,member\nrep,Vera Vogel,erp:V3\nrep,erp:W78,erp:W78\nrep,B.,Bob\n", encoding="utf-8")
    with pytest.raises(UnknownMemberError) as refused:
        read_members(path).resolve("sales_rep", name)
    assert str(refused.value).endswith(f"; did you mean {hint}?")


def test_unreadable_number_is_rejected_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = plan_rows(values={"North|Pumps": ["TBD", "1,234.50", *[1] * 10], "North|Vents": [2] * 12})
    result = load_sheet(warehouse, tmp_path / "b", rows)
    assert (result.appended, result.rejected) == (22, 2)
    assert "cell C6: expected a number written the de way, got “TBD”" in reasons(result)[0]
    assert any("a number that it adds up is unreadable" in note for note in result.notes)


def test_budget_given_twice_is_rejected_once(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = plan_rows(values={"North|Pumps": [1] * 12, "Nord|Pumps": [1] * 12})
    result = load_sheet(warehouse, tmp_path / "b", rows)
    assert (result.appended, result.rejected) == (12, 12)
    told = "cells C7:O7: this budget is given twice, first in sheet Süd, cells C6:O6; keep one of the two"
    assert told in reasons(result)[0]


@pytest.mark.parametrize(
    ("row", "column", "value", "sentence"),
    [
        (2, 2, "kEUR", "cell B2: expected a unit among EUR, EUR thousand, PLN, found “kEUR”"),
        (3, 2, "soon", "cell B3: expected the date of approval, found “soon”"),
        (5, 1, "Region", "no cell “Territory” starts a header in the first 30 rows"),
        (5, 4, "Feb", "the column of period 1 occurs twice"),
        (5, 4, "Sum", "the column of period 2 is missing in the header"),
    ],
)
def test_sheet_that_is_laid_out_otherwise_is_refused(
    warehouse: Warehouse, tmp_path: Path, row: int, column: int, value: str, sentence: str
) -> None:
    rows = plan_rows()
    rows[row - 1][column - 1] = value
    result = load_sheet(warehouse, tmp_path / "b", rows)
    assert (result.appended, result.rejected) == (0, 1)
    assert sentence in reasons(result)[0]


def test_hidden_and_merged_cells(warehouse: Warehouse, tmp_path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.row_dimensions[7].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.column_dimensions["R"].hidden = True
        sheet["A7"] = None
        sheet.merge_cells("A6:A7")

    result = load_sheet(warehouse, tmp_path / "b", plan_rows(), change=change)
    assert warehouse.query("select territory from raw_budget.line where source_cell = 'C7'") == [("North",)]
    assert [note.rpartition(": ")[2] for note in result.notes] == [
        "rows 7 are hidden, they were read all the same",
        "column D is hidden, it was read all the same",
        "column R is hidden and no part of the budget",
    ]


def test_formula_without_result_is_rejected(warehouse: Warehouse, tmp_path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet["C6"] = "=5+5"

    result = load_sheet(warehouse, tmp_path / "b", plan_rows(), change=change)
    assert (result.appended, result.rejected) == (22, 1)
    assert "cell C6: the formula =5+5 has no stored result" in reasons(result)[0]


def test_resent_file_is_a_new_version_and_equal_content_is_none(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder)
    name = "Plan_FY2024_v2.xlsx"
    first = write_workbook(folder, name, {"Süd": plan_rows()})
    load_lines(warehouse, config)
    (folder / "again").mkdir()
    shutil.copy2(first, folder / "again" / name)
    assert load_lines(warehouse, config, CLOCK + DAY).appended == 0
    write_workbook(folder, name, {"Süd": plan_rows(unit="PLN")}, at=1_700_000_001)
    assert load_lines(warehouse, config, CLOCK + 2 * DAY).appended == 23
    assert load_lines(warehouse, config, CLOCK + 3 * DAY).appended == 0
    versions = warehouse.query(
        "select budget_version, currency, count(*) from raw_budget.line group by all order by all"
    )
    assert versions == [("FY2024 v2", "EUR", 23), ("FY2024 v2.2", "PLN", 23)]


def versions_of(warehouse: Warehouse) -> list[Any]:
    return warehouse.query(
        "select source_file, budget_version, fiscal_year, count(*) from raw_budget.line group by all order by all"
    )


def test_a_copy_under_another_year_is_not_loaded_and_named(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder)
    first = write_workbook(folder, "Plan_FY2025_v1.xlsx", {"Süd": plan_rows()})
    shutil.copy2(first, folder / "Plan_FY2026_v1.xlsx")
    sentence = (
        "Budget file Plan_FY2026_v1.xlsx has the same content as Plan_FY2025_v1.xlsx, which is FY2025 v1; it was not"
        " loaded as FY2026 v1. Change what is in it, or delete it."
    )
    assert load_lines(warehouse, config).warnings == (sentence,)
    shutil.copy(first, folder / "Plan_FY2024_v3.xlsx")
    os.utime(folder / "Plan_FY2024_v3.xlsx", (1, 1))
    again = load_lines(warehouse, config, CLOCK + DAY)
    assert (again.appended, again.deleted) == (0, 0)
    assert again.warnings == (sentence.replace("FY2026_v1", "FY2024_v3").replace("FY2026 v1", "FY2024 v3"), sentence)
    assert versions_of(warehouse) == [("Plan_FY2025_v1.xlsx", "FY2025 v1", 2025, 23)]


def test_a_loaded_file_that_is_renamed_stays_what_it_was(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder)
    write_workbook(folder, "Plan_FY2025_v1.xlsx", {"Süd": plan_rows()})
    write_workbook(folder, "again/Plan_FY2025_v1.xlsx", {"Süd": plan_rows(unit="PLN")}, at=1_700_000_001)
    assert load_lines(warehouse, config).warnings == ()
    assert load_lines(warehouse, config, CLOCK + DAY).warnings == ()
    loaded = warehouse.query("select budget_version, fiscal_year, currency, amount from raw_budget.line order by all")
    (folder / "again" / "Plan_FY2025_v1.xlsx").rename(folder / "Plan_FY2026_v7.xlsx")
    result = load_lines(warehouse, config, CLOCK + 2 * DAY)
    assert (result.appended, result.deleted) == (0, 0)
    assert result.warnings == (
        "Budget file Plan_FY2026_v7.xlsx was loaded before as FY2025 v1.2 and stays that; it was not loaded as FY2026"
        " v7. Change what is in it, or name it as before.",
    )
    now = warehouse.query("select budget_version, fiscal_year, currency, amount from raw_budget.line order by all")
    assert now == loaded


def test_no_workbook_at_all_ends_the_load(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"template regional: no file named Plan_FY\*\.xlsx"):
        load_lines(warehouse, budget_config(tmp_path / "b"))


def test_unreadable_workbook_is_rejected_and_the_others_are_loaded(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    write_workbook(folder, "Plan_FY2024_v2.xlsx", {"Süd": plan_rows()})
    (folder / "Plan_FY2024_v1.xlsx").write_bytes(b"PK\x03\x04 cut off")
    result = load_lines(warehouse, budget_config(folder))
    assert (result.appended, result.rejected) == (23, 1)
    assert "file Plan_FY2024_v1.xlsx: it is damaged or cut off" in reasons(result)[0]


def test_vanished_workbook_is_a_warning_by_name(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder)
    write_workbook(folder, "Plan_FY2024_v1.xlsx", {"Süd": plan_rows()})
    write_workbook(folder, "Plan_FY2024_v2.xlsx", {"Süd": plan_rows(unit="PLN")})
    assert load_lines(warehouse, config).warnings == ()
    (folder / "Plan_FY2024_v1.xlsx").rename(folder / "Plan_FY2024_v1.bak")
    result = load_lines(warehouse, config, CLOCK + DAY)
    assert [warning.partition(",")[0] for warning in result.warnings] == ["Budget file Plan_FY2024_v1.xlsx"]
    assert result.deleted == 0
    (folder / "moved").mkdir()
    (folder / "Plan_FY2024_v1.bak").rename(folder / "moved" / "Plan_FY2024_v1.xlsx")
    assert load_lines(warehouse, config, CLOCK + 2 * DAY).warnings == ()


def test_load_that_lost_most_of_its_rows_names_the_files_that_vanished(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder)
    for number in (1, 2, 3):
        write_workbook(folder, f"Plan_FY2024_v{number}.xlsx", {"Süd": plan_rows(values={"North|Pumps": [number] * 12})})
    load_lines(warehouse, config)
    for number in (1, 3):
        (folder / f"Plan_FY2024_v{number}.xlsx").rename(tmp_path / f"Plan_FY2024_v{number}.xlsx")
    with pytest.raises(IngestionError) as refused:
        load_lines(warehouse, config, CLOCK + DAY)
    assert str(refused.value).startswith(
        "Table line of budget: 12 rows came where the load before kept 36; nothing was loaded. Loaded before and gone"
        " from the folder: Plan_FY2024_v1.xlsx, Plan_FY2024_v3.xlsx. Put back what held so many of the rows"
    )
    (folder / "old").mkdir()
    (tmp_path / "Plan_FY2024_v3.xlsx").rename(folder / "old" / "Plan_FY2024_v3.xlsx")
    result = load_lines(warehouse, config, CLOCK + DAY)
    assert [warning.partition(",")[0] for warning in result.warnings] == ["Budget file Plan_FY2024_v1.xlsx"]


def three_versions(folder: Path, total: float | None = None) -> list[Path]:
    """Write three versions; with `total`, that of the second and third is wrong."""
    paths = []
    for number in (1, 2, 3):
        rows = plan_rows(values={"North|Pumps": [number] * 12, "North|Vents": [2] * 12})
        if total is not None and number > 1:
            rows[7][15] = total
        paths.append(write_workbook(folder, f"Plan_FY2024_v{number}.xlsx", {"Süd": rows}))
    return paths


LIVE = (
    "select budget_version, count(*) from (select * from raw_budget.line qualify row_number() over"
    " (partition by file_sha256, source_sheet, source_cell order by _extracted_at desc) = 1)"
    " where _deleted_at is null group by 1 order by 1"
)


def test_refused_versions_may_be_taken_out_of_the_folder(warehouse: Warehouse, tmp_path: Path) -> None:
    """Rows that were rejected never were in the warehouse, so nothing is lost with them."""
    folder = tmp_path / "b"
    config = budget_config(folder)
    _, second, third = three_versions(folder, total=1)
    assert load_lines(warehouse, config).rejected == 48
    second.unlink()
    third.unlink()
    result = load_lines(warehouse, config, CLOCK + DAY)
    assert (result.appended, result.deleted, result.warnings) == (0, 0, ())


@pytest.mark.parametrize("stays", [True, False])
def test_withdrawn_version_counts_no_longer_until_it_is_taken_up_again(
    warehouse: Warehouse, tmp_path: Path, stays: bool
) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder)
    paths = three_versions(folder)
    load_lines(warehouse, config)
    if not stays:
        paths = [path.rename(tmp_path / path.name) if path is not paths[0] else path for path in paths]
    budget_config(folder, TEMPLATES.replace("sheets:", "withdrawn: [FY2024 v2, FY2024 v3]\n    sheets:"))
    result = load_lines(warehouse, config, CLOCK + DAY)
    assert (result.deleted, result.warnings) == (48, ())
    assert warehouse.query(LIVE) == [("FY2024 v1", 24)]
    assert warehouse.query("select count(*) from raw_budget.line where _deleted_at is null") == [(72,)]
    again = load_lines(warehouse, config, CLOCK + 2 * DAY)
    assert (again.appended, again.deleted, again.warnings) == (0, 0, ())
    for path in paths:
        path.rename(folder / path.name)
    budget_config(folder)
    assert load_lines(warehouse, config, CLOCK + 3 * DAY).appended == 48
    assert warehouse.query(LIVE) == [("FY2024 v1", 24), ("FY2024 v2", 24), ("FY2024 v3", 24)]


def test_withdrawing_what_is_no_version_is_a_warning(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    three_versions(folder)
    config = budget_config(folder, TEMPLATES.replace("sheets:", "withdrawn: [v2]\n    sheets:"))
    result = load_lines(warehouse, config)
    assert result.appended == 72
    assert result.warnings == (
        "Budget templates withdraw v2, which no budget workbook bears; the versions are FY2024 v1, FY2024 v2, FY2024"
        " v3. Correct `withdrawn` in templates.yml.",
    )


def test_template_mistake_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    config = budget_config(tmp_path / "b", templates="templates: [{name: x, files: '*', header: {anchor: A}}]")
    with pytest.raises(IngestionError, match="periods: Field required"):
        load_lines(warehouse, config)


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("1.234,50", "de", "1234.50"),
        ("1,234.50", "en", "1234.50"),
        ("(12)", "de", "-12"),
        ("−3,5", "de", "-3.5"),
        ("12\u00a0345,6", "de", "12345.6"),
        ("1\u202f234\u202f567", "en", "1234567"),
        ("1'234'567.89", "en", "1234567.89"),
        ("- 1’234", "de", "-1234"),
        ("( 1 234,5 )", "de", "-1234.5"),
        (" 12\n", "de", "12"),
        ("1\u202f234,50", "fr", "1234.50"),
        ("-1\u00a0234 567,5", "fr", "-1234567.5"),
        ("1'234.50", "ch", "1234.50"),
        ("1’234’567.5", "ch", "1234567.5"),
        ("–", "de", "0"),
        (" ", "de", None),
    ],
)
def test_numbers_written_as_text(text: str, locale: str, expected: str | None) -> None:
    number = read_number(text, Numbers.model_validate({"locale": locale}))
    assert number == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(("text", "locale"), [("1.234,50", "fr"), ("1.234", "fr"), ("1,234", "ch"), ("1234,5", "ch")])
def test_number_of_another_locale_is_refused(text: str, locale: str) -> None:
    with pytest.raises(NotANumberError, match=f"written the {locale} way"):
        read_number(text, Numbers.model_validate({"locale": locale}))


@pytest.mark.parametrize("missing", ["the folder", "there is no templates.yml in"])
def test_missing_folder_or_templates_are_one_sentence(warehouse: Warehouse, tmp_path: Path, missing: str) -> None:
    config = budget_config(tmp_path / "b")
    config.templates_file.unlink()
    if missing == "the folder":
        shutil.rmtree(tmp_path / "b")
    with pytest.raises(IngestionError, match=f"Budget workbooks: {missing} "):
        load_lines(warehouse, config)


@pytest.mark.parametrize(
    "value",
    [
        *("1.234,50", "12.5", "5%", "#N/A", "1.23.456", True, "1e3", float("nan")),
        *("1 5", "12 34", "1 2345", "1234 567", "1 234.567", "1.234'567", "5'", "'5", "1'5", "0,123 456", "1  234"),
        *("100\n200", "100\r\n200", "100\t200"),
    ],
)
def test_what_is_no_number_is_refused(value: object) -> None:
    locale = "en" if value == "1.234,50" else "de"
    with pytest.raises(NotANumberError):
        read_number(value, Numbers.model_validate({"locale": locale}))


SHARED_TEMPLATES = r"""
templates:
  - name: company
    files: SalesBudget.xlsx
    version: {label: Budget}
    header: {anchor: Date}
    periods: {kind: date_rows, date_column: Date, value_column: Budget}
    currency: USD
    date_shift_years: -9
  - name: targets
    files: ResellerSalesTargets.csv
    version: {label: Targets}
    header: {anchor: Year}
    row_columns: {sales_rep: EmployeeID}
    periods: {kind: calendar_month_columns, year_column: Year, pattern: "M(?P<month>\\d{2})"}
    numbers: {dash: blank}
    currency: USD
    unit_factor: 1000
    encoding: utf-16-le
"""


def test_known_answers_of_files_that_people_kept(warehouse: Warehouse, tmp_path: Path, shared_data: Path) -> None:
    folder = tmp_path / "b"
    config = budget_config(folder, SHARED_TEMPLATES, None)
    shutil.copy(shared_data / "adventureworks_budget" / "SalesBudget.xlsx", folder)
    shutil.copy(shared_data / "pl300_targets" / "ResellerSalesTargets.csv", folder)
    load_lines(warehouse, config)
    budget = warehouse.query(
        "select count(*), sum(amount), cast(min(period_start) as varchar), cast(max(period_start) as varchar)"
        " from raw_budget.line where budget_version = 'Budget'"
    )
    assert budget == [(24, Decimal("28300000.0000"), "2012-01-01", "2013-12-01")]
    targets = warehouse.query(
        "select sum(amount), count(distinct sales_rep) from raw_budget.line"
        " where budget_version = 'Targets' and year(period_start) = 2018"
    )
    assert targets[0][0] == Decimal("98700000.0000")
    first = warehouse.query("select sales_rep, amount from raw_budget.line where source_cell = 'I2'")
    assert first == [("61161660", Decimal("200000.0000"))]


@pytest.mark.skipif(os.name != "posix", reason="only there a file's name is bytes")
def test_file_whose_name_is_no_utf8_is_loaded_by_its_spelled_out_name(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    write_workbook(folder, "Plan_FY2024_v1.xlsx", {"S": plan_rows()})
    write_workbook(folder, "Plan_FY2024_v2_x.xlsx", {"S": plan_rows(unit="PLN")})
    try:
        (folder / "Plan_FY2024_v2_x.xlsx").rename(os.fsdecode(os.fsencode(folder) + b"/Plan_FY2024_v2_S\xfcd.xlsx"))
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    result = load_lines(warehouse, budget_config(folder))
    assert (result.appended, result.rejected) == (46, 0)
    assert warehouse.query("select distinct source_file, budget_version from raw_budget.line order by 1") == [
        ("Plan_FY2024_v1.xlsx", "FY2024 v1"),
        ("Plan_FY2024_v2_S\\xfcd.xlsx", "FY2024 v2"),
    ]
