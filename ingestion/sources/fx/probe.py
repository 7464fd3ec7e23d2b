"""What the exchange-rate folder holds: files, rates, and until when."""

from __future__ import annotations

import pyarrow.compute as pc

from ingestion.casting import MISFIT
from ingestion.drop_folder import list_files
from ingestion.findings import SourceFindings, TableFinding
from ingestion.sources.fx import read_rates
from ingestion.sources.fx.config import FxConfig

_ALWAYS_UNKNOWN = ("a rate that nobody delivered: the warehouse bridges gaps of a few days, as the settings say.",)


def probe(config: FxConfig) -> SourceFindings:
    """Read all rate files; IngestionError if the folder, a file or its header is not as agreed."""
    files = list_files(config.folder, [config.pattern], "Exchange rates")
    (rates,) = read_rates(config)
    refused = rates.num_rows - rates[MISFIT].null_count
    note = f"{len(files)} files, rates from {pc.min(rates['rate_date'])} to {pc.max(rates['rate_date'])}"
    table = TableFinding(
        "rate",
        rows=rates.num_rows,
        newest=f"{files[-1].modified_at:%Y-%m-%d %H:%M:%S}",
        columns=rates.num_columns - 1,
        note=note + (f"; {refused} rates would be rejected" if refused else ""),
    )
    return SourceFindings("fx", True, None, (table,), _ALWAYS_UNKNOWN)
