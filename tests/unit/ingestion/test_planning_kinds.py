"""Every kind of planning workbook: its standard workbook, filled in by hand, is read back without loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from openpyxl.worksheet.worksheet import Worksheet
from small_source import Warehouse
from workbook_files import read_grids_here

from ingestion.errors import IngestionError
from ingestion.registry import SOURCES
from ingestion.sources.budget.check import check_file
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import KINDS, Kind, KindField
from ingestion.sources.budget.standard import (
    file_name,
    header_cells,
    standard_template,
    template_text,
    write_standard,
)
from ingestion.sources.budget.templates import read_templates

HEADER_ROW = 5
ODD: dict[str, list[Any]] = {
    "text": ["=Ünï & Söhne", " 007 ", "Łódź-1"],
    "integer": [2024, 1999, 2025],
    "decimal": [Decimal("1234.5678"), Decimal("-0.01"), Decimal("0")],
    "double": [Decimal("104.1234567"), Decimal("-7.5"), Decimal("0")],
    "date": [date(2024, 2, 29), date(1999, 12, 31), date(2025, 1, 1)],
}


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.sources.budget.reader.read_grids", read_grids_here)


def expected_text(value: Any) -> str:
    """What a name is read as: without the blanks around it."""
    return value.strip() if isinstance(value, str) else str(value)


def fill(path: Path, kind: Kind, months: int) -> list[dict[str, Any]]:
    """Write three records or rows below the header as a person would; return them by field, months as a list."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    written = []
    for offset in range(3):
        record: dict[str, Any] = {field.name: ODD[field.type][offset] for field in kind.fields}
        record["months"] = [Decimal(offset * 100 + month) / 4 for month in range(months)]
        for column, value in enumerate([*(record[f.name] for f in kind.fields), *record["months"]], start=1):
            cell = sheet.cell(HEADER_ROW + 1 + offset, column)
            cell.value = float(value) if isinstance(value, Decimal) else value
            if isinstance(value, str):
                cell.data_type = "s"
        written.append(record)
    book.save(path)
    return written


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_standard_workbook_is_read_back_without_loss(kind: Kind, tmp_path: Path) -> None:
    template = standard_template(kind, first_month=4, currencies=("PLN",))
    path = write_standard(tmp_path / file_name(kind, 2024), kind, template)
    (tmp_path / "templates.yml").write_text(template_text(template), encoding="utf-8")
    months = len(header_cells(kind, template)) - len(kind.fields)
    written = fill(path, kind, months)
    checked = check_file(path, list(read_templates(tmp_path / "templates.yml")), None)
    assert not checked.refusals
    assert not checked.notes
    read = [{name: row[name] for name in checked.columns} for row in checked.rows]
    if kind.is_spread:
        cells = [(record, month) for record in written for month in range(12)]
        assert len(read) == len(cells)
        for row, (record, month) in zip(read, cells, strict=True):
            assert (row["fiscal_year"], row["fiscal_period"]) == (2024, month + 1)
            assert Decimal(row[kind.value]) == record["months"][month]
            assert [row[f.name] for f in kind.fields] == [expected_text(record[f.name]) for f in kind.fields]
            assert row.get("currency") == ("PLN" if kind.is_money else None)
    else:
        assert len(read) == len(written)
        for row, record in zip(read, written, strict=True):
            for field in kind.fields:
                assert same(field, row[field.name], record[field.name])


def same(field: KindField, read: Any, written: Any) -> bool:
    if field.type in ("decimal", "double", "integer"):
        return bool(read == written)
    return read == (written.isoformat() if isinstance(written, date) else expected_text(written))


