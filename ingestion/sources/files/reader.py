"""Open a configured file through fsspec and read it as Arrow.

What belongs here: formats, encodings, the shift of dates. What does not: keys and types (`__init__.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import IngestionError, secrets_in, without_secrets
from ingestion.naming import quoted
from ingestion.sources.files.config import FileTable
from ingestion.text_files import header_of, read_text


def column_names(table: FileTable) -> list[str]:
    """Return the file's columns; IngestionError if it cannot be opened."""
    with opened(table) as stream:
        if table.format == "parquet":
            return list(pq.read_schema(stream).names)
        return header_of(stream, _what(table), delimiter=table.delimiter, encoding=table.encoding)


def read_rows(table: FileTable) -> Iterator[pa.Table]:
    """Yield the file's rows, CSV columns as text, dates shifted where the settings say so."""
    names = column_names(table)
    with opened(table) as stream:
        if table.format == "parquet":
            batches: Iterator[pa.Table] = (pa.Table.from_batches([b]) for b in pq.ParquetFile(stream).iter_batches())
        else:
            batches = read_text(stream, _what(table), names, delimiter=table.delimiter, encoding=table.encoding)
        for batch in batches:
            yield _shifted(batch, table)


def _shifted(batch: pa.Table, table: FileTable) -> pa.Table:
    dated = {name: kind for name, kind in table.columns.items() if kind in ("date", "timestamp")}
    if not table.date_shift_years or not dated:
        return batch
    replacements = ", ".join(
        f"coalesce(cast(cast(try_cast({quoted(name)} as timestamp) + to_years({table.date_shift_years}) as {kind})"
        f" as varchar), cast({quoted(name)} as varchar)) as {quoted(name)}"
        for name, kind in dated.items()
    )
    with duckdb.connect(":memory:") as connection:
        connection.register("batch", batch)
        return connection.execute(f"select * replace ({replacements}) from batch").to_arrow_table()


@contextmanager
def opened(table: FileTable) -> Iterator[IO[Any]]:
    """Open the file for reading; IngestionError names its address without what is secret in it."""
    try:
        with fsspec.open(table.address.get_secret_value(), "rb") as stream:
            yield stream
    except (OSError, ImportError, ValueError, pa.ArrowInvalid) as error:
        raise IngestionError(
            f"{_what(table)} cannot be read: {type(error).__name__}: {without_secrets(str(error), secrets_in(table))};"
            " check the address and the access to it."
        ) from None


def _what(table: FileTable) -> str:
    return f"File {without_secrets(table.address.get_secret_value())} of table {table.name}"
