"""Values that a table's declared type would change without a word: their rows are rejected instead.

What belongs here: digits beyond a decimal's four, text that is no text, days outside the calendar. What does not:
values that simply are of another type, which every source's cast finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.casting import MISFIT
from ingestion.contract import TableContract
from ingestion.sources.erp.session import SourceColumn

_LOST_DIGITS = r"\.\d{4}\d*[1-9]|[eE]-"
_FIRST_YEAR, _LAST_YEAR = 1, 9999


def with_misfits(batch: pa.Table, contract: TableContract, columns: Sequence[SourceColumn]) -> pa.Table:
    """Return the batch with the reasons for rejecting rows, if there is one; text that is not UTF-8 is escaped."""
    batch, reasons = _readable(batch)
    declared = {column.name: column.type for column in contract.columns}
    wide = [column.name for column in columns if column.type == "text" and declared.get(column.name) == "decimal"]
    # Binary numbers have digits that nobody wrote: they are rounded, as everywhere.
    reasons += [_lost_digits(name, batch[name]) for name in wide if not pa.types.is_floating(batch[name].type)]
    reasons += list(_impossible_days(batch))
    found = [reason for reason in reasons if reason.null_count < len(reason)]
    if not found:
        return batch
    per_row = zip(*(reason.to_pylist() for reason in found), strict=True)
    joined = ["; ".join(filter(None, told)) or None for told in per_row]
    return batch.append_column(MISFIT, pa.array(joined, pa.string()))


def _readable(batch: pa.Table) -> tuple[pa.Table, list[pa.ChunkedArray]]:
    reasons = []
    for position, field in enumerate(batch.schema):
        if not pa.types.is_string(field.type) or _is_text(batch.column(position)):
            continue
        values = batch.column(position).cast(pa.binary()).to_pylist()
        reason = f"column {field.name}: its text is not UTF-8"
        reasons.append(
            pa.chunked_array([pa.array([None if _decodes(value) else reason for value in values], pa.string())])
        )
        texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in values]
        batch = batch.set_column(position, field.name, pa.array(texts, pa.string()))
    return batch, reasons


def _is_text(values: pa.ChunkedArray) -> bool:
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decodes(value: bytes | None) -> bool:
    try:
        (value or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lost_digits(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = values if pa.types.is_string(values.type) else values.cast(pa.string())
    told = pc.binary_join_element_wise(f"column {name}: more than four decimals would be lost of", texts, " ")
    return pc.if_else(pc.match_substring_regex(texts, _LOST_DIGITS), told, None)


def _impossible_days(batch: pa.Table) -> Iterator[pa.ChunkedArray]:
    for field in batch.schema:
        if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type):
            years = pc.year(batch[field.name])
            outside = pc.or_(pc.less(years, _FIRST_YEAR), pc.greater(years, _LAST_YEAR))
            reason = f"column {field.name}: a day outside the years {_FIRST_YEAR} to {_LAST_YEAR}"
            yield pc.if_else(outside, pa.scalar(reason), pa.scalar(None, pa.string()))