def test_a_filled_workbook_is_loaded_into_the_table_of_its_kind(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "budget"
    folder.mkdir()
    kind = KINDS["market_indicator"]
    template = standard_template(kind)
    fill(write_standard(folder / file_name(kind, 2024), kind, template), kind, 0)
    everything = template_text(template.model_copy(update={"files": "Market*"}))
    (folder / "templates.yml").write_text(everything, encoding="utf-8")
    (folder / "MarketIndicator_FY2024_v1.rows.csv").write_text("what a check wrote", encoding="utf-8")
    config = BudgetConfig(folder=folder, templates_file=folder / "templates.yml", aliases_file=None)
    result = warehouse.load(SOURCES["budget"], config)
    assert (result.appended, result.rejected) == (3, 0)
    rows = warehouse.query(
        "select indicator, region, period_date, value, released_at, source_cell from raw_budget.market_indicator"
        " order by source_cell"
    )
    first = ("=Ünï & Söhne", "=Ünï & Söhne", date(2024, 2, 29), 104.1234567, date(2024, 2, 29), "D6")
    assert rows[0] == first
    assert warehouse.query("select count(*) from raw_budget.line") == [(0,)]


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("Period date", "soon", "cell C6: expected a date (iso), found “soon”"),
        ("Value", "TBD", "cell D6: expected a number written the en way, got “TBD”"),
        ("Released at", None, "cell E6: the released_at is missing"),
        ("Indicator", None, "cell A6: the indicator is missing"),
    ],
)
def test_record_that_lacks_something_is_refused_by_cell(tmp_path: Path, column: str, value: Any, sentence: str) -> None:
    kind = KINDS["market_indicator"]
    template = standard_template(kind)
    path = write_standard(tmp_path / file_name(kind, 2024), kind, template)
    fill(path, kind, 0)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(6, header_cells(kind, template).index(column) + 1).value = value
    book.save(path)
    checked = check_file(path, [template], None)
    assert checked.loaded == 2
    assert [sentence in reason for reason in checked.refusals] == [True]


def records(folder: Path, kind: Kind, rows: list[list[Any]], change: Callable[[Worksheet], None] | None = None) -> Path:
    """Write a standard workbook with these records from row 6 on; `change` is applied to its sheet."""
    path = write_standard(folder / file_name(kind, 2024), kind, standard_template(kind))
    book = openpyxl.load_workbook(path)
    for offset, row in enumerate(rows, start=HEADER_ROW + 1):
        for column, value in enumerate(row, start=1):
            book.worksheets[0].cell(offset, column).value = value
    if change:
        change(book.worksheets[0])
    book.save(path)
    return path


def formatted(place: str, number_format: str) -> Callable[[Worksheet], None]:
    return lambda sheet: setattr(sheet[place], "number_format", number_format)


GOALS = [["Renewal", "odd", 2025, 1_000, 1_500, "PLN"], ["New", "odd", 2025, 1_000, 7.25]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda sheet: sheet.merge_cells("E6:E7"), "cells E6:E7: the number is merged over E6:E7"),
        (lambda sheet: sheet.merge_cells("D6:E6"), "cell D6: the number is merged over D6:E6"),
        (formatted("E6", "#,##0 [$€-407]"), "cell E6: the cell is in €, the sheet in PLN"),
        (formatted("E7", "#,##0 [$zł-415]"), "cell E7: the cell is in zł, the sheet in EUR"),
        (formatted("D6", "0%"), "cell D6: expected an amount, the cell's format shows 1000"),
        (lambda sheet: setattr(sheet["E6"], "value", "1,500 €"), "cell E6: the cell is in €, the sheet in PLN"),
        (lambda sheet: setattr(sheet["E6"], "value", 1e14), "cell E6: expected a number below 1e+14, found 1"),
        (lambda sheet: setattr(sheet["C6"], "value", 2025.5), "cell C6: expected a whole number, found 2025.5"),
        (lambda sheet: setattr(sheet["E6"], "value", " "), "cell E6: the annual_goal is missing"),
    ],
)
def test_a_goal_is_refused_where_an_amount_below_a_month_would_be(
    tmp_path: Path, change: Callable[[Worksheet], None], sentence: str
) -> None:
    kind = KINDS["goal"]
    template = standard_template(kind).model_copy(update={"currency": "EUR"})
    checked = check_file(records(tmp_path, kind, GOALS, change), [template], None)
    assert any(f"file Goal_FY2024_v1.xlsx, sheet Goal, {sentence}" in reason for reason in checked.refusals)
    assert len(checked.rows) == len(GOALS)


