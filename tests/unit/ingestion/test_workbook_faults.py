"""Every awkward spreadsheet comes out as promised: loaded as it is, or refused by cell; and the reader survives it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_source import CLOCK, Warehouse
from workbook_faults import FAULTS, Fault
from workbook_files import ALIASES, budget_config, read_grids_here

from ingestion.casting import MISFIT
from ingestion.drop_folder import DroppedFile
from ingestion.registry import SOURCES
from ingestion.sources.budget.members import Members, read_members
from ingestion.sources.budget.reader import read_file
from ingestion.sources.budget.templates import read_templates
from ingestion.sources.budget.versions import VersionedFile
from ingestion.workbook import sandbox
from ingestion.workbook.grid import Grid
from ingestion.workbook.limits import WorkbookRefusedError

MODIFIED = datetime(2024, 2, 29)
UNTOUCHED = {"Pumps": 10, "Valves": 2, None: 5}
"""What stands in every cell that a fault leaves alone, by product category; lists of dates have none."""
TEMPLATES_USED = [
    pytest.param(template, id=template.strip().rpartition("\n")[2].strip())
    for template in dict.fromkeys(fault.template for fault in FAULTS)
]
DANGEROUS = {7, *range(13, 19), 31, 32}
"""Faults that are read in a process of their own, as all are in earnest; the others save its start."""


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    path = tmp_path_factory.mktemp("names") / "aliases.csv"
    path.write_text(ALIASES, encoding="utf-8")
    return read_members(path)


def read(path: Path, templates: str, members: Members) -> tuple[list[dict[str, Any]], list[str]]:
    """Read a file by the first template of a YAML text: its rows, and what was noted."""
    declared = path.parent / "templates.yml"
    declared.write_text(templates, encoding="utf-8")
    content = path.read_bytes()
    file = DroppedFile(path, path.name, hashlib.sha256(content).hexdigest(), MODIFIED, content)
    notes: list[str] = []
    versioned = VersionedFile(file, read_templates(declared)[0], "v1", 2024)
    return list(read_file(versioned, members, notes.append)), notes


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_fault_comes_out_as_promised(
    fault: Fault, tmp_path: Path, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault.number not in DANGEROUS:
        monkeypatch.setattr("ingestion.sources.budget.reader.read_grids", read_grids_here)
    rows, notes = read(fault.make(tmp_path), fault.template, members)
    loaded = {row["source_cell"]: row for row in rows if MISFIT not in row}
    assert len(loaded) == fault.count, [row.get(MISFIT) for row in rows if MISFIT in row][:3]
    for cell, value in fault.cells.items():
        if not value:
            assert cell not in loaded
        elif "period_start" in loaded[cell]:
            assert str(loaded[cell]["period_start"]) == value
        else:
            assert Decimal(loaded[cell]["amount"]) == Decimal(value)
    refused = {(row["source_sheet"], row["source_cell"]): row[MISFIT] for row in rows if MISFIT in row}
    assert bool(refused) == bool(fault.refused)
    for cell, sentence in fault.refused.items():
        sheet, _, place = cell.rpartition("!")
        reason = next(text for at, text in refused.items() if at[1] == place and sheet in ("", at[0]))
        assert sentence in reason
        assert reason.startswith("file ")
    assert_nothing_else_changed(fault, rows)
    for note in fault.notes:
        assert any(note in said for said in notes), notes
    assert fault.notes or not notes, notes


def assert_nothing_else_changed(fault: Fault, rows: list[dict[str, Any]]) -> None:
    """Every number of the file is loaded or refused, and each that the fault does not name is what was written."""
    if not fault.is_refused_as_a_whole:
        assert len(rows) == fault.written
    for row in rows:
        if MISFIT in row or (row["source_cell"] in fault.cells and "fiscal_period" in row):
            continue
        written = UNTOUCHED[row.get("product_category")]
        assert Decimal(row["amount"]) == written * row.get("unit_factor", 1), row["source_cell"]


@pytest.mark.parametrize("template", TEMPLATES_USED)
def test_a_load_keeps_what_came_of_each_fault(
    template: str, tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files that one template reads lie in one folder: raw and the rejected rows hold of each what they should."""
    files = drop_files(template, tmp_path)
    monkeypatch.setattr("ingestion.sources.budget.reader.read_grids", read_grids_by(files))
    config = budget_config(tmp_path / "drop", re.sub('files: ".*"', 'files: "Plan_*"', template))
    result = warehouse.load(SOURCES["budget"], config, only={"line"})
    assert result.appended == sum(fault.count for fault in files.values())
    loaded = warehouse.query("select source_file, source_cell, amount, period_start from raw_budget.line")
    refused = warehouse.query(
        "select json_extract_string(payload, '$.source_file'), json_extract_string(payload, '$.source_cell'), reason"
        " from quality.rejected_row"
    )
    for name, fault in files.items():
        cells = {cell: str(day) if day else amount for file, cell, amount, day in loaded if Path(file).name == name}
        assert len(cells) == fault.count, fault
        wanted = {cell: value if "-" in value[1:] else Decimal(value) for cell, value in fault.cells.items() if value}
        assert {cell: cells[cell] for cell in wanted} == wanted, fault
        for cell, sentence in fault.refused.items():
            at = "" if cell == "" else cell.rpartition("!")[2]
            reasons = [reason for file, place, reason in refused if (Path(file).name, place) == (name, at)]
            assert any(sentence in reason for reason in reasons), (fault, reasons)
    again = warehouse.load(SOURCES["budget"], config, CLOCK + timedelta(days=1), only={"line"})
    assert (again.appended, again.deleted) == (0, 0)
    assert warehouse.query("select distinct status from quality.load_reconciliation") == [("passed",)]


