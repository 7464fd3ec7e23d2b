"""Run a report's queries on a release and write its files.

What belongs here: reading the release once per table and handing the same frames to every writer. What does not:
queries (`reports/`), formats (`writers/`) and delivery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd

from exports.publish import Release
from exports.report import Report, Table
from exports.writers.csv import write_csv
from exports.writers.xlsx import write_workbook


class ReportError(Exception):
    """A report cannot be made from this release; the message names report, table and reason."""


@dataclass(frozen=True)
class RenderedTable:
    """A report table with its rows: a frame that holds exactly the declared columns, in order."""

    table: Table
    frame: pd.DataFrame


@dataclass(frozen=True)
class RenderedReport:
    """A report filled from one release. `data_as_of` is the release's clock (UTC)."""

    report: Report
    publish_id: str
    data_as_of: datetime
    tables: tuple[RenderedTable, ...]


@dataclass(frozen=True)
class ExportedFile:
    """One written file: its format, rows of data, and content hash."""

    path: Path
    format: str
    row_count: int
    sha256: str


def render(report: Report, release: Release) -> RenderedReport:
    """Run every query of the report on the release. Raises `ReportError` when one cannot run."""
    connection = duckdb.connect(str(release.database), read_only=True)
    try:
        tables = tuple(_run(connection, report, table, release) for table in report.tables)
    finally:
        connection.close()
    return RenderedReport(report, release.publish_id, release.data_as_of, tables)


def write_files(rendered: RenderedReport, folder: Path) -> list[ExportedFile]:
    """Write the workbook and one CSV per table into `folder`; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    report_id = rendered.report.report_id
    workbook = folder / f"{report_id}.xlsx"
    write_workbook(rendered, workbook)
    files = [_exported(workbook, "xlsx", sum(len(t.frame) for t in rendered.tables))]
    for table in rendered.tables:
        name = table.table.name.lower().replace(" ", "_")
        path = write_csv(table.frame, folder / f"{report_id}__{name}.csv")
        files.append(_exported(path, "csv", len(table.frame)))
    return files


def _run(connection: duckdb.DuckDBPyConnection, report: Report, table: Table, release: Release) -> RenderedTable:
    parameters: dict[str, date] = {}
    try:
        if "$as_of" in table.query:
            parameters["as_of"] = connection.execute("select business_date from ops.clock").fetchall()[0][0]
        frame = connection.execute(table.query, parameters).df()
    except duckdb.Error as error:
        raise ReportError(
            f"Report {report.report_id}, table {table.name!r}: release {release.publish_id} cannot answer it: {error}"
        ) from error
    return RenderedTable(table, frame[_declared(report, table, list(frame.columns))])


def _declared(report: Report, table: Table, found: Sequence[str]) -> list[str]:
    names = [column.name for column in table.columns]
    if missing := [name for name in names if name not in found]:
        raise ReportError(
            f"Report {report.report_id}, table {table.name!r}: its query gives no column {', '.join(missing)}."
        )
    return names


def _exported(path: Path, format_name: str, row_count: int) -> ExportedFile:
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return ExportedFile(path, format_name, row_count, digest)
