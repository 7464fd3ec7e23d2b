"""`saleswh workbook`: what it shows, what it writes, and one sentence for a mistake."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from orchestration.cli import main


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESWH_DROP_FOLDER", str(tmp_path / "drop"))
    monkeypatch.setenv("SALESWH_ENVIRONMENT", "test")
    monkeypatch.setenv("SALESWH_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)


def test_template_is_written_filled_in_and_checked(tmp_path: Path) -> None:
    written = CliRunner().invoke(main, ["workbook", "template", "quota", "--fiscal-year", "2024"])
    assert written.exit_code == 0, written.output
    path = tmp_path / "Quota_FY2024_v1.xlsx"
    book = openpyxl.load_workbook(path)
    for row, name in ((6, "@Ana"), (7, "Ion")):
        book.worksheets[0].cell(row, 1).value = name
        book.worksheets[0].cell(row, 2).value = -5 if name == "Ion" else "TBD"
    book.save(path)
    (tmp_path / "drop" / "budget").mkdir(parents=True)
    entry = written.output.partition("say:\n\n")[2]
    (tmp_path / "drop" / "budget" / "templates.yml").write_text(entry, encoding="utf-8")
    checked = CliRunner().invoke(main, ["workbook", "check", path.name])
    assert checked.exit_code == 0, checked.output
    assert not list(tmp_path.glob("*.rows.csv")), "beside the workbook a template might read it"
    with (tmp_path / "var" / "test" / "checked" / "Quota_FY2024_v1.rows.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert [(row["source_cell"], row["sales_rep"], row["amount"]) for row in rows] == [
        ("B6", "'@Ana", "TBD"),
        ("B7", "Ion", "-5.0000"),
    ]
    assert "expected a number" in rows[0]["reason"]
    assert not rows[1]["reason"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["template", "wish", "--fiscal-year", "2024"], "There is no kind of workbook wish; there are budget, quota"),
        (["check", "Odd.xlsx", "--kind", "wish"], "There is no kind of workbook wish"),
        (["check", "Odd.xlsx"], "budget does not exist; create it or correct the setting"),
    ],
)
def test_mistake_is_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "Odd.xlsx").write_bytes(b"odd")
    done = CliRunner().invoke(main, ["workbook", *arguments])
    assert done.exit_code == 1
    assert sentence in done.output
    assert len(done.output.splitlines()) == 1


def test_unreadable_workbook_is_shown_and_fails(tmp_path: Path) -> None:
    (tmp_path / "Odd.xlsx").write_bytes(b"PK\x03\x04 cut")
    done = CliRunner().invoke(main, ["workbook", "check", "Odd.xlsx", "--kind", "training"])
    assert done.exit_code == 1
    assert "damaged" in done.output
    assert "0 rows would be loaded" in done.output


def test_template_never_overwrites(tmp_path: Path) -> None:
    for code in (0, 1):
        done = CliRunner().invoke(main, ["workbook", "template", "training", "--fiscal-year", "2024"])
        assert done.exit_code == code
    assert "is there already" in done.output


def test_what_a_format_cannot_tell_is_printed(tmp_path: Path) -> None:
    (tmp_path / "Plan.csv").write_text("Sales rep;Course;Completed at;Score\nAna;Negotiation;2024-02-29;1\n", "utf-8")
    done = CliRunner().invoke(main, ["workbook", "check", "Plan.csv", "--kind", "training"])
    assert done.exit_code == 0, done.output
    assert "note: not told by .csv: hidden rows and columns, merged cells, number formats" in done.output
