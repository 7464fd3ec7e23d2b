"""The budget workbooks: same bytes every time, totals that prove the body, and every planted oddity where it says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from openpyxl.worksheet.worksheet import Worksheet

from demo.company.model import BudgetSheet, Company, Quirk
from demo.workbooks import Delivery, render_budgets, write_aliases, write_templates
from demo.workbooks.layout import MONTHS, Layout, address
from demo.workbooks.sheets import text_number

Rendered = tuple[list[Delivery], list[Quirk]]


@pytest.fixture(scope="module")
def rendered(tiny: Company) -> Rendered:
    return render_budgets(tiny)


@cache
def opened(delivery: Delivery, *, formulas: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(delivery.content), data_only=not formulas)


def named(rendered: Rendered, key: str) -> Any:
    """The cell of a key ``<file>[ re-sent]/<sheet>!<cell>``."""
    match = re.fullmatch(r"(\S+?)( re-sent)?/(\w+)!(\w+)", key)
    assert match is not None, key
    file, again, sheet, cell = match.groups()
    delivery = next(d for d in rendered[0] if d.file_name == file and d.is_resend == bool(again))
    return opened(delivery)[sheet][cell]


def quirks(rendered: Rendered, quirk_id: str) -> list[Quirk]:
    return [quirk for quirk in rendered[1] if quirk.id == quirk_id]


def number(value: Any) -> float:
    """What a person reads in a cell."""
    if isinstance(value, str):
        return 0.0 if value == "–" else float(value.replace(".", "").replace(",", "."))
    return float(value or 0.0)


def lines(sheet: Worksheet) -> Iterator[tuple[str, list[Any]]]:
    """Member text and cells of every line from the first body row to the grand total."""
    for row in sheet.iter_rows(min_row=9):
        yield str(row[0].value), [cell.value for cell in row]
        if row[0].value == "Total":
            return


def test_bytes_do_not_depend_on_when_they_are_made(tiny: Company, rendered: Rendered) -> None:
    again, _ = render_budgets(tiny)
    assert [delivery.content for delivery in again] == [delivery.content for delivery in rendered[0]]
    assert len({delivery.content for delivery in again}) == 4


def test_months_stand_in_fiscal_order_under_merged_quarters(rendered: Rendered) -> None:
    sheet = opened(rendered[0][0])["South"]
    header = [cell.value for cell in sheet[8]]
    assert header[:7] == ["Territory", "Category", "Feb", "Mar", "Apr", "Q1", "May"]
    assert header[16:19] == ["Jan", "Q4", "FY"]
    assert "C7:F7" in {str(block) for block in sheet.merged_cells.ranges}


def test_totals_prove_the_body_except_where_one_was_typed_over(tiny: Company, rendered: Rendered) -> None:
    wrong: list[str] = []
    for delivery in rendered[0]:
        for sheet in opened(delivery).worksheets[1:-1]:
            months = [i for i, cell in enumerate(sheet[8]) if cell.value in MONTHS]
            year = next(i for i, cell in enumerate(sheet[8]) if cell.value == "FY")
            block, everything = 0.0, 0.0
            for label, cells in lines(sheet):
                body = sum(number(cells[i]) for i in months)
                expected = {"Subtotal": block, "Total": everything}.get(label, body)
                if number(cells[year]) != pytest.approx(expected, abs=0.001):
                    wrong.append(f"{delivery.file_name}/{sheet.title} {label}")
                block = 0.0 if label == "Subtotal" else block + body
                everything += 0.0 if label in ("Subtotal", "Total") else body
    assert wrong == ["Budget_FY2024_v2.xlsx/North Total"]


def test_the_typed_over_total_is_where_the_key_says(rendered: Rendered) -> None:
    (quirk,) = quirks(rendered, "B3")
    ((key, total),) = quirk.expected["totals"].items()
    assert quirk.keys == [key]
    assert named(rendered, key).value == total["found"] != total["right"]


def test_units_turn_back_into_the_budget_of_the_company(tiny: Company, rendered: Rendered) -> None:
    """EUR, thousands and zloty (budget rate 0.25 on 2024-02-01) all lead back to the amounts in EUR."""
    book = opened(rendered[0][0])
    factors = {"EUR": 1.0, "EUR thousand": 1000.0, "PLN": 0.25}
    for source in tiny.budgets[0].sheets:
        sheet = book[source.region]
        factor = factors[str(sheet["B3"].value)]
        year = [cell.value for cell in sheet[8]].index("FY")
        total = next(cells[year] for label, cells in lines(sheet) if label == "Total")
        assert total * factor == pytest.approx(_total(source), abs=0.5)


def _total(sheet: BudgetSheet) -> float:
    return sum(amount or 0.0 for row in sheet.rows for amount in row.amounts)


def test_awkward_numbers_are_text_dash_or_nothing(rendered: Rendered) -> None:
    quirk = quirks(rendered, "B5")[0]
    assert quirk.expected["cells"] == {"blank": 6, "dash": 18, "text": 16}
    for key, value in quirk.expected["text_values"].items():
        assert named(rendered, key).value == text_number(value)
    others = {named(rendered, key).value for key in quirk.keys if key not in quirk.expected["text_values"]}
    assert others == {"–", None}


def test_formulas_are_real_and_none_sums_over_text(rendered: Rendered) -> None:
    sheet = opened(rendered[0][0], formulas=True)["South"]
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=SUM(")]
    assert len(formulas) > 20
    for formula in formulas:
        cells = [cell.value for row in sheet[formula[5:-1]] for cell in row]
        assert not [value for value in cells if isinstance(value, str) and value != "–" and value[0] != "="]


def test_aliases_stand_where_the_key_says_and_resolve(tiny: Company, rendered: Rendered, tmp_path: Path) -> None:
    write_aliases(tmp_path / "aliases.csv", tiny)
    with (tmp_path / "aliases.csv").open(encoding="utf-8", newline="") as file:
        known = {(row["alias"], row["member"]) for row in csv.DictReader(file)}
    meant = {key: member for quirk in quirks(rendered, "B6") for key, member in quirk.expected["members"].items()}
    assert len(meant) == 8
    for key, member in meant.items():
        assert named(rendered, key).value != member
        assert (named(rendered, key).value, member) in known
    assert ("vacant", "vacant") in known


def test_hidden_rows_count_and_the_hidden_column_does_not(rendered: Rendered) -> None:
    control = quirks(rendered, "B2")[0].expected["sheets"]["South"]
    sheet = opened(rendered[0][0])["South"]
    hidden = [row for row, size in sheet.row_dimensions.items() if size.hidden]
    assert hidden == control["hidden_rows"] != []
    assert sheet[control["hidden_column"]].value == "PY"
    assert sheet.column_dimensions[control["hidden_column"].rstrip("0123456789")].hidden


def test_resent_names_have_two_contents(rendered: Rendered) -> None:
    (quirk,) = quirks(rendered, "B10")
    assert quirk.keys == ["Budget_FY2024_v1.xlsx"]
    assert len(set(quirk.expected["sha256"]["Budget_FY2024_v1.xlsx"])) == 2


def test_the_template_file_describes_the_names_in_use(rendered: Rendered, tmp_path: Path) -> None:
    write_templates(tmp_path / "templates.yml")
    (template,) = yaml.safe_load((tmp_path / "templates.yml").read_text(encoding="utf-8"))["templates"]
    matches = [re.search(template["version"]["pattern"], delivery.file_name) for delivery in rendered[0]]
    assert [match["fiscal_year"] for match in matches if match] == ["2024", "2024", "2024", "2025"]
    sheet = opened(rendered[0][0])["West"]
    assert sheet["A8"].value == template["header"]["anchor"]
    assert (sheet["A3"].value, sheet["A4"].value) == (template["unit"]["label"], template["approved"]["label"])
    assert sheet["B3"].value in template["unit"]["values"]


def test_addresses_pass_z() -> None:
    assert [address(0, 0), address(40, 25), address(7, 26), address(0, 702)] == ["A1", "Z41", "AA8", "AAA1"]
    assert Layout(has_rep=True).month(11) == 17
