"""Formatted workbooks: a title page, one sheet per table, charts, and the definitions of the metrics shown.

What belongs here: how a workbook looks. What does not: which rows are in it. Text is always written as text, so a
cell that begins with = + - @ is never a formula.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exports.report import Chart, Column, Table

if TYPE_CHECKING:
    from exports.render import RenderedReport, RenderedTable

_INK = "#1F2A44"
_ACCENT = "#2F6F8F"
_SHADE = "#E8EEF3"
_SERIES = ("#2F6F8F", "#C9A227", "#9BB1C1")
_HEADER_ROW = 4
_NUMBER_FORMATS = {
    "text": "@",
    "integer": "0",
    "money": "#,##0;[Red]-#,##0",
    "ratio": "0.0%;[Red]-0.0%",
    "number": "0.00",
    "date": "yyyy-mm-dd",
}
_SIGNED_FORMATS = {"money": "+#,##0;[Red]-#,##0;0", "ratio": "+0.0%;[Red]-0.0%;0.0%"}
_WIDTHS = {"text": 18, "integer": 12, "money": 15, "ratio": 12, "number": 12, "date": 12}
_WIDEST = 44
_SHEET_NAME_LIMIT = 31


def write_workbook(rendered: RenderedReport, path: Path) -> Path:
    """Write the report as one workbook; the file appears whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(partial), options) as book:
        # A fixed creation time: the same release gives the same bytes.
        book.set_properties({"title": rendered.report.title, "created": rendered.data_as_of})
        styles = _Styles(book)
        _write_cover(book, styles, rendered)
        for table in rendered.tables:
            _write_table(book, styles, table, rendered)
    partial.replace(path)
    return path


class _Styles:
    """The workbook's formats, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._cells: dict[tuple[str, bool, bool], Format] = {}
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": _INK})
        self.note = book.add_format({"font_color": "#5B6575", "italic": True})
        self.label = book.add_format({"bold": True, "font_color": _INK, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        heading = {"bold": True, "font_color": "white", "bg_color": _INK, "text_wrap": True, "valign": "vcenter"}
        self.text_header = book.add_format({**heading, "indent": 1})
        self.number_header = book.add_format({**heading, "align": "right"})

    def cell(self, column: Column, emphasised: bool) -> Format:
        """The format of one cell by its column's kind, bold on a shaded ground for totals."""
        key = (column.kind, column.signed, emphasised)
        if key not in self._cells:
            formats = _SIGNED_FORMATS if column.signed else _NUMBER_FORMATS
            properties: dict[str, Any] = {"num_format": formats.get(column.kind, _NUMBER_FORMATS[column.kind])}
            if column.kind == "text":
                properties["indent"] = 1
            if emphasised:
                properties |= {"bold": True, "bg_color": _SHADE, "top": 1}
            self._cells[key] = self._book.add_format(properties)
        return self._cells[key]


def _write_cover(book: xlsxwriter.Workbook, styles: _Styles, rendered: RenderedReport) -> None:
    sheet = book.add_worksheet("About")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 100)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    report = rendered.report
    sheet.write_string(0, 0, report.title, styles.title)
    facts = [
        ("Question", report.question),
        ("For", report.audience),
        ("Breakdowns", report.breakdowns),
        ("Data as of", f"{rendered.data_as_of:%Y-%m-%d %H:%M} UTC"),
        ("Release", rendered.publish_id),
        *((table.table.name, f"{table.table.title}; one row is: {table.table.grain}.") for table in rendered.tables),
        *report.definitions,
    ]
    for row, (label, text) in enumerate(facts, start=2):
        sheet.write_string(row, 0, label, styles.label)
        sheet.write_string(row, 1, text, styles.wrapped)


