"""The generated company on disk: its whole timeline, so that moving forward never generates again.

    timeline/crm/<Object>.parquet    typed as the contract says, each version with the interval in which it shows
    timeline/erp/<table>.parquet     as generated
    timeline/fx.parquet, timeline/schema_events.json

What does not belong here: the systems themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from demo.company.timeline import Company, TableTimeline
from demo.systems.schema_events import write_schema_events
from ingestion.contract import ARROW_TYPES
from ingestion.sources.erp.tables import TABLES as ERP_TABLES
from ingestion.sources.salesforce.tables import TABLES as CRM_TABLES

_STAMP = pa.timestamp("us")


def write_timeline(folder: Path, company: Company) -> None:
    """Write every table's timeline, the exchange rates and the schema events of a company."""
    for system in ("crm", "erp"):
        (folder / "timeline" / system).mkdir(parents=True, exist_ok=True)
    for table in company.crm.values():
        pq.write_table(_crm_table(table), folder / "timeline" / "crm" / f"{table.name}.parquet")
    for table in company.erp.values():
        table.frame.to_parquet(_erp_file(folder, table.name), index=False)
    company.fx.to_parquet(folder / "timeline" / "fx.parquet", index=False)
    write_schema_events(folder, company.schema_events)


def read_erp_table(folder: Path, name: str) -> TableTimeline:
    """The timeline of one ERP table."""
    return TableTimeline(name, ERP_TABLES[name].key, pd.read_parquet(_erp_file(folder, name)))


def read_rates(folder: Path) -> pd.DataFrame:
    """The exchange rates up to the horizon: rate_date, from_currency, to_currency, rate_type, rate."""
    return pd.read_parquet(folder / "timeline" / "fx.parquet")


def _crm_table(table: TableTimeline) -> pa.Table:
    """The contract's columns in their types, then `_visible_from`, `_visible_to` and `_hard_deleted_at`."""
    arrays = {c.name: _array(table.frame[c.name], ARROW_TYPES[c.type]) for c in CRM_TABLES[table.name].columns}
    arrays["_visible_from"] = _array(table.frame["_visible_from"], _STAMP)
    arrays["_visible_to"] = pa.array(_visible_to(table), type=_STAMP)
    arrays["_hard_deleted_at"] = _array(table.frame["_hard_deleted_at"], _STAMP)
    return pa.table(arrays)


def _array(column: pd.Series, kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        return pa.array(column, type=pa.float64(), from_pandas=True).cast(kind)
    return pa.array(column, type=kind, from_pandas=True, safe=False)


def _visible_to(table: TableTimeline) -> Any:
    """When each version stops to show: at the first appearance of a later one, or at its hard deletion.

    Versions arrive late, so a later version (by stamp) may appear before an earlier one, which then never shows.
    """
    frame = table.frame
    later = frame[[*table.key, "_visible_from"]].iloc[::-1]
    later = later.assign(earliest=later.groupby(list(table.key), sort=False)["_visible_from"].cummin())
    earliest = later.groupby(list(table.key), sort=False)["earliest"].shift().iloc[::-1]
    return np.fmin(
        earliest.to_numpy(dtype="datetime64[us]"), frame["_hard_deleted_at"].to_numpy(dtype="datetime64[us]")
    )


def _erp_file(folder: Path, name: str) -> Path:
    return folder / "timeline" / "erp" / f"{name}.parquet"
