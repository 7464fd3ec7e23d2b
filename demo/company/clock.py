"""The company's time: history, frozen now, horizon, fiscal year, local time.

Moments are whole seconds since 1970 in UTC inside the simulations (`int` or int64 arrays); dates are days since
1970. Frames get numpy datetimes in the end. Nothing here reads the wall clock.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

TIMEZONE = "Europe/Bucharest"
FROZEN_NOW = datetime(2025, 3, 14, 6)
HORIZON_DAYS = 30
HISTORY_START = date(2022, 2, 1)
REALIGNMENT = date(2024, 8, 1)
EAST_OPENS = date(2024, 9, 1)
PRICE_RISE = date(2024, 3, 1)
TREND_BREAK = date(2023, 6, 1)
FISCAL_YEAR_START_MONTH = 2
DAY = 86_400

_EPOCH = date(1970, 1, 1)
_ZONE = ZoneInfo(TIMEZONE)


def day_number(value: date) -> int:
    """Days since 1970-01-01."""
    return (value - _EPOCH).days


def to_date(day: int) -> date:
    """The date of a day number."""
    return _EPOCH + timedelta(days=int(day))


def second_of(moment: datetime) -> int:
    """Seconds since 1970 of a naive UTC moment."""
    return int((moment - datetime(1970, 1, 1)).total_seconds())


START_DAY = day_number(HISTORY_START)
NOW = second_of(FROZEN_NOW)
NOW_DAY = NOW // DAY
END = NOW + HORIZON_DAYS * DAY
END_DAY = END // DAY


def stamps(seconds: Any) -> Any:
    """Seconds since 1970 (array; negative: none) as datetime64[us]."""
    values = np.asarray(seconds, dtype="int64")
    out = (values * 1_000_000).astype("datetime64[us]")
    out[values < 0] = np.datetime64("NaT")
    return out


def dates(days: Any) -> Any:
    """Day numbers (array; negative: none) as midnight datetime64[us]."""
    values = np.asarray(days, dtype="int64")
    out = (values * DAY * 1_000_000).astype("datetime64[us]")
    out[values < 0] = np.datetime64("NaT")
    return out


def local_to_utc(days: Any, seconds_of_day: Any) -> Any:
    """Local wall times (day numbers, seconds since local midnight) as UTC seconds.

    A wall time that the spring change skips moves forward; one that the autumn change doubles is winter time.
    """
    local = (np.asarray(days, "int64") * DAY + np.asarray(seconds_of_day, "int64")).astype("datetime64[s]")
    index = pd.DatetimeIndex(local)
    zoned = index.tz_localize(TIMEZONE, ambiguous=np.zeros(len(index), dtype=bool), nonexistent="shift_forward")
    return zoned.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]").astype("int64")


def local_days(seconds: Any) -> Any:
    """Local day numbers of UTC seconds."""
    index = pd.DatetimeIndex(np.asarray(seconds, "int64").astype("datetime64[s]")).tz_localize("UTC")
    local = index.tz_convert(TIMEZONE).tz_localize(None).to_numpy().astype("datetime64[D]")
    return local.astype("int64")


def local_midnight(value: date) -> int:
    """UTC seconds at which a local date begins."""
    return int(datetime(value.year, value.month, value.day, tzinfo=_ZONE).timestamp())


def fiscal_year(value: date) -> int:
    """Fiscal year of a date, named by the calendar year in which it starts."""
    return value.year if value.month >= FISCAL_YEAR_START_MONTH else value.year - 1


def fiscal_years(days: Any) -> Any:
    """Fiscal years of an array of day numbers."""
    months = np.asarray(days, "int64").astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    return 1970 + (months - (FISCAL_YEAR_START_MONTH - 1)) // 12


def month_index(days: Any) -> Any:
    """Calendar months since the first month of history, of an array of day numbers."""
    months = np.asarray(days, "int64").astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    return months - ((HISTORY_START.year - 1970) * 12 + HISTORY_START.month - 1)


def month_starts() -> list[date]:
    """First days of the months of history, up to and including the month of the horizon."""
    last = to_date(END_DAY)
    count = (last.year - HISTORY_START.year) * 12 + last.month - HISTORY_START.month + 1
    return [add_months(HISTORY_START, i) for i in range(count)]


def add_months(value: date, months: int) -> date:
    """The first of the month `months` after the month of `value`."""
    total = value.year * 12 + value.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def easter_sunday(year: int) -> date:
    """Western Easter by the anonymous Gregorian computation."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def bank_holidays() -> set[int]:
    """Day numbers without exchange rates and without deliveries, week-ends aside."""
    days: set[int] = set()
    for year in range(HISTORY_START.year - 1, to_date(END_DAY).year + 1):
        easter = day_number(easter_sunday(year))
        fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26)]
        days |= {easter - 2, easter + 1} | {day_number(day) for day in fixed}
    return days


def is_business_day(days: Any) -> Any:
    """True where an array of day numbers is neither a week-end nor a bank holiday."""
    values = np.asarray(days, "int64")
    weekday = (values + 3) % 7
    return (weekday < 5) & ~np.isin(values, sorted(bank_holidays()))
