"""Sales lines made ready for series: checked, placed in a fiscal period, exact amounts, one-offs flagged.

Belongs here: everything about single lines. Does not belong here: series, levels, methods.
Amounts are whole ten-thousandths, so that sums do not depend on the order of rows.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from forecasting.calendar import utc_naive
from forecasting.config import ForecastConfig

SALES_COLUMNS = ["invoice_date", "posted_at", "region", "product_line", "net_amount"]
UNITS = 10_000  # amounts in the marts have four decimals
_NORMAL_MAD = 1.4826


def sales_lines(sales: pd.DataFrame, calendar: pd.DataFrame) -> pd.DataFrame:
    """Checked lines with their period.

    Args:
        sales: one row per sales line: `invoice_date`, `posted_at` (naive UTC), `region`, `product_line`, `net_amount`,
            and optionally `document_id`, which lets a one-off spread over several lines be seen as one.
        calendar: result of `calendar.fiscal_periods`.
    Returns:
        region, product_line, document_id, posted_at, period_start, closes_at, units (int64 ten-thousandths).
    Raises:
        ValueError: a column or a value is missing, or a line lies outside the fiscal calendar.
    """
    _require_complete(sales)
    dates = pd.to_datetime(sales["invoice_date"]).astype("datetime64[us]").to_numpy()
    position = np.searchsorted(calendar["period_start"].to_numpy(), dates, side="right") - 1
    outside = (position < 0) | (dates > calendar["period_end"].to_numpy()[position])
    if outside.any():
        raise ValueError(
            f"Expected every invoice_date within the fiscal calendar; {int(outside.sum())} sales lines lie outside, "
            f"the first dated {pd.Timestamp(dates[outside].min()).date()}. Mend the dates, or widen the calendar "
            "by SALESWH_CALENDAR_START and SALESWH_CALENDAR_END."
        )
    lines = pd.DataFrame(index=pd.RangeIndex(len(sales)))
    for column in ("region", "product_line"):
        lines[column] = sales[column].astype(object).where(sales[column].notna(), "UNKNOWN").astype(str).to_numpy()
    documents = sales.get("document_id", lines.index)
    lines["document_id"] = documents.astype(str).to_numpy()
    lines["posted_at"] = pd.to_datetime(sales["posted_at"]).astype("datetime64[us]").to_numpy()
    lines["period_start"] = calendar["period_start"].to_numpy()[position]
    lines["closes_at"] = calendar["closes_at"].to_numpy()[position]
    lines["units"] = np.rint(sales["net_amount"].astype(float).to_numpy() * UNITS).astype(np.int64)
    return lines


def known_lines(lines: pd.DataFrame, data_as_of: datetime) -> pd.DataFrame:
    """The lines of closed periods that were posted by `data_as_of`: all that a vintage may see."""
    moment = utc_naive(data_as_of)
    return lines[(lines["posted_at"] <= moment) & (lines["closes_at"] <= moment)]


def flag_one_offs(lines: pd.DataFrame, config: ForecastConfig) -> pd.Series:
    """Boolean per line: belongs to a document that is no pattern to learn from.

    A document is a one-off when its size is far out among all documents (robust z of the log amount above
    `config.one_off_z`) and it alone exceeds `config.one_off_share` of a usual period of its region and product line.
    Both are needed: large documents are ordinary in a company of large documents, and in a tiny series all are large.
    """
    documents = lines.groupby(["document_id", "region", "product_line"], sort=True)["units"].sum().abs().reset_index()
    sized = documents[documents["units"] > 0]
    if sized.empty:
        return pd.Series(False, index=lines.index)
    size = np.log(sized["units"].to_numpy(dtype=float))
    middle = float(np.median(size))
    spread = _NORMAL_MAD * float(np.median(np.abs(size - middle)))
    far_out = size > middle + config.one_off_z * max(spread, 1e-9)
    usual = _usual_period(lines).reindex(pd.MultiIndex.from_frame(sized[["region", "product_line"]])).to_numpy()
    flagged = sized[far_out & (sized["units"].to_numpy() > config.one_off_share * usual)]
    keys = pd.MultiIndex.from_frame(flagged[["document_id", "region", "product_line"]])
    own = pd.MultiIndex.from_frame(lines[["document_id", "region", "product_line"]])
    return pd.Series(own.isin(keys), index=lines.index)


def _usual_period(lines: pd.DataFrame) -> pd.Series:
    leaf = ["region", "product_line"]
    return lines.groupby([*leaf, "period_start"])["units"].sum().groupby(level=leaf).median()


def _require_complete(sales: pd.DataFrame) -> None:
    missing = [column for column in SALES_COLUMNS if column not in sales.columns]
    if missing:
        raise ValueError(f"Expected sales with columns {', '.join(SALES_COLUMNS)}; missing {', '.join(missing)}.")
    for column in ("invoice_date", "posted_at", "net_amount"):
        empty = sales[column].isna()
        if empty.any():
            raise ValueError(
                f"Expected {column} on every sales line; {int(empty.sum())} of {len(sales)} lines have none. "
                "Exclude them or fill them before forecasting."
            )
