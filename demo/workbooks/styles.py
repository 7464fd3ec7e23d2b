"""The look of a budget workbook: one named format per kind of cell.

What does not belong here: which cell gets which format.
"""

from __future__ import annotations

from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

_NAVY, _MIST, _SAND, _GREY = "#1F3A5F", "#DCE6F1", "#F5EFE0", "#7F7F7F"
_BASE: dict[str, Any] = {"font_name": "Arial", "font_size": 9, "valign": "vcenter"}
_HEAD = {"bold": True, "align": "center", "border": 1, "border_color": "#FFFFFF"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "font_color": _NAVY},
    "subtitle": {"font_size": 10, "font_color": _GREY},
    "label": {"bold": True, "font_color": _NAVY},
    "entry": {"bg_color": "#FFFBE6", "border": 1, "border_color": "#BFBFBF", "align": "left"},
    "entry_date": {
        "bg_color": "#FFFBE6", "border": 1, "border_color": "#BFBFBF", "align": "left", "num_format": "dd.mm.yyyy"
    },
    "quarter": _HEAD | {"bg_color": _NAVY, "font_color": "#FFFFFF"},
    "header": _HEAD | {"bg_color": "#35567F", "font_color": "#FFFFFF"},
    "header_total": _HEAD | {"bg_color": "#5B7BA6", "font_color": "#FFFFFF"},
    "member": {"bottom": 4, "bottom_color": "#D9D9D9"},
    "member_subtotal": {"bold": True, "bg_color": _MIST, "top": 1},
    "member_total": {"bold": True, "bg_color": _SAND, "top": 1, "bottom": 6},
    "note": {"italic": True, "font_color": _GREY},
    "text": {"text_wrap": True, "valign": "top"},
}  # fmt: skip
_NUMBERS: dict[str, dict[str, Any]] = {
    "body": {"bottom": 4, "bottom_color": "#D9D9D9"},
    "body_total": {"bottom": 4, "bottom_color": "#D9D9D9", "bg_color": "#F2F2F2"},
    "subtotal": {"bold": True, "bg_color": _MIST, "top": 1},
    "total": {"bold": True, "bg_color": _SAND, "top": 1, "bottom": 6},
}


class Styles:
    """The formats of one workbook; number formats depend on the sheet's unit."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._named = {name: book.add_format(_BASE | style) for name, style in _STYLES.items()}
        self._numbers: dict[tuple[str, str], Format] = {}

    def __getitem__(self, name: str) -> Format:
        return self._named[name]

    def number(self, name: str, unit: str) -> Format:
        """Format of a number cell: thousands show one decimal, whole units none."""
        pattern = "#,##0.0" if unit.endswith("thousand") else "#,##0"
        key = (name, pattern)
        if key not in self._numbers:
            style = _BASE | _NUMBERS[name] | {"num_format": pattern, "align": "right"}
            self._numbers[key] = self._book.add_format(style)
        return self._numbers[key]