def _write_table(book: xlsxwriter.Workbook, styles: _Styles, rendered: RenderedTable, report: RenderedReport) -> None:
    table, frame = rendered.table, rendered.frame
    sheet = book.add_worksheet(table.name[:_SHEET_NAME_LIMIT])
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, table.title, styles.title)
    sheet.write_string(
        1,
        0,
        f"One row is: {table.grain}. Data as of {report.data_as_of:%Y-%m-%d %H:%M} UTC, release {report.publish_id}.",
        styles.note,
    )
    if frame.empty:
        sheet.write_string(2, 0, "There is nothing to show for this period.", styles.note)
    _write_header(sheet, styles, table, frame)
    for row, record in enumerate(frame.itertuples(index=False, name=None), start=_HEADER_ROW + 1):
        _write_row(sheet, styles, table, row, record)
    _finish(book, sheet, table, len(frame))


def _write_header(sheet: Worksheet, styles: _Styles, table: Table, frame: pd.DataFrame) -> None:
    sheet.set_row(_HEADER_ROW, 30)
    for index, column in enumerate(table.columns):
        style = styles.text_header if column.kind == "text" else styles.number_header
        sheet.write_string(_HEADER_ROW, index, column.heading, style)
        sheet.set_column(index, index, _width(column, frame[column.name]))


def _width(column: Column, values: pd.Series[Any]) -> float:
    if column.kind != "text":
        return _WIDTHS[column.kind]
    longest = max((len(str(value)) for value in values if not _is_missing(value)), default=0)
    return min(max(_WIDTHS["text"], longest + 2), _WIDEST)


def _write_row(sheet: Worksheet, styles: _Styles, table: Table, row: int, record: tuple[Any, ...]) -> None:
    emphasised = table.emphasis is not None and (
        str(record[[c.name for c in table.columns].index(table.emphasis[0])]) == table.emphasis[1]
    )
    for index, (column, value) in enumerate(zip(table.columns, record, strict=True)):
        style = styles.cell(column, emphasised)
        if _is_missing(value):
            sheet.write_blank(row, index, None, style)
        elif column.kind == "text":
            sheet.write_string(row, index, str(value), style)
        elif column.kind == "date":
            sheet.write_datetime(row, index, _as_datetime(value), style)
        else:
            sheet.write_number(row, index, float(value), style)


def _finish(book: xlsxwriter.Workbook, sheet: Worksheet, table: Table, row_count: int) -> None:
    last_row, last_column = _HEADER_ROW + row_count, len(table.columns) - 1
    sheet.freeze_panes(_HEADER_ROW + 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    if row_count:
        sheet.autofilter(_HEADER_ROW, 0, last_row, last_column)
    if table.chart and row_count:
        chart = _chart(book, table.chart, table, sheet.get_name(), last_row)
        sheet.insert_chart(last_row + 2, 0, chart)


def _chart(book: xlsxwriter.Workbook, chart: Chart, table: Table, sheet_name: str, last_row: int) -> Any:
    names = [column.name for column in table.columns]
    drawn = book.add_chart({"type": chart.kind})
    category = names.index(chart.category)
    for position, value in enumerate(chart.values):
        index = names.index(value)
        colour = _SERIES[position % len(_SERIES)]
        drawn.add_series({
            "name": [sheet_name, _HEADER_ROW, index],
            "categories": [sheet_name, _HEADER_ROW + 1, category, last_row, category],
            "values": [sheet_name, _HEADER_ROW + 1, index, last_row, index],
            "line": {"color": colour, "width": 2.25 if position == 0 else 1.25},
            "fill": {"color": colour},
        })  # fmt: skip
    drawn.set_title({"name": chart.title, "name_font": {"size": 12, "color": _INK}})
    drawn.set_legend({"position": "bottom"})
    drawn.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9DEE3"}}})
    if table.columns[category].kind == "date":
        drawn.set_x_axis({"num_format": "mmm yy", "text_axis": True})
    drawn.set_size({"width": 720, "height": 360})
    return drawn


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _as_datetime(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return pd.Timestamp(value).to_pydatetime()
