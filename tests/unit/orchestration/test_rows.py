"""Answers to queries: values as they are, in each of the three formats."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import duckdb
import pytest

from orchestration.console import print_rows
from orchestration.rows import Rows

TEXTS = "select '[/x]' as \"[bold]name[/bold]\", 'a [bold]x[/bold] b' as t, 'x,\"ä\"\nnext' as c"
NUMBERS = (
    "select 12345678901234567.8901::decimal(21, 4) as price, sum(12646)::hugeint as units,"
    " 0.1::double + 0.2::double as ratio, 'nan'::double as nothing, true as flag from range(3)"
)
OTHERS = (
    "select [1, 2] as l, {'k': 1.50::decimal(3, 2), 't': 'ä'} as s, map {date '2024-02-29': 1} as m, null as z,"
    " date '2024-02-29' as d, timestamp '2024-02-29 23:30:00.5' as ts, 'a'::blob as b"
)


def ask(sql: str) -> Rows:
    """The rows of one statement."""
    with duckdb.connect() as connection:
        return Rows.of(connection.execute(sql))


def printed(sql: str, format_name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints."""
    print_rows(ask(sql), format_name)
    return capsys.readouterr().out


def test_a_table_takes_no_text_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = printed(TEXTS, "table", capsys)
    for text in ("[bold]name[/bold]", "[/x]", "a [bold]x[/bold] b"):
        assert text in table


def test_a_table_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    table = printed(NUMBERS, "table", capsys)
    for text in ("12345678901234567.8901", " 37938 ", "0.30000000000000004", "nan", "true"):
        assert text in table


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("l", "[1, 2]"), ("s", '{"k": 1.50, "t": "ä"}'), ("m", '{"2024-02-29": 1}'), ("z", "│   │"),
        ("d", "│ 2024-02-29 │"), ("ts", "2024-02-29 23:30:00.500000"), ("b", "│ 61 │"),
    ],
)  # fmt: skip
def test_a_table_shows_lists_structures_and_days(column: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert text in printed(f"select {column} from ({OTHERS})", "table", capsys)


def test_csv_can_be_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    header, record = csv.reader(io.StringIO(printed(TEXTS, "csv", capsys)))
    assert header == ["[bold]name[/bold]", "t", "c"]
    assert record == ["[/x]", "a [bold]x[/bold] b", 'x,"ä"\nnext']
    _, numbers = csv.reader(io.StringIO(printed(NUMBERS, "csv", capsys)))
    assert numbers == ["12345678901234567.8901", "37938", "0.30000000000000004", "nan", "true"]


def test_json_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = json.loads(printed(NUMBERS, "json", capsys), parse_float=Decimal)
    assert record["price"] == Decimal("12345678901234567.8901")
    assert (record["units"], record["ratio"]) == (37938, Decimal("0.30000000000000004"))
    assert (record["nothing"], record["flag"]) == (None, True)


def test_json_holds_lists_structures_and_days(capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = json.loads(printed(OTHERS, "json", capsys))
    assert record == {
        "l": [1, 2], "s": {"k": 1.5, "t": "ä"}, "m": {"2024-02-29": 1}, "z": None,
        "d": "2024-02-29", "ts": "2024-02-29T23:30:00.500000", "b": "61",
    }  # fmt: skip


def test_columns_of_one_name_are_told_apart() -> None:
    assert ask("select 1 as a, 2 as a_1, 3 as a").columns == ("a", "a_1", "a_2")


@pytest.mark.parametrize(("format_name", "text"), [("table", "No rows.\n"), ("csv", "n\n"), ("json", "[\n]\n")])
def test_no_rows(format_name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed("select 1 as n where false", format_name, capsys) == text
