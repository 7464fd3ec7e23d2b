"""The systems on disk: created once, whole or not at all, and moved forward to exactly what they should show."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.company.model import Company
from demo.company.timeline import FROZEN_NOW, HORIZON_DAYS
from demo.systems import store
from demo.systems.errors import DemoError
from demo.systems.store import create_systems, demo_now, evolve


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a SQLite file, ordered by all columns."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names}


def listing(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_erp_has_real_types_and_exact_values(tiny_folder: Path) -> None:
    with closing(sqlite3.connect(tiny_folder / "erp.sqlite")) as connection:
        columns = {r[1]: (r[2], r[3], r[5]) for r in connection.execute("PRAGMA table_info(invoice_line)")}
        customer = "SELECT customer_no, name, is_test, credit_limit, updated_at FROM customer ORDER BY 1"
        customers = connection.execute(customer).fetchall()
        invoices = connection.execute("SELECT invoice_no, invoice_date FROM invoice").fetchall()
    assert columns["line_amount"] == ("DECIMAL(18, 4)", 1, 0)
    assert (columns["invoice_no"][2], columns["line_no"][2], columns["updated_at"][0]) == (1, 2, "TIMESTAMP")
    assert customers == [
        ("K-10", "Ten", 1, None, "2022-02-01 00:00:00.000000"),
        ("K-7", "Seven", 0, 12.3456, "2022-02-01 00:00:00.000000"),
    ]
    assert invoices == [("9001", "2024-02-29")]


def test_evolve_inserts_updates_and_deletes(tiny_folder: Path) -> None:
    with closing(sqlite3.connect(tiny_folder / "erp.sqlite")) as connection:
        highest = connection.execute("SELECT max(rowversion) FROM customer").fetchone()[0]
    assert evolve(tiny_folder, 2) == FROZEN_NOW + timedelta(days=2)
    two = contents(tiny_folder / "erp.sqlite")
    evolve(tiny_folder, 2)
    four = contents(tiny_folder / "erp.sqlite")
    assert two["invoice"] == []
    assert [row[0] for row in four["invoice"]] == ["9002"]
    names = {row[0]: (row[1], row[-1]) for row in four["customer"]}
    assert names["K-7"][0] == "Seven GmbH"
    assert names["K-7"][1] > highest


def test_many_small_steps_equal_one_large_one(
    tiny_folder: Path, tiny: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "generate", lambda profile, seed: tiny)
    other = tmp_path / "other"
    create_systems(other, "S", 5)
    for _ in range(5):
        evolve(tiny_folder, 1)
    evolve(other, 5)
    assert contents(tiny_folder / "erp.sqlite") == contents(other / "erp.sqlite")
    assert listing(tiny_folder / "drop") == listing(other / "drop")
    assert demo_now(tiny_folder) == demo_now(other) == FROZEN_NOW + timedelta(days=5)


def test_an_interrupted_move_is_repeated_even_with_fewer_days(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_clock", stop)
        with pytest.raises(KeyboardInterrupt):
            evolve(tiny_folder, 4)
    evolve(tiny_folder, 1)
    shown = contents(tiny_folder / "erp.sqlite")
    assert demo_now(tiny_folder) == FROZEN_NOW + timedelta(days=1)
    assert [row[0] for row in shown["invoice"]] == ["9001"]
    assert {row[1] for row in shown["customer"]} == {"Ten", "Seven"}


def test_creating_again_leaves_an_evolved_company_untouched(tiny_folder: Path) -> None:
    evolve(tiny_folder, 1)
    before = listing(tiny_folder)
    create_systems(tiny_folder, "S", 5)
    assert listing(tiny_folder) == before


def test_another_company_or_foreign_files_are_refused(tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"profile S, seed 5.*profile S, seed 6"):
        create_systems(tiny_folder, "S", 6)
    layout = json.loads((tiny_folder / "company.json").read_text()) | {"schema_version": 0}
    (tiny_folder / "company.json").write_text(json.dumps(layout))
    with pytest.raises(DemoError, match="layout version 0"):
        create_systems(tiny_folder, "S", 5)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter.txt").write_text("mine")
    with pytest.raises(DemoError, match="not a demo company"):
        create_systems(tmp_path / "foreign", "S")


def test_a_failed_creation_leaves_nothing_and_can_be_repeated(
    tiny: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "generate", lambda profile, seed: tiny)
    folder = tmp_path / "demo"

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "create_erp", fail)
        with pytest.raises(OSError, match="disk full"):
            create_systems(folder, "S", 5)
    assert not folder.exists()
    create_systems(folder, "S", 5)
    assert [p.name for p in tmp_path.iterdir()] == ["demo"]


def test_the_horizon_and_backward_moves_are_refused(tiny_folder: Path) -> None:
    evolve(tiny_folder, HORIZON_DAYS)
    with pytest.raises(DemoError, match="timeline ends 0 days after 2025-04-13"):
        evolve(tiny_folder, 1)
    with pytest.raises(DemoError, match="at least 1 day, got 0"):
        evolve(tiny_folder, 0)


def test_rate_files_follow_the_calendar(tiny_folder: Path) -> None:
    fx = tiny_folder / "drop" / "fx"
    assert sorted(p.name for p in fx.iterdir()) == ["fx_budget.csv", "fx_daily_FY2024.csv", "fx_daily_FY2025.csv"]
    assert (fx / "fx_daily_FY2025.csv").read_text() == "date;from;to;type;rate\n2025-03-13;PLN;EUR;daily;0.236\n"
    assert (fx / "fx_budget.csv").read_text().splitlines()[1:] == [
        "2022-02-01;PLN;EUR;budget;0.22",
        "2024-02-01;PLN;EUR;budget;0.25",
    ]
    evolve(tiny_folder, 3)
    assert [p.name for p in sorted(fx.glob("fx_daily_2*"))] == ["fx_daily_2025-03-14.csv"]
    evolve(tiny_folder, 1)
    assert (fx / "fx_daily_2025-03-17.csv").read_text().endswith("2025-03-17;PLN;EUR;daily;0.238\n")


def test_workbooks_arrive_when_delivered_and_resends_beside_the_first(tiny_folder: Path) -> None:
    budget = tiny_folder / "drop" / "budget"
    expected = {"aliases.csv", "templates.yml", "Budget_FY2024_v1.xlsx", "Budget_FY2024_v2.xlsx"}
    assert {p.name for p in budget.iterdir() if p.is_file()} == expected
    first, again = budget / "Budget_FY2024_v1.xlsx", budget / "resent" / "Budget_FY2024_v1.xlsx"
    assert first.read_bytes() != again.read_bytes()
    modified = datetime.fromtimestamp(again.stat().st_mtime, UTC).replace(tzinfo=None)
    assert modified == datetime(2024, 1, 15, 9)
    evolve(tiny_folder, 5)
    assert (budget / "Budget_FY2025_v1.xlsx").exists()


def test_the_answer_key_lies_outside_the_load_path(tiny_folder: Path) -> None:
    key = json.loads((tiny_folder / "quirks.json").read_text(encoding="utf-8"))
    ids = [quirk["id"] for quirk in key["quirks"]]
    deleted = next(quirk for quirk in key["quirks"] if quirk["id"] == "A2")
    assert deleted == {"id": "A2", "entity": "Account", "keys": ["001C"], "expected": {"at": "2025-03-15T12:00:00"}}
    assert "O3" in ids
    assert ids.index("B2") < ids.index("B10")
    assert not list((tiny_folder / "drop").rglob("quirks*"))


def test_the_workbook_that_the_readme_checks_is_there(tiny_folder: Path) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"saleswh workbook check (\S+)", readme)
    assert named.startswith("var/demo/demo/")
    assert (tiny_folder / named.removeprefix("var/demo/demo/")).is_file()
