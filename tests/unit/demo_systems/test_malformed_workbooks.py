"""The ten malformed workbooks: same bytes every time, true to their formats, and coming out as the key says."""

from __future__ import annotations

import io
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msoffcrypto
import olefile
import pandas as pd
import pytest
import xlrd
import yaml

from demo.company.model import Company
from demo.systems.store import MALFORMED_FOLDER
from demo.workbooks.malformed import OUTCOMES_FILE, malformed_workbooks, write_malformed
from demo.workbooks.malformed.cases import PASSWORD
from demo.workbooks.malformed.compound import compound_file
from ingestion.pipeline import load
from ingestion.registry import SOURCES
from ingestion.sources.budget import matching_files
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.budget.kinds import KINDS
from orchestration.settings import Settings
from orchestration.workbooks import check_workbook

FAULTS = (
    "two header rows", "three header rows", "no header", "totals above", "totals right", "merged body cells",
    "formula without result", "password", "old format", "semicolons and commas",
)  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tiny_original: Path) -> dict[str, dict[str, Any]]:
    content = (tiny_original / MALFORMED_FOLDER / OUTCOMES_FILE).read_text(encoding="utf-8")
    return {entry["fault"]: entry for entry in yaml.safe_load(content)}


def file_of(tiny: Company, fault: str) -> bytes:
    return next(workbook.content for workbook in malformed_workbooks(tiny) if workbook.fault == fault)


def test_bytes_do_not_depend_on_when_they_are_made(tiny: Company, tiny_original: Path, tmp_path: Path) -> None:
    write_malformed(tmp_path / "again", tiny)
    first, again = (
        {p.name: p.read_bytes() for p in f.iterdir()} for f in (tiny_original / "malformed", tmp_path / "again")
    )
    assert first == again
    assert len(first) == len(FAULTS) + 1


@pytest.mark.parametrize("fault", FAULTS)
def test_workbook_comes_out_as_the_key_says(
    fault: str, outcomes: dict[str, dict[str, Any]], tiny_original: Path, tmp_path: Path
) -> None:
    expected = outcomes[fault]
    file = tiny_original / MALFORMED_FOLDER / expected["file"]
    settings = Settings(var_dir=tmp_path, drop_folder=tiny_original / "drop")
    report = check_workbook(settings, file, None, tmp_path / "rows.csv")
    rows = pd.read_csv(tmp_path / "rows.csv", dtype=str, keep_default_na=False)
    refused = {row.source_cell: row.reason for row in rows.itertuples() if row.reason}
    assert report.loaded == expected["rows_loaded"]
    assert sum(Decimal(row.amount) for row in rows.itertuples() if not row.reason) == Decimal(str(expected["amount"]))
    assert refused.keys() == {entry["cell"] for entry in expected["refused"]}
    for entry in expected["refused"]:
        assert entry["message"] in refused[entry["cell"]]
    by_count = "loaded" if not refused else "partly loaded" if report.loaded else "rejected"
    assert expected["outcome"] == by_count


def test_a_load_of_all_ten_keeps_what_the_key_says(
    outcomes: dict[str, dict[str, Any]], tiny_original: Path, tmp_path: Path
) -> None:
    """Lying in the drop folder after all, they are loaded or kept as rejected, and none hinders another."""
    budget = Path(shutil.copytree(tiny_original / MALFORMED_FOLDER, tmp_path / "budget"))
    for name in ("templates.yml", "aliases.csv"):
        shutil.copy(tiny_original / "drop" / "budget" / name, budget)
    config = BudgetConfig(folder=budget, templates_file=budget / "templates.yml", aliases_file=budget / "aliases.csv")
    state = tmp_path / "state.duckdb"
    load(
        SOURCES["budget"],
        config,
        state_file=state,
        pipelines_dir=tmp_path / "pipelines",
        clock=datetime(2025, 3, 14),
        only={"line"},
    )
    with duckdb.connect(str(state), read_only=True) as connection:
        loaded = connection.execute("select source_file, count(*), sum(amount) from raw_budget.line group by 1")
        found = {file: (count, amount) for file, count, amount in loaded.fetchall()}
        rejected = connection.execute(
            "select json_extract_string(payload, '$.source_file'), json_extract_string(payload, '$.source_cell'),"
            " reason from quality.rejected_row"
        ).fetchall()
    for fault, expected in outcomes.items():
        numbers = (expected["rows_loaded"], Decimal(str(expected["amount"])))
        assert found.get(expected["file"], (0, Decimal(0))) == numbers, fault
        reasons = {cell: reason for file, cell, reason in rejected if file == expected["file"]}
        assert reasons.keys() == {entry["cell"] for entry in expected["refused"]}, fault
        assert all(entry["message"] in reasons[entry["cell"]] for entry in expected["refused"]), fault


def test_the_key_knows_all_ten_and_each_outcome(outcomes: dict[str, dict[str, Any]]) -> None:
    assert tuple(outcomes) == FAULTS
    assert {entry["outcome"] for entry in outcomes.values()} == {"loaded", "partly loaded", "rejected"}


def test_totals_are_proven_wherever_they_stand(
    outcomes: dict[str, dict[str, Any]], tiny_original: Path, tmp_path: Path
) -> None:
    settings = Settings(var_dir=tmp_path, drop_folder=tiny_original / "drop")
    for fault in ("two header rows", "three header rows", "totals above", "totals right", "semicolons and commas"):
        file = tiny_original / MALFORMED_FOLDER / outcomes[fault]["file"]
        report = check_workbook(settings, file, None, tmp_path / "rows.csv")
        assert list(report.sheets["totals proven"]) == [2 * 2 + 14], fault


def test_no_load_of_the_demo_sees_them(tiny_original: Path) -> None:
    budget = tiny_original / "drop" / "budget"
    config = BudgetConfig(folder=budget, templates_file=budget / "templates.yml")
    read = [file.name for file, _ in matching_files(config, KINDS["budget"])]
    assert read == ["Budget_FY2024_v1.xlsx", "resent/Budget_FY2024_v1.xlsx", "Budget_FY2024_v2.xlsx"]


def test_password_opens_the_locked_workbook(tiny: Company) -> None:
    opened = msoffcrypto.OfficeFile(io.BytesIO(file_of(tiny, "password")))
    assert opened.is_encrypted()
    opened.load_key(password=PASSWORD, verify_password=True)
    target = io.BytesIO()
    opened.decrypt(target)
    assert target.getvalue().startswith(b"PK")


def test_old_format_is_read_by_another_reader(tiny: Company) -> None:
    book = xlrd.open_workbook(file_contents=file_of(tiny, "old format"), formatting_info=True, ragged_rows=True)
    sheet = book.sheet_by_index(0)
    assert sheet.name == "North"
    assert sheet.row_values(5)[:3] == ["North Coast", "Pumps", 12_340.0]
    assert sheet.row_values(4)[-1] == "FY"


def test_streams_of_any_length_come_back() -> None:
    """Both sides of the border between small and large streams, and of the sectors' lengths."""
    for lengths in ((0, 1), (63, 4095), (64, 4096), (4097, 512), (20_000, 9_000)):
        streams = {"EncryptionInfo": bytes([1]) * lengths[0], "EncryptedPackage": bytes([2]) * lengths[1]}
        with olefile.OleFileIO(compound_file(streams)) as file:
            assert {name: file.openstream(name).read() for name in streams} == streams