def drop_files(template: str, folder: Path) -> dict[str, Fault]:
    """Write the files that the template reads into subfolders of the drop folder; each once, by its own name."""
    files: dict[str, Fault] = {}
    contents: set[bytes] = set()
    for number, fault in enumerate(fault for fault in FAULTS if fault.template == template):
        (folder / str(number)).mkdir()
        made = fault.make(folder / str(number))
        if made.read_bytes() not in contents:
            contents.add(made.read_bytes())
            target = folder / "drop" / str(number) / f"Plan_FY2024_v{number}{made.suffix}"
            target.parent.mkdir(parents=True)
            made.rename(target)
            files[target.name] = fault
    return files


def read_grids_by(files: dict[str, Fault]) -> Any:
    """Return a reader that starts a process of its own for the dangerous files only."""

    def read_grids(content: bytes, name: str, **how: Any) -> list[Grid]:
        dangerous = files[name].number in DANGEROUS
        return sandbox.read_grids(content, name, **how) if dangerous else read_grids_here(content, name, **how)

    return read_grids


def test_every_number_of_the_list_is_there() -> None:
    assert {fault.number for fault in FAULTS} == set(range(1, 35))
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        ("import os; os.abort()", "takes more than the 512 MB allowed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "takes longer than the 30 s allowed"),
        ("raise KeyError('odd')", "reading it failed (KeyError: 'odd')"),
        (
            "from ingestion.workbook.worker import limit_process; limit_process(256 << 20, 9); b = bytes(1 << 30)",
            "takes more than the 512 MB allowed",
        ),
        (
            "from ingestion.workbook.worker import limit_process; limit_process(512 << 20, 1)\nwhile True: pass",
            "takes longer than the 30 s allowed",
        ),
    ],
)
def test_parent_outlives_its_worker(monkeypatch: pytest.MonkeyPatch, ending: str, sentence: str) -> None:
    start = f"import sys; sys.path.insert(0, sys.argv.pop(1))\n{ending}"
    monkeypatch.setattr(sandbox, "_START", start)
    with pytest.raises(WorkbookRefusedError) as refused:
        sandbox.read_grids(b"PK", "Plan.xlsx")
    assert sentence in str(refused.value)


def test_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(sandbox, "SECONDS", 1)
    with pytest.raises(WorkbookRefusedError, match="takes longer than"):
        sandbox.read_grids(b"PK", "Plan.xlsx")


def test_worker_imports_nothing_heavy() -> None:
    heavy = ("dlt", "pandas", "duckdb", "openpyxl", "pyarrow")
    code = f"import sys; import ingestion.workbook.worker; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
