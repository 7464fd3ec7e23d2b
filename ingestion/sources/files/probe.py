"""What each configured file shows: columns, rows, age; a large CSV file is estimated from its first block."""

from __future__ import annotations

from datetime import UTC, datetime

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import IngestionError
from ingestion.findings import SourceFindings, TableFinding, compare_columns
from ingestion.sources.files import contract_of
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.files.reader import opened, read_rows
from ingestion.text_files import BLOCK_BYTES

_ALWAYS_UNKNOWN = ("when a row changed: a version is as old as the load that saw it first.",)


def probe(config: FilesConfig) -> SourceFindings:
    """Look at every configured file; one that cannot be read is its own finding."""
    tables = tuple(_look_at(table) for table in config.tables)
    reached = any(not table.problem for table in tables)
    return SourceFindings("files", reached, None, tables, _ALWAYS_UNKNOWN)


def _look_at(table: FileTable) -> TableFinding:
    try:
        contract = contract_of(table)
        finding = compare_columns(contract, (column.name for column in contract.columns))
        rows, is_estimate = _rows(table)
        return TableFinding(table.name, rows, is_estimate, _modified(table), finding.columns)
    except (IngestionError, pa.ArrowInvalid) as error:
        return TableFinding(table.name, problem=str(error))


def _rows(table: FileTable) -> tuple[int, bool]:
    """Return the number of rows and whether it is an estimate."""
    with opened(table) as stream:
        if table.format == "parquet":
            return pq.ParquetFile(stream).metadata.num_rows, False
        stream.seek(0, 2)
        size = stream.tell()
    batches = read_rows(table)
    if size > BLOCK_BYTES:
        return round(next(batches).num_rows * size / BLOCK_BYTES), True
    return sum(batch.num_rows for batch in batches), False


def _modified(table: FileTable) -> str | None:
    """Return when the file was written (UTC), where its place says so."""
    system, path = fsspec.core.url_to_fs(table.address.get_secret_value())
    try:
        moment: datetime = system.modified(path)
    except (NotImplementedError, OSError):
        return None
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
