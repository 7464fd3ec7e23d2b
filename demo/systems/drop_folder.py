"""The demo company's drop folder: exchange-rate files as a bank portal writes them, and the budget folder.

    fx/fx_daily_FY2024.csv         daily rates of one fiscal year, business days only
    fx/fx_daily_2025-03-17.csv     one file per later business day
    fx/fx_budget.csv               budget rates, dated at the start of each fiscal year
    budget/, budget/resent/        budget workbooks; a re-sent file has the same name and other content

Files are UTF-8, separated by semicolons: ``date;from;to;type;rate``. A day's rates are out at 16:00 UTC. Modification
times are part of the data and follow the company's time. Not here: what the workbooks look like.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pandas as pd

from demo.company.clock import FROZEN_NOW, HISTORY_START, fiscal_year

PUBLISHED_AT = time(16)
_HEADER = ["date", "from", "to", "type", "rate"]


def write_rates(folder: Path, rates: pd.DataFrame, now: datetime) -> None:
    """Bring ``folder/fx`` to what the company has received by `now`; files that are there stay untouched.

    `rates` has rate_date, from_currency, to_currency, rate_type, rate up to the horizon.
    """
    (folder / "fx").mkdir(parents=True, exist_ok=True)
    table = _as_delivered(rates)
    _write_budget_rates(folder / "fx" / "fx_budget.csv", table[table["type"] == "budget"], now)
    daily = table[table["type"] == "daily"]
    for name, rows in daily.groupby(daily["day"].map(_daily_file), sort=True):
        path = folder / "fx" / str(name)
        out_at = datetime.combine(rows["day"].max(), PUBLISHED_AT)
        if out_at <= now and not path.exists():
            _write(path, rows, out_at)


def deliver_workbooks(folder: Path, rendered: Path, now: datetime) -> None:
    """Copy the workbooks delivered by `now` from `rendered` into ``folder/budget``, with their delivery times.

    `rendered` holds one folder per delivery, named by its moment as `rendered_folder` does.
    """
    (folder / "budget").mkdir(parents=True, exist_ok=True)
    for source in sorted(rendered.glob("*/*.xlsx")):
        delivered = datetime.strptime(source.parent.name, _DELIVERY_FORMAT)
        first = folder / "budget" / source.name
        target = first if _is_first_delivery(source, rendered) else folder / "budget" / "resent" / source.name
        if delivered <= now and not target.exists():
            target.parent.mkdir(exist_ok=True)
            draft = target.with_suffix(".part")
            shutil.copyfile(source, draft)
            _stamp(draft, delivered)
            draft.replace(target)


def rendered_folder(rendered: Path, delivered: datetime) -> Path:
    """The folder of one delivery among the rendered workbooks."""
    return rendered / delivered.strftime(_DELIVERY_FORMAT)


_DELIVERY_FORMAT = "%Y-%m-%dT%H%M%S"


def _is_first_delivery(source: Path, rendered: Path) -> bool:
    return source == min(rendered.glob(f"*/{source.name}"))


def _as_delivered(rates: pd.DataFrame) -> pd.DataFrame:
    table = rates.rename(columns={"from_currency": "from", "to_currency": "to", "rate_type": "type"})
    table = table.assign(day=pd.to_datetime(table["rate_date"]).dt.date)
    table["date"] = table["day"].map(date.isoformat)
    return table.sort_values(["date", "from", "to", "type"], ignore_index=True)


def _daily_file(day: date) -> str:
    last_at_start = (FROZEN_NOW - timedelta(days=1)).date()
    return f"fx_daily_FY{fiscal_year(day)}.csv" if day <= last_at_start else f"fx_daily_{day.isoformat()}.csv"


def _write_budget_rates(path: Path, rows: pd.DataFrame, now: datetime) -> None:
    """All budget rates known at `now` in one file, rewritten when a new fiscal year adds to them."""
    known = rows[rows["day"] <= now.date()]
    out_at = datetime.combine(known["day"].max() if len(known) else HISTORY_START, time(6))
    if not path.exists() or datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None) < out_at:
        _write(path, known, out_at)


def _write(path: Path, rows: pd.DataFrame, modified: datetime) -> None:
    draft = path.with_suffix(".part")
    rows[_HEADER].to_csv(draft, sep=";", index=False, lineterminator="\n", encoding="utf-8")
    _stamp(draft, modified)
    draft.replace(path)


def _stamp(path: Path, modified: datetime) -> None:
    seconds = modified.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
