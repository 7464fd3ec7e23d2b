"""The standard layout of each kind of planning file: a workbook to fill in, and the template that reads it back.

What belongs here: one layout for all kinds, made from their declarations. What does not: layouts of a company's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from ingestion.sources.budget.kinds import Kind
from ingestion.sources.budget.templates import Template

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNIT_ROW, _APPROVED_ROW, _HEADER_ROW = 2, 3, 5
_MOMENT = datetime(1980, 1, 1)


def standard_template(kind: Kind, first_month: int = 1, currencies: Sequence[str] = ("EUR",)) -> Template:
    """Return the template of a kind's standard layout.

    `first_month` is that of the fiscal year; the unit cell may name any of `currencies`, whole or in thousands.
    """
    stem = "".join(word.capitalize() for word in kind.name.split("_"))
    declared: dict[str, Any] = {
        "name": f"standard_{kind.name}",
        "kind": kind.name,
        "files": f"{stem}_*.xlsx",
        "row_columns": {field.name: _title(field.name) for field in kind.fields},
        "header": {"anchor": _title(kind.fields[0].name)},
    }
    if kind.is_spread:
        declared["version"] = {"pattern": r"_FY(?P<fiscal_year>\d{4})_v(?P<version>\d+)"}
        declared["periods"] = {"kind": "fiscal_month_names", "first": _MONTHS[first_month - 1]}
        declared["totals"] = {"column_labels": ["FY"]}
        declared["approved"] = {"label": "Approved"}
    if kind.is_spread and kind.is_money:
        declared["unit"] = {"label": "Unit", "values": _units(currencies)}
    return Template.model_validate(declared)


def template_text(template: Template) -> str:
    """Return a template as an entry of `templates.yml`."""
    content = template.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump({"templates": [content]}, sort_keys=False, allow_unicode=True)


def file_name(kind: Kind, fiscal_year: int) -> str:
    """Return a file name that the standard template reads."""
    stem = "".join(word.capitalize() for word in kind.name.split("_"))
    return f"{stem}_FY{fiscal_year}_v1.xlsx"


def write_standard(path: Path, kind: Kind, template: Template) -> Path:
    """Write an empty workbook in the standard layout, with the columns' examples as comments."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"Standard layout: {kind.holds}", "created": _MOMENT})
        sheet = book.add_worksheet(_title(kind.name))
        bold = book.add_format({"bold": True})
        sheet.write_string(0, 0, f"{_title(kind.name)}: {kind.holds}", bold)
        if template.unit:
            units = list(template.unit.values)
            sheet.write_row(_UNIT_ROW - 1, 0, [template.unit.label, units[0]])
            sheet.data_validation(_UNIT_ROW - 1, 1, _UNIT_ROW - 1, 1, {"validate": "list", "source": units})
        if template.approved:
            sheet.write_string(_APPROVED_ROW - 1, 0, template.approved.label)
        _write_header(book, sheet, kind, template)
    return path


def header_cells(kind: Kind, template: Template) -> list[str]:
    """Return the header of the standard layout from left to right."""
    first = _MONTHS.index(template.periods.first) if kind.is_spread else 0  # type: ignore[union-attr]
    months = [*_MONTHS[first:], *_MONTHS[:first]] if kind.is_spread else []
    return [*template.row_columns.values(), *months]


def _write_header(book: Any, sheet: Any, kind: Kind, template: Template) -> None:
    header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DDE5EE"})
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    formats = {"text": text, "date": day}
    sheet.write_row(_HEADER_ROW - 1, 0, header_cells(kind, template), header)
    for column, field in enumerate(kind.fields):
        sheet.set_column(column, column, 24, formats.get(field.type))
        need = "required" if field.required else "may stay blank"
        sheet.write_comment(_HEADER_ROW - 1, column, f"{need}, for example {field.example}")
    sheet.freeze_panes(_HEADER_ROW, len(kind.fields))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _units(currencies: Sequence[str]) -> dict[str, list[Any]]:
    whole = {currency: [currency, 1] for currency in currencies}
    return whole | {f"{currency} thousand": [currency, 1000] for currency in currencies}
