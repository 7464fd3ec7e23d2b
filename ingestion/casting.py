"""Cast batches as a source gives them to the contract's types, and set aside the rows that do not fit.

What belongs here: the vectorised cast, the reasons for rejection and the content hash of a row. What does not:
which versions are new (`versions.py`) and where rejected rows are kept (`load_log.py`).

A batch is an Arrow table under the source's own column names. A source may add the column `MISFIT` (text): where
it is not null, the source itself says why the row cannot be loaded, and the cast says nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ingestion.contract import ARROW_TYPES, Column, ColumnType, TableContract
from ingestion.errors import IngestionError
from ingestion.naming import literal, quoted, raw_name

MISFIT = "_misfit"
"""Optional column of a batch: the reason why the source could not represent the row."""

ROW_NUMBER = "_row_number"
REASON = "_reason"
"""Column of a cast batch: why the row is rejected. Named so that a source's own column `Reason` stays apart."""

INCOMING = "incoming"

_SQL_TYPES: dict[ColumnType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(18, 4)",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}

_WRITTEN: dict[ColumnType, str] = {"date": " (YYYY-MM-DD)"}
"""How a text must be written to be of a type, where it is not plain: a reason for rejection says so."""


@dataclass(frozen=True)
class CastPlan:
    """How the columns of one kind of batch meet a contract.

    `extra` are columns that the contract does not know (they land as text); `missing` are declared columns that
    the batch lacks (they land as NULL). `sql` casts a relation named `incoming` and yields the declared and extra
    columns under raw names, plus `row_key`, `content_hash` and `REASON` (null where the row fits); `payload` is the
    SQL of the row as it came, as JSON.
    """

    extra: tuple[str, ...]
    missing: tuple[str, ...]
    sql: str
    payload: str


def plan_cast(contract: TableContract, batch: pa.Schema) -> CastPlan:
    """Return the cast of batches with schema `batch` to `contract`; IngestionError if a key column is absent."""
    present = {field.name: field.type for field in batch if field.name not in (MISFIT, ROW_NUMBER)}
    declared = {column.name for column in contract.columns}
    missing = tuple(column.name for column in contract.columns if column.name not in present)
    lost_keys = [name for name in contract.key if name in missing]
    if lost_keys:
        raise IngestionError(
            f"Table {contract.name}: key column {', '.join(lost_keys)} is missing at the source, which delivered"
            f" {', '.join(sorted(present)) or 'no column'}; restore it or change the contract."
        )
    extra = tuple(sorted(_extra_columns(contract, present.keys() - declared)))
    casts = [_cast_column(column, present.get(column.name)) for column in contract.columns]
    casts += [f"cast({quoted(name)} as varchar) as {quoted(raw_name(name))}" for name in extra]
    payload = ", ".join(f"{literal(name)}, {quoted(name)}" for name in present)
    sql = _cast_sql(contract, casts, extra, present, MISFIT in batch.names)
    return CastPlan(extra, missing, sql, f"cast(json_object({payload}) as varchar)")


def _extra_columns(contract: TableContract, names: set[str]) -> set[str]:
    taken = {raw_name(column.name) for column in contract.columns}
    return {name for name in names if raw_name(name) not in taken}


def _cast_sql(
    contract: TableContract,
    casts: list[str],
    extra: tuple[str, ...],
    present: dict[str, pa.DataType],
    has_misfit: bool,
) -> str:
    columns = [raw_name(column.name) for column in contract.columns] + [raw_name(name) for name in extra]
    hashed = [name for name in columns if name not in {raw_name(n) for n in contract.provenance}]
    originals = ", ".join(f"{quoted(name)} as {quoted('source.' + name)}" for name in present)
    return f"""
        with typed as (
            select {ROW_NUMBER}, {", ".join(casts)}, {originals},
                {MISFIT if has_misfit else "cast(null as varchar)"} as {MISFIT}
            from {INCOMING}
        )
        select {ROW_NUMBER}, {", ".join(quoted(name) for name in columns)},
            {key_expression(contract)} as row_key,
            {hash_expression(hashed)} as content_hash,
            {_reason(contract, present)} as {REASON}
        from typed
    """


def key_expression(contract: TableContract, prefix: str = "") -> str:
    """Return the SQL text that identifies a row by its key, over raw column names."""
    parts = ", ".join(f"cast({prefix}{quoted(raw_name(name))} as varchar)" for name in contract.key)
    return f"concat_ws('|', {parts})"


def hash_expression(columns: list[str]) -> str:
    """Return the SQL hash of a row's content. NULLs leave no trace, so a new empty column changes no hash."""
    parts = ", ".join(f"{literal(name + '=')} || cast({quoted(name)} as varchar)" for name in columns)
    return f"md5(concat_ws(chr(31), {parts}))"


def _cast_column(column: Column, source_type: pa.DataType | None) -> str:
    target = quoted(raw_name(column.name))
    if source_type is None:
        return f"cast(null as {_SQL_TYPES[column.type]}) as {target}"
    return f"{_cast_value(column, source_type)} as {target}"


def _cast_value(column: Column, source_type: pa.DataType) -> str:
    value = quoted(column.name)
    if column.type == "text" or _always_fits(column.type, source_type):
        return f"cast({value} as {_SQL_TYPES[column.type]})"
    if _is_text(source_type):
        value = f"nullif(trim({value}), '')"
        if column.type == "timestamp":
            return f"(try_cast({value} as timestamptz) at time zone 'UTC')"
    sql_type = _SQL_TYPES[column.type]
    exact = _exactness(column.type, value)
    return (
        f"case when {exact} then try_cast({value} as {sql_type}) end" if exact else f"try_cast({value} as {sql_type})"
    )


def _exactness(kind: ColumnType, value: str) -> str | None:
    """Return the condition under which a cast keeps the value; None where a failed cast says it all."""
    if kind == "integer":
        return f"try_cast({value} as bigint) = try_cast({value} as double)"
    if kind == "date":
        return f"try_cast({value} as date) = try_cast({value} as timestamp)"
    if kind == "boolean":
        return f"lower(cast({value} as varchar)) in ('true', 'false', '0', '1', '0.0', '1.0')"
    return None


def _is_text(source_type: pa.DataType) -> bool:
    return source_type in (pa.string(), pa.large_string())


def _always_fits(kind: ColumnType, source_type: pa.DataType) -> bool:
    """Return whether no value of the source's type can fail or change in the cast: nothing need be checked then."""
    if kind == "integer":
        return source_type in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32())
    if kind == "decimal":
        return isinstance(source_type, pa.Decimal128Type) and _fits_decimal(source_type.precision, source_type.scale)
    return kind != "text" and source_type == ARROW_TYPES[kind]


def _fits_decimal(precision: int, scale: int) -> bool:
    return scale <= 4 and precision - scale <= 14


def _reason(contract: TableContract, present: dict[str, pa.DataType]) -> str:
    checks = ["null"]
    for column in contract.columns:
        if column.name not in present:
            continue
        source_type = present[column.name]
        original, value = quoted("source." + column.name), quoted(raw_name(column.name))
        filled = f"nullif(trim({original}), '')" if _is_text(source_type) else original
        if column.type != "text" and not _always_fits(column.type, source_type):
            form = _WRITTEN.get(column.type, "") if _is_text(source_type) else ""
            expected = literal(f"column {column.name}: expected {column.type}{form}, got ")
            checks.append(
                f"case when {filled} is not null and {value} is null"
                f" then {expected} || left(cast({original} as varchar), 80) end"
            )
        if column.required:
            missing = f"{original} is null" if column.type == "text" else f"{filled} is null"
            checks.append(f"case when {missing} then {literal(f'column {column.name}: required, but empty')} end")
    return f"coalesce(nullif({MISFIT}, ''), nullif(concat_ws('; ', {', '.join(checks)}), ''))"