def test_goals_in_thousands_with_their_currencies(tmp_path: Path) -> None:
    kind = KINDS["goal"]
    template = standard_template(kind).model_copy(update={"currency": "EUR", "unit_factor": 1000})

    def change(sheet: Worksheet) -> None:
        formatted("E6", "#,##0 [$zł-415]")(sheet)
        sheet["E7"] = "7.25 €"
        sheet["D6"] = " "
        sheet.merge_cells("C6:C7")

    checked = check_file(records(tmp_path, kind, GOALS, change), [template], None)
    read = [
        (row["fiscal_year"], row["estimated_annual_revenue"], row["annual_goal"], row["currency"])
        for row in checked.rows
        if not row["reason"]
    ]
    assert read == [(2025, None, 1_500_000, "PLN"), (2025, 1_000_000, 7_250, "EUR")]


def test_an_indicator_may_be_a_percentage_and_a_score_may_not(tmp_path: Path) -> None:
    kind, day = KINDS["market_indicator"], datetime(2024, 2, 29)
    path = records(tmp_path, kind, [["Inflation", None, day, 0.034, day]], formatted("D6", "0.0%"))
    checked = check_file(path, [standard_template(kind)], None)
    assert [row["value"] for row in checked.rows] == [Decimal("0.034")]
    assert checked.notes[0].endswith("percentages were read as fractions (D6: 3.4 % is 0.034 first)")
    kind = KINDS["training"]
    path = records(tmp_path, kind, [["Ana", "Negotiation", day, 0.875]], formatted("D6", "0%"))
    refused = check_file(path, [standard_template(kind)], None).refusals
    assert "cell D6: expected an amount, the cell's format shows 0.875 as a percentage" in next(iter(refused))


def test_record_given_twice_is_refused_once(tmp_path: Path) -> None:
    kind = KINDS["training"]
    template = standard_template(kind)
    path = write_standard(tmp_path / file_name(kind, 2024), kind, template)
    book = openpyxl.load_workbook(path)
    for row in (6, 7):
        for column, value in enumerate(["Ana", "Negotiation", datetime(2024, 2, 29), row], start=1):
            book.worksheets[0].cell(row, column).value = value
    book.save(path)
    checked = check_file(path, [template], None)
    assert checked.loaded == 1
    assert "cell C7: this training is given twice, first in sheet Training, cell C6" in next(iter(checked.refusals))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "forecast"}, "kind forecast is none of budget, quota"),
        ({"row_columns": {"colour": "Colour"}}, "row_columns: colour is none of sales_rep"),
        ({"optional_columns": ["sales_rep"]}, "optional_columns: sales_rep is no column of row_columns that may"),
        ({"periods": None}, "periods: Field required"),
        ({"kind": "training", "row_columns": {"sales_rep": "Rep"}}, "a training has one row per record"),
        ({"kind": "training", "periods": None, "row_columns": {"sales_rep": "R"}}, "course, completed_at is missing"),
    ],
)
def test_template_that_does_not_fit_its_kind_is_named(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    declared = {
        "name": "quotas",
        "kind": "quota",
        "files": "*",
        "row_columns": {"sales_rep": "Rep"},
        "periods": {"kind": "fiscal_month_names"},
    }
    (tmp_path / "templates.yml").write_text(yaml.safe_dump({"templates": [declared | changes]}), encoding="utf-8")
    with pytest.raises(IngestionError) as refused:
        read_templates(tmp_path / "templates.yml")
    assert sentence in str(refused.value)
