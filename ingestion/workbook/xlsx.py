"""What .xlsx and .xlsm files say beyond the values: errors, formulas without results, hidden parts, formats, epoch.

A large sheet is looked through for the few words that would matter; only one that holds any of them is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from ingestion.workbook.archive import Archive
from ingestion.workbook.details import MACROS, OUTSIDE, BookDetails, SheetDetails
from ingestion.workbook.grid import CellError, NumberFormat, Uncalculated, address, position
from ingestion.workbook.number_formats import PERCENT_IDS, read_format
from ingestion.workbook.safe_xml import local, read_tree, stream

_LARGE_BYTES = 1 << 20
_DIMENSION = re.compile(rb"<dimension\s+ref=[\"']([A-Z$0-9:]+)[\"']")
_LAST_ROW = re.compile(rb"<row\s[^>]*?\br=[\"'](\d+)[\"']")
_TELLING = (b'"e"', b"'e'", b"<f>", b"<f ", b"<f/", b"hidden=", b"mergeCell")
_OUTSIDE = re.compile(r"(?<![\w\]])'?\[[^\]]+\]|\bDDE\b|\|")

ZERO = "the formula's stored 0 may never have been calculated; open and save the file in Excel"
"""Of a sheet the first such cell is named."""

Formats = dict[str, NumberFormat]


def read_details(archive: Archive, reads: Callable[[str], bool]) -> BookDetails:
    """Return the details of every worksheet that is read."""
    part = archive.main_part()
    book = read_tree(archive.read_xml(part), part)
    relations = archive.relations(part)
    styles = next((target for kind, target in relations.values() if kind == "styles"), "")
    formats = _formats(archive.read_xml(styles), styles)
    details = BookDetails(reads, is_1904=_is_1904(book))
    if any(name.endswith("vbaProject.bin") for name in archive.names):
        details.notes.append(MACROS)
    for entry in _children(book, "sheets"):
        kind, target = relations.get(_attribute(entry, "id"), ("", ""))
        if kind == "worksheet":
            read = partial(_read_part, archive, target, formats, is_uncalculated=_is_uncalculated(book))
            details.add(entry.get("name", ""), read)
    return details


def _read_part(archive: Archive, part: str, formats: Formats, *, is_uncalculated: bool) -> SheetDetails:
    return read_sheet(archive.read_xml(part), part, formats, is_uncalculated=is_uncalculated)


def read_sheet(content: bytes, part: str, formats: Formats, *, is_uncalculated: bool = False) -> SheetDetails:
    """Return the details of one worksheet's XML; with `is_uncalculated` a formula's stored 0 is noted."""
    details = SheetDetails()
    _claimed(content, details)
    is_plain = b"<sheetData" in content and b"<c " in content
    if len(content) < _LARGE_BYTES or formats or not is_plain or any(word in content for word in _TELLING):
        stream(content, part, _SheetHandlers(details, formats, is_uncalculated=is_uncalculated))
    return details


def _claimed(content: bytes, details: SheetDetails) -> None:
    """Take the used area from the sheet's own claim and from its last row."""
    claim = _DIMENSION.search(content[:4096])
    corner = position(claim[1].decode().rpartition(":")[2]) if claim else None
    if corner:
        details.reach(*corner)
    last = _LAST_ROW.match(content, max(content.rfind(b"<row "), 0))
    if last:
        details.reach(int(last[1]), details.extent[1])


class _SheetHandlers:
    """Follows one sheet's XML; text is asked for inside formulas and the values of formula cells alone."""

    parser: Any = None

    def __init__(self, details: SheetDetails, formats: Formats, *, is_uncalculated: bool) -> None:
        self._notes_zero = is_uncalculated
        self._details, self._formats = details, formats
        self._row = self._column = 0
        self._attributes: dict[str, str] = {}
        self._has_formula = False
        self._collected: list[str] = []
        self._formula = self._value = ""
        self._outside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet an opening tag."""
        name = local(name)
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._has_formula, self._formula, self._value = True, "", ""
            self._collect()
        elif name == "v" and (self._has_formula or self._attributes.get("t") == "e"):
            self._collect()
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 0))
            self._details.hidden_columns |= set(range(first, min(last, 16_384) + 1))
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """Meet a closing tag."""
        name = local(name)
        if name == "c":
            self._end_cell()
        elif name == "f":
            self._formula = self._collected_text()
        elif name == "v" and self.parser.CharacterDataHandler is not None:
            self._value = self._collected_text()

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = 0
        if attributes.get("hidden") in ("1", "true"):
            self._details.hidden_rows.add(self._row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = position(attributes.get("r", ""))
        self._row, self._column = place or (self._row, self._column + 1)
        self._attributes, self._has_formula, self._formula, self._value = attributes, False, "", ""
        self._details.reach(self._row, self._column)
        number_format = self._formats.get(attributes.get("s", ""))
        if number_format is not None:
            self._details.formats.add(self._row, self._column, number_format)

    def _end_cell(self) -> None:
        kind = self._attributes.get("t", "n")
        if kind == "e":
            self._details.mark(self._row, self._column, CellError(self._value or "#ERROR"))
        elif self._has_formula and not self._value and kind not in ("str", "inlineStr"):
            self._details.mark(self._row, self._column, Uncalculated(self._formula))
        elif self._has_formula and self._value == "0" and self._notes_zero:
            self._notes_zero = False
            self._details.notes.append(f"cell {address(self._row, self._column)}: {ZERO}")
        if self._has_formula and not self._outside and _OUTSIDE.search(self._formula):
            self._outside = True
            self._details.notes.append(OUTSIDE)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        corners = position(first), position(last or first)
        if corners[0] and corners[1]:
            self._details.merged.append((*corners[0], *corners[1]))

    def _collect(self) -> None:
        self._collected = []
        self.parser.CharacterDataHandler = self._collected.append

    def _collected_text(self) -> str:
        self.parser.CharacterDataHandler = None
        return "".join(self._collected)


def _formats(content: bytes, part: str) -> Formats:
    """Return what is special about each cell style, by its index as text."""
    if not content:
        return {}
    tree = read_tree(content, part)
    codes = {entry.get("numFmtId"): entry.get("formatCode", "") for entry in _children(tree, "numFmts")}
    found: Formats = {}
    for index, entry in enumerate(_children(tree, "cellXfs")):
        number = entry.get("numFmtId", "0")
        is_percent = number not in codes and number.isdigit() and int(number) in PERCENT_IDS
        special = NumberFormat(is_percent=True) if is_percent else read_format(codes.get(number, ""))
        if special is not None:
            found[str(index)] = special
    return found


def _is_1904(book: Element) -> bool:
    return any(local(e.tag) == "workbookPr" and e.get("date1904") in ("1", "true") for e in book)


def _is_uncalculated(book: Element) -> bool:
    """Return whether the program that wrote the file left all calculation to the one that opens it."""
    return any(local(e.tag) == "calcPr" and e.get("fullCalcOnLoad") in ("1", "true") for e in book)


def _children(tree: Element, name: str) -> list[Element]:
    return [child for parent in tree if local(parent.tag) == name for child in parent]


def _attribute(entry: Element, name: str) -> str:
    return next((value for key, value in entry.attrib.items() if local(key) == name), "")
