"""Tables on terminals and in pipes: numbers and paths stay in one piece."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from orchestration.console import print_rows
from orchestration.grid import draw
from orchestration.rows import Rows

FILE = "/srv/Größe/var/acme/releases/20240229T233000Z-0003/warehouse.duckdb"
WIDE = Rows(tuple(f"net_amount_{number}" for number in range(9)), (tuple(402078.1800 + n for n in range(9)),) * 2)
TOLD = Rows(("table", "rows", "remarks"), (("invoice", 1234567, "is missing " * 12),))


def on_terminal(rows: Rows, width: int, title: str = "") -> list[str]:
    """The lines that a terminal of this width shows."""
    file = io.StringIO()
    draw(Console(file=file, force_terminal=True, width=width, color_system=None, soft_wrap=True), title, rows)
    return file.getvalue().splitlines()


def test_a_pipe_has_no_width(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(WIDE, "table")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all(f" {402078.18 + number} " in lines[3] for number in range(9))


def test_a_table_that_fits_wraps_only_words() -> None:
    lines = on_terminal(TOLD, 60)
    assert all(len(line) <= 60 for line in lines)
    assert "│ invoice │ 1234567 │ is missing" in lines[3]
    assert len(lines) > 5


def test_a_table_that_does_not_fit_shows_one_value_a_line() -> None:
    releases = Rows(("release", "größe MB", "file"), (("0003", 4.5, FILE), ("0002", 4.25, FILE.replace("3/", "2/"))))
    assert on_terminal(releases, 80, "Releases")[:5] == [
        "Releases",
        "release   0003",
        "größe MB  4.5",
        f"file      {FILE}",
        "",
    ]
    assert "net_amount_8  402086.18" in on_terminal(WIDE, 80)
    assert any(FILE in line for line in on_terminal(releases, 120))


def test_headings_break_at_their_words_before_the_table_is_given_up() -> None:
    loads = Rows(("source", "rows_loaded", "rows_deleted", "last load"), (("erp", 5639, 0, "2024-02-29 23:30"),))
    lines = on_terminal(loads, 46)
    assert [line.split() for line in lines[1:3]] == [
        ["┃", "┃", "rows_", "┃", "rows_", "┃", "last", "┃"],
        ["┃", "source", "┃", "loaded", "┃", "deleted", "┃", "load", "┃"],
    ]
    assert lines[4].startswith("│ erp    │   5639 │       0 │ 2024-02-29")
    assert all(len(line) <= 46 for line in lines)
