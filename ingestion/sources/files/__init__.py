"""Plain CSV and Parquet files from any fsspec address, each read whole; columns are text unless typed in settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import dlt
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.contract import Column, TableContract, by_name
from ingestion.errors import IngestionError
from ingestion.sources.files.config import FilesConfig, FileTable
from ingestion.sources.files.reader import column_names, read_rows


def tables_of(config: FilesConfig) -> Mapping[str, TableContract]:
    """Return one contract per configured file, with the columns that the file has."""
    return by_name(contract_of(table) for table in config.tables)


def build(config: FilesConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of the configured files."""
    contracts = tables_of(config)

    @dlt.source(name="files", max_table_nesting=0)
    def files() -> Iterator[Any]:
        for table in config.tables:
            if context.wants(contracts[table.name]):
                yield context.resource(contracts[table.name], partial(_rows, table))

    return files()


def _rows(table: FileTable, _cursor: Any) -> Iterator[Any]:
    return read_rows(table)


def contract_of(table: FileTable) -> TableContract:
    """Return the contract of one file, with the columns that it has; IngestionError if the settings do not fit it."""
    names = column_names(table)
    unknown = sorted({*table.key, *table.columns} - set(names))
    if unknown:
        raise IngestionError(
            f"File table {table.name}: column {', '.join(unknown)} is named in the settings but the file has only"
            f" {', '.join(names)}; correct the settings or the file."
        )
    return TableContract(
        name=table.name,
        key=table.key,
        columns=tuple(Column(name, table.columns.get(name, "text"), name in table.key) for name in names),
        hard_deletes="key_comparison",
    )
