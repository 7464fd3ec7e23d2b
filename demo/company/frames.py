"""Turning what a process produced into a timeline that keeps its table's contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import stamps
from demo.company.model import TableTimeline
from ingestion.contract import ColumnType, TableContract
from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.salesforce.tables import TABLES as CRM

VISIBLE = "_visible_from"
GONE = "_hard_deleted_at"


def crm_timeline(
    name: str, columns: Mapping[str, Any] | pd.DataFrame, *, gone: Any = None, visible: Any = None
) -> TableTimeline:
    """Timeline of a CRM object.

    `columns` are the contract's columns by name (missing ones become NULL); `visible` and `gone` are UTC seconds
    (negative: never). A version is visible from its stamp on (SystemModstamp, else CreatedDate) unless told otherwise.
    """
    frame, contract = pd.DataFrame(columns), CRM[name]
    stamp = str(contract.cursor)
    if "LastModifiedDate" not in frame and any(column.name == "LastModifiedDate" for column in contract.columns):
        frame["LastModifiedDate"] = frame[stamp]
    frame[VISIBLE] = frame[stamp] if visible is None else stamps(visible)
    return _finish(contract, frame, gone, stamp)


def erp_timeline(name: str, columns: Mapping[str, Any] | pd.DataFrame, *, gone: Any = None) -> TableTimeline:
    """Timeline of an ERP table; visible from `updated_at` on. `rowversion` is numbered later, over all tables."""
    frame = pd.DataFrame(columns)
    frame[VISIBLE] = frame["updated_at"]
    frame["rowversion"] = 0
    return _finish(ERP[name], frame, gone, "updated_at")


def number_rowversions(tables: list[TableTimeline]) -> list[TableTimeline]:
    """Give every ERP version its place in the database's one counter, by moment, then table, then key."""
    moments = [table.frame[VISIBLE].to_numpy() for table in tables]
    owner = np.repeat(np.arange(len(tables)), [len(m) for m in moments])
    order = np.lexsort((owner, np.concatenate(moments)))
    rank = np.empty(len(order), dtype="int64")
    rank[order] = np.arange(1, len(order) + 1)
    numbered = []
    for position, table in enumerate(tables):
        frame = table.frame.assign(rowversion=pd.array(rank[owner == position], dtype="Int64"))
        numbered.append(TableTimeline(table.name, table.key, frame))
    return numbered


def _finish(contract: TableContract, frame: pd.DataFrame, gone: Any, stamp: str) -> TableTimeline:
    names = [column.name for column in contract.columns]
    unknown = sorted(set(frame.columns) - {*names, VISIBLE, GONE})
    if unknown:
        raise ValueError(f"Table {contract.name}: {', '.join(unknown)} not in its contract.")
    typed = {c.name: _typed(frame, c.name, c.type) for c in contract.columns}
    out = pd.DataFrame(typed, index=frame.index)
    out[VISIBLE] = frame[VISIBLE].astype("datetime64[us]")
    out[GONE] = pd.Series(np.datetime64("NaT"), index=frame.index, dtype="datetime64[us]") if gone is None else gone
    out[GONE] = out[GONE].astype("datetime64[us]")
    out = out.sort_values([*contract.key, stamp], kind="stable", ignore_index=True)
    return TableTimeline(contract.name, contract.key, out)


def _typed(frame: pd.DataFrame, name: str, kind: ColumnType) -> Any:
    if name not in frame:
        frame = frame.assign(**{name: None})
    column = frame[name]
    if kind == "text":
        values = column.to_numpy(dtype=object, copy=True)
        values[column.isna().to_numpy()] = None
        return values
    if kind == "boolean":
        return column.astype("boolean")
    if kind == "integer":
        return column.astype("Int64")
    if kind in ("date", "timestamp"):
        return pd.to_datetime(column).astype("datetime64[us]")
    return column.astype("float64")
