"""From sales lines to series: one total, regions, product lines and their crossings, as long frames.

Belongs here: series ids, levels, the hierarchy, observations and closed actuals. Not here: single lines, methods.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from forecasting.calendar import closed_periods, fiscal_periods
from forecasting.config import LEVELS, ForecastConfig
from forecasting.lines import UNITS, flag_one_offs, known_lines, sales_lines

DIM_SERIES_COLUMNS = [
    "series_id", "level", "measure", "region", "territory_id", "product_line", "product_category", "sales_rep_id",
    "segment", "customer_id",
]  # fmt: skip
_PART_NAMES = {"region": "region", "product_line": "line"}
_PARENT_LEVELS = {
    "total": (),
    "region": ("total",),
    "product_line": ("total",),
    "region_product_line": ("product_line", "region"),
}


# None rather than NaN: the column is text.
_NULL: Any = None


class SeriesSet(NamedTuple):
    """dim_series and bridge_series as in the public contract; observations per series and closed period.

    observations: series_id, period_start, value (actual), training_value (actual without one-offs), line_count,
    outlier_count; sorted; from the first period with sales, months without sales as 0.
    """

    dim_series: pd.DataFrame
    bridge_series: pd.DataFrame
    observations: pd.DataFrame


def series_id(measure: str, **members: str) -> str:
    """A stable, readable id such as `net_revenue|region=North|line=Pumps`; signs with a meaning are percent-encoded."""
    parts = [f"{_PART_NAMES[name]}={quote(member, safe=' ()&,.;:+/-')}" for name, member in members.items()]
    return "|".join([measure, *parts] if parts else [measure, "total"])


def build_series(sales: pd.DataFrame, periods: pd.DataFrame, data_as_of: datetime, config: ForecastConfig) -> SeriesSet:
    """Series as they could be known at `data_as_of`: closed periods only, lines posted by then only.

    Args:
        sales: see `lines.sales_lines`.
        periods: the fiscal calendar, see `calendar.fiscal_periods`.
        data_as_of: naive UTC.
    """
    calendar = fiscal_periods(periods, config)
    lines = known_lines(sales_lines(sales, calendar), data_as_of)
    lines = lines.assign(is_one_off=flag_one_offs(lines, config))
    lines["training_units"] = lines["units"].where(~lines["is_one_off"], 0)
    closed = closed_periods(calendar, data_as_of, config)["period_start"]
    sums = level_sums(lines, ["units", "training_units", "is_one_off"], config)
    dim = sums[DIM_SERIES_COLUMNS].drop_duplicates("series_id").sort_values("series_id", ignore_index=True)
    observations = _fill_gaps(sums, closed)
    return SeriesSet(dim, _bridge(dim, observations, config), observations)


def level_sums(lines: pd.DataFrame, sums: list[str], config: ForecastConfig) -> pd.DataFrame:
    """Sum columns of lines per series and period over every level.

    Returns: DIM_SERIES_COLUMNS, period_start, line_count and the summed columns.
    """
    frames = []
    for level in config.levels:
        keys = list(LEVELS[level])
        grouped = lines.groupby([*keys, "period_start"], sort=True)
        frame = grouped[sums].sum().assign(line_count=grouped.size()).reset_index()
        members = frame[keys].to_dict("records") if keys else [{}] * len(frame)
        frame["series_id"] = [series_id(config.measure, **{str(k): v for k, v in row.items()}) for row in members]
        frame["level"] = level
        frames.append(frame)
    result = pd.concat(frames, ignore_index=True).assign(measure=config.measure)
    for column in DIM_SERIES_COLUMNS:
        if column not in result:
            result[column] = None
        result[column] = result[column].astype(object).mask(result[column].isna(), other=_NULL)
    return result


def parents(dim: pd.DataFrame, config: ForecastConfig) -> pd.DataFrame:
    """Each series with each of its parents: child_series_id, parent_series_id, parent_level.

    Where a series has two parents the product line comes first: it is the one a short history borrows from.
    """
    rows = []
    for row in dim.itertuples(index=False):
        for level in _PARENT_LEVELS[str(row.level)]:
            members = {key: str(getattr(row, key)) for key in LEVELS[level]}
            rows.append((row.series_id, series_id(config.measure, **members), level))
    result = pd.DataFrame(rows, columns=["child_series_id", "parent_series_id", "parent_level"], dtype=object)
    return result[result["parent_series_id"].isin(dim["series_id"])].reset_index(drop=True)


def _fill_gaps(sums: pd.DataFrame, closed: pd.Series) -> pd.DataFrame:
    first = sums.groupby("series_id")["period_start"].min().rename("first_start").reset_index()
    grid = first.merge(closed.to_frame(), how="cross")
    grid = grid[grid["period_start"] >= grid["first_start"]].drop(columns="first_start")
    values = sums[["series_id", "period_start", "units", "training_units", "is_one_off", "line_count"]]
    filled = grid.merge(values, on=["series_id", "period_start"], how="left").sort_values(["series_id", "period_start"])
    return pd.DataFrame(
        {
            "series_id": filled["series_id"].astype(object),
            "period_start": filled["period_start"],
            "value": filled["units"].fillna(0).astype(float) / UNITS,
            "training_value": filled["training_units"].fillna(0).astype(float) / UNITS,
            "line_count": filled["line_count"].fillna(0).astype(int),
            "outlier_count": filled["is_one_off"].fillna(0).astype(int),
        }
    ).reset_index(drop=True)


def _bridge(dim: pd.DataFrame, observations: pd.DataFrame, config: ForecastConfig) -> pd.DataFrame:
    first = observations.groupby("series_id")["period_start"].min()
    bridge = parents(dim, config)[["parent_series_id", "child_series_id"]]
    bridge["valid_from"] = bridge["child_series_id"].map(first).dt.date if len(bridge) else None
    bridge["valid_to"] = None
    return bridge.sort_values(["parent_series_id", "child_series_id"], ignore_index=True)
