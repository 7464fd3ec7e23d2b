"""One table in every format: what the readers tell of it is the same, and what a format cannot tell is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from workbook_files import read_grids_here
from workbook_formats import DAY, NO_LOOKS, Looks, change_part, write_ods, write_xls, write_xlsb, write_xlsx

from demo.workbooks.malformed.tables import Rows
from ingestion.sources.budget.dates import is_serial, read_date
from ingestion.workbook.grid import Grid
from ingestion.workbook.number_formats import currencies_of

ROWS: Rows = [
    ["Name", "Percent", "Thousands", "Currency", "Text"],
    ["A", 0.25, 1_234_567, 5.5, "007"],
    ["B", 0.5, -2000, 7, "1.234,50"],
    ["C", 1, 0.1, 1e-7, "50%"],
    ["Merged", None, 3, 12_345_678_901, "2024-02-29"],
    [None, None, 4, 8, "1e3"],
]
LOOKS = Looks(
    formats={
        **{(row, 2): "0%" for row in (2, 3, 4)},
        **{(row, 3): "#,##0," for row in (2, 3)},
        **{(row, 4): "#,##0.00 [$€-407]" for row in (2, 3)},
    },
    merged=((5, 1, 6, 2),),
    hidden_rows=(3,),
    hidden_columns=(3, 5),
)
WRITERS: dict[str, Callable[[Path, Looks], Path]] = {
    ".xlsx": lambda path, looks: write_xlsx(path, "Süd", ROWS, looks),
    ".xlsb": lambda path, looks: write_xlsb(path, "Süd", ROWS, looks=looks),
    ".xls": lambda path, looks: write_xls(path, "Süd", ROWS, looks=looks),
    ".ods": lambda path, looks: write_ods(path, "Süd", ROWS, looks=looks),
}


def grid_of(suffix: str, folder: Path, looks: Looks = LOOKS) -> Grid:
    path = WRITERS[suffix](folder / f"Plan{suffix}", looks)
    return read_grids_here(path.read_bytes(), path.name)[0]


def values(grid: Grid) -> list[list[object]]:
    return [[grid.value(r, c) for c in range(1, 6)] for r in range(1, 7)]


def meanings(grid: Grid) -> dict[tuple[int, int], tuple[bool, tuple[str, ...], int]]:
    """What the formats mean, by cell: a currency may be given as its symbol or as its code."""
    cells = {(r, c): grid.formats.at(r, c) for r in range(1, 7) for c in range(1, 6)}
    return {at: (f.is_percent, currencies_of(f.currency), f.scale) for at, f in cells.items() if f is not None}


@pytest.mark.parametrize("suffix", WRITERS)
def test_values_are_what_was_written(suffix: str, tmp_path: Path) -> None:
    """A text that looks like a number stays a text, and a number is whole, whatever its format shows of it."""
    grid = grid_of(suffix, tmp_path)
    expected = [list(row) for row in ROWS]
    expected[4][1] = expected[5][0] = expected[5][1] = "Merged"
    assert values(grid) == expected
    assert [type(value) for value in values(grid)[1]][4] is str


@pytest.mark.parametrize("suffix", WRITERS)
def test_hidden_and_merged_parts_are_told(suffix: str, tmp_path: Path) -> None:
    grid = grid_of(suffix, tmp_path)
    assert (grid.hidden_rows, grid.hidden_columns) == (frozenset({3}), frozenset({3, 5}))
    assert grid.merged == ((5, 1, 6, 2),)
    assert not grid.is_hidden


@pytest.mark.parametrize("suffix", WRITERS)
def test_hidden_sheet_is_told(suffix: str, tmp_path: Path) -> None:
    assert grid_of(suffix, tmp_path, Looks(is_hidden=True)).is_hidden


@pytest.mark.parametrize("suffix", WRITERS)
def test_number_formats_are_told(suffix: str, tmp_path: Path) -> None:
    expected = {
        **{(row, 2): (True, (), 1) for row in (2, 3, 4)},
        **{(row, 3): (False, (), 1000) for row in (2, 3)},
        **{(row, 4): (False, ("EUR",), 1) for row in (2, 3)},
    }
    assert meanings(grid_of(suffix, tmp_path)) == expected


@pytest.mark.parametrize("suffix", WRITERS)
def test_number_shown_as_a_day_is_that_day(suffix: str, tmp_path: Path) -> None:
    """45351 is 29 February 2024; the same number without such a format stays a number, to be noted as a serial date."""
    rows: Rows = [["Date", "Serial"], [45_351, 45_351]]
    looks = Looks(formats={(2, 1): DAY})
    writers = {".xlsx": write_xlsx, ".xlsb": write_xlsb, ".xls": write_xls, ".ods": write_ods}
    path = writers[suffix](tmp_path / f"Plan{suffix}", "Süd", rows, looks=looks)
    (grid,) = read_grids_here(path.read_bytes(), path.name)
    assert read_date(grid.value(2, 1), "iso") == date(2024, 2, 29)
    assert grid.value(2, 2) == 45_351
    assert not is_serial(grid.value(2, 1))


@pytest.mark.parametrize(
    ("suffix", "told"),
    [
        (".xlsx", []),
        (".ods", []),
        (".xlsb", ["ever calculated", "other files"]),
        (".xls", ["calculated", "other files"]),
    ],
)
def test_what_a_format_cannot_tell_is_said(suffix: str, told: list[str], tmp_path: Path) -> None:
    untold = grid_of(suffix, tmp_path).untold
    assert len(untold) == len(told)
    for sentence, part in zip(untold, told, strict=True):
        assert sentence.startswith(f"not told by {suffix}: ")
        assert part in sentence


def test_text_says_that_it_has_no_looks() -> None:
    (grid,) = read_grids_here(b"a;b\n1;2\n", "Plan.csv")
    assert grid.sheet == "Plan"
    assert grid.untold == (
        "not told by .csv: hidden rows and columns, merged cells, number formats, formulas and their errors",
    )


def ods_of(folder: Path, looks: Looks, *replacements: tuple[str, str]) -> Grid:
    """The grid of the .ods with texts of its content replaced wherever they stand."""
    path = write_ods(folder / "Plan.ods", "Süd", ROWS, looks=looks)
    for old, new in replacements:
        path = change_part(path, "content.xml", partial(replaced, old=old.encode(), new=new.encode()))
    return read_grids_here(path.read_bytes(), path.name)[0]


def replaced(xml: bytes, old: bytes, new: bytes) -> bytes:
    assert old in xml
    return xml.replace(old, new)


def test_ods_cell_has_the_style_of_its_column_and_of_the_parent(tmp_path: Path) -> None:
    """Office programs leave a cell's style away where it is its column's, and derive styles from named ones."""
    cell_style = '<style:style style:family="table-cell" style:name='
    derived = f'{cell_style}"Named" style:data-style-name="N1"/>{cell_style}"Mine" style:parent-style-name="Named"/>'
    end = "</office:automatic-styles>"
    usual = ("<table:table-column/>", '<table:table-column table:default-cell-style-name="Mine"/>')
    assert meanings(ods_of(tmp_path, NO_LOOKS, (end, derived + end))) == {}
    numbers = {(r, c) for r in range(1, 7) for c in range(1, 6) if isinstance(ROWS[r - 1][c - 1], int | float)}
    grid = ods_of(tmp_path, NO_LOOKS, (end, derived + end), usual)
    assert meanings(grid) == dict.fromkeys(numbers, (False, (), 1000))


def test_ods_tells_its_epoch_and_links(tmp_path: Path) -> None:
    calculation = (
        '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    )
    grid = ods_of(tmp_path, LOOKS, ("<table:table ", f"{calculation}<table:table "))
    assert grid.is_1904
    formula = 'table:formula="of:=[\'file:///tmp/other.ods\'#$S.A1]" office:value="0.25"'
    grid = ods_of(tmp_path, LOOKS, ('office:value="0.25"', formula))
    assert "formulas refer to other files; the results stored with them were read, nothing was opened" in grid.notes
    assert grid.value(2, 2) == 0.25


@pytest.mark.parametrize(
    ("suffix", "part"), [(".xlsx", "xl/vbaProject.bin"), (".xlsb", "xl/vbaProject.bin"), (".ods", "Basic/x")]
)
def test_macros_are_told(suffix: str, part: str, tmp_path: Path) -> None:
    path = change_part(WRITERS[suffix](tmp_path / f"Plan{suffix}", NO_LOOKS), part, lambda _: b"macro")
    assert read_grids_here(path.read_bytes(), path.name)[0].notes == ("it holds macros, which were not run",)


def test_macros_of_the_old_format_are_told(tmp_path: Path) -> None:
    content = WRITERS[".xls"](tmp_path / "Plan.xls", NO_LOOKS).read_bytes()
    sector = "_VBA_PROJECT_CUR".encode("utf-16-le").ljust(512, b"\0")
    assert [read_grids_here(content + more, "Plan.xls")[0].notes for more in (b"", sector)] == [
        (),
        ("it holds macros, which were not run",),
    ]


def test_merged_cells_of_a_large_sheet_are_told(tmp_path: Path) -> None:
    """A large plain sheet is not parsed whole, unless it holds something that matters."""
    rows: Rows = [[1] * 60 for _ in range(1_500)]
    path = write_xlsx(tmp_path / "Plan.xlsx", "Süd", rows, Looks(merged=((2, 2, 3, 3),)))
    grid = read_grids_here(path.read_bytes(), path.name)[0]
    assert grid.merged == ((2, 2, 3, 3),)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Name,Feb,Mar\nNorth|Pumps,1,2\nSouth|Pumps,3,4\n", ("North|Pumps", "1", "2")),
        ('Plan\n\nName,Feb,Mar\n"North; 1",1,2\n"South; 2",3,4\n', ("North; 1", "1", "2")),
        ("Name;Feb;Mar\nNorth;1,5;2,5\nSouth;3,5;4,5\n", ("North", "1,5", "2,5")),
        ("Name;Feb, EUR;Mar, EUR\nNorth;1,5;2,5\n", ("North", "1,5", "2,5")),
        ("Name|Feb\nNorth, old|1\n", ("North, old", "1")),
        ("Name\tFeb\nA, B; C\t1\n", ("A, B; C", "1")),
        ("Name\nNorth\n", ("North",)),
    ],
)
def test_a_text_is_parted_where_most_of_its_lines_are_alike(text: str, cells: tuple[str, ...]) -> None:
    (grid,) = read_grids_here(text.encode(), "Plan.csv")
    assert cells in grid.rows
