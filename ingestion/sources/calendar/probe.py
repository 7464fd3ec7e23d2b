"""Whether the library knows the country's public holidays for all years."""

from __future__ import annotations

from ingestion.findings import SourceFindings, TableFinding
from ingestion.sources.calendar import read_holidays
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.calendar.tables import TABLES

_ALWAYS_UNKNOWN = ("company holidays and bridge days.",)


def probe(config: CalendarConfig) -> SourceFindings:
    """Compute the holidays; IngestionError if the country or a year is not known."""
    (days,) = read_holidays(config)
    note = f"{config.country}, {config.first_year} to {config.last_year}"
    table = TableFinding("holiday", rows=days.num_rows, columns=len(TABLES["holiday"].columns), note=note)
    return SourceFindings("calendar", True, None, (table,), _ALWAYS_UNKNOWN)
