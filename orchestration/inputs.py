"""What the Python parts read from the build and the state file.

What belongs here: queries that give a pure function the frame that it asks for. What does not: the functions.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from orchestration.state import read_only

_SALES = """
select
    sale.invoice_date,
    sale.posted_at,
    coalesce(territory.region, 'UNKNOWN') as region,
    coalesce(product.product_line, 'UNKNOWN') as product_line,
    sale.net_amount::double as net_amount,
    sale.invoice_id as document_id
from marts.fct_sales as sale
left join marts.dim_product as product using (product_key)
left join marts.dim_territory as territory
    on sale.territory_id = territory.territory_id
    and sale.invoice_date >= territory.valid_from
    and (sale.invoice_date < territory.valid_to or territory.valid_to is null)
order by sale.sales_line_id
"""

_PERIODS = """
select
    fiscal_period_key,
    any_value(fiscal_period_start) as period_start,
    any_value(fiscal_period_end) as period_end
from marts.dim_date
group by fiscal_period_key
order by fiscal_period_key
"""

_HOLIDAYS = "select date_day from marts.dim_date where holiday_name is not null order by date_day"

_FEATURES = "select * from intermediate.int_opportunity_features_observed order by as_of_date, opportunity_id"


def sales_frame(build_file: Path) -> pd.DataFrame:
    """One row per sales line with region as-was, product line, amount and posting time, for the forecasts."""
    return _read(build_file, _SALES)


def periods_frame(file: Path) -> pd.DataFrame:
    """The fiscal calendar of a build or a release: one row per fiscal period."""
    return _read(file, _PERIODS)


def holidays(file: Path) -> tuple[date, ...]:
    """The public holidays of the calendar, in order."""
    with read_only(file) as connection:
        return tuple(row[0] for row in connection.execute(_HOLIDAYS).fetchall())


def opportunity_features(build_file: Path) -> pd.DataFrame:
    """One row per as-of date and opportunity that was open then, with features and outcome."""
    return _read(build_file, _FEATURES)


def state_table(state_file: Path, table: str) -> pd.DataFrame:
    """A whole table of the state file."""
    return _read(state_file, f"select * from {table}")


def _read(file: Path, sql: str) -> pd.DataFrame:
    with read_only(file) as connection:
        return connection.execute(sql).df()
