"""Exchange-rate files in a drop folder: `date;from;to;type;rate`, all files read each time, the newest file wins."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.drop_folder import DroppedFile, list_files
from ingestion.errors import IngestionError
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.fx.tables import TABLES
from ingestion.text_files import header_of, read_text

_COLUMNS = {"date": "rate_date", "from": "from_currency", "to": "to_currency", "type": "rate_type", "rate": "rate"}

_NEWEST = """
    select * exclude (file_no, line_no),
        case when try_cast(rate as double) <= 0 then 'column rate: must be above zero, got ' || rate end as _misfit
    from rates
    qualify row_number() over (
        partition by rate_date, from_currency, to_currency, rate_type order by file_no desc, line_no desc
    ) = 1
    order by file_no, line_no
"""


def build(config: FxConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of the rate files."""

    @dlt.source(name="fx", max_table_nesting=0)
    def fx() -> Iterator[Any]:
        for contract in filter(context.wants, TABLES.values()):
            yield context.resource(contract, lambda _cursor: read_rates(config))

    return fx()


def read_rates(config: FxConfig) -> Iterator[pa.Table]:
    """Yield the rates of all files as text; where files overlap, the one modified last speaks."""
    files = list_files(config.folder, [config.pattern], "Exchange rates")
    tables = [table for number, file in enumerate(files) for table in _read_file(file, number, config)]
    rates = pa.concat_tables(tables, promote_options="default")
    with duckdb.connect(":memory:") as connection:
        connection.register("rates", rates)
        yield connection.execute(_NEWEST).to_arrow_table()


def _read_file(file: DroppedFile, number: int, config: FxConfig) -> Iterator[pa.Table]:
    what = f"Exchange-rate file {file.name}"
    form = {"delimiter": config.delimiter, "encoding": config.encoding}
    names = header_of(io.BytesIO(file.content), what, **form)
    if not set(names) >= set(_COLUMNS):
        raise IngestionError(
            f"{what}: expected the columns {config.delimiter.join(_COLUMNS)}, found {config.delimiter.join(names)};"
            " correct the header."
        )
    more = [name for name in names if name not in _COLUMNS]
    line = 2
    for table in read_text(io.BytesIO(file.content), what, names, **form):
        rows = table.num_rows
        renamed = table.select([*_COLUMNS, *more]).rename_columns([*_COLUMNS.values(), *more])
        for name, value in (
            ("source_file", pa.scalar(file.name)),
            ("file_sha256", pa.scalar(file.sha256)),
            ("file_modified_at", pa.scalar(file.modified_at, pa.timestamp("us"))),
            ("file_no", pa.scalar(number)),
        ):
            renamed = renamed.append_column(name, pa.repeat(value, rows))
        yield renamed.append_column("line_no", pa.array(range(line, line + rows)))
        line += rows
