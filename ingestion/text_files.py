"""Read delimited text as Arrow with every column text: nothing is inferred, nothing is rounded.

An empty field without quotes is NULL, a quoted empty field is the empty text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pacsv

from ingestion.errors import IngestionError

BLOCK_BYTES = 8 << 20
"""How much of a file is read at a time."""


def header_of(stream: IO[Any], what: str, *, delimiter: str = ",", encoding: str = "utf-8") -> list[str]:
    """Return the column names of the text's first line."""
    return list(_open(stream, what, delimiter, encoding, None).schema.names)


def read_text(
    stream: IO[Any], what: str, names: list[str], *, delimiter: str = ",", encoding: str = "utf-8"
) -> Iterator[pa.Table]:
    """Yield the text's rows as Arrow text columns; IngestionError names `what` where a line does not fit."""
    reader = _open(stream, what, delimiter, encoding, names)
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except pa.ArrowInvalid as error:
            raise _unreadable(what, error) from None
        yield pa.Table.from_batches([batch])


def _open(
    stream: IO[Any], what: str, delimiter: str, encoding: str, names: list[str] | None
) -> pacsv.CSVStreamingReader:
    try:
        return pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(block_size=BLOCK_BYTES, encoding=encoding),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names or [], pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError, LookupError) as error:
        raise _unreadable(what, error) from None


def _unreadable(what: str, error: Exception) -> IngestionError:
    return IngestionError(f"{what} is not readable as delimited text: {error}; save it again in the agreed form.")
