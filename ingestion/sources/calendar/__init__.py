"""Public holidays of the company's country, from the rules that the `holidays` library ships; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import holidays
import pyarrow as pa
from dlt.extract import DltSource

from ingestion.context import LoadContext
from ingestion.errors import IngestionError
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.calendar.tables import TABLES


def build(config: CalendarConfig, context: LoadContext) -> DltSource:
    """Return the dlt source of the holidays."""

    @dlt.source(name="calendar", max_table_nesting=0)
    def calendar() -> Iterator[Any]:
        for contract in filter(context.wants, TABLES.values()):
            yield context.resource(contract, lambda _cursor: read_holidays(config))

    return calendar()


def read_holidays(config: CalendarConfig) -> Iterator[pa.Table]:
    """Yield one row per public holiday, in order of date."""
    country, _, subdivision = config.country.partition("-")
    years = range(config.first_year, config.last_year + 1)
    try:
        days = holidays.country_holidays(country, subdiv=subdivision or None, years=years, language="en_US")
    except NotImplementedError:
        # How the library says that it does not know a country or a part of it.
        raise IngestionError(
            f"Calendar: no holidays are known for {config.country}; give an ISO 3166 code such as RO or DE-BY."
        ) from None
    dates = sorted(days)
    yield pa.table(
        {
            "holiday_date": pa.array(dates, pa.date32()),
            "holiday_name": pa.array([days[day] for day in dates], pa.string()),
            "country": pa.array([config.country] * len(dates), pa.string()),
        }
    )
