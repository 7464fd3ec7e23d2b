"""A workbook of 200,000 rows, read in a process of its own, against openpyxl in read-only mode.

What belongs here: this one comparison. What does not: the reading (ingestion.workbook).
Run: python -m benchmarks.workbooks
"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import xlsxwriter

from benchmarks.measure import Measured, ratio_line
from ingestion.workbook.sandbox import read_grids

COLUMNS = 12


def main(rows: int = 200_000) -> None:
    """Print how much of openpyxl's time the reading takes, and how much memory."""
    with tempfile.TemporaryDirectory() as name:
        path = _write(Path(name) / "big.xlsx", rows)
        with Measured() as floor:
            count = _read_with_openpyxl(path)
        with Measured() as measured:
            (grid,) = read_grids(path.read_bytes(), path.name)
        if len(grid.rows) != count:
            raise SystemExit(f"The two readers disagree: {len(grid.rows)} rows against {count}.")
        print(f"Workbook of {rows:,} rows × {COLUMNS} columns, {path.stat().st_size / 1e6:.0f} MB")
        print(ratio_line("limited process", measured.seconds, "openpyxl read-only", floor.seconds))
        print(
            f"  {floor.seconds / measured.seconds:.1f} times as fast; peak {measured.peak_mb:,.0f} MB with its parent"
        )


def _write(path: Path, rows: int) -> Path:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Plan")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Territory", "Category", "Month", *(f"Value {n}" for n in range(3, COLUMNS))])
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, [f"Territory {row % 97}", f"Category {row % 12}"])
            sheet.write_datetime(row, 2, date(2024, 1 + row % 12, 1), day)
            sheet.write_row(row, 3, [row * column % 100_000 / 4 for column in range(3, COLUMNS)])
    return path


def _read_with_openpyxl(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))


if __name__ == "__main__":
    main()
