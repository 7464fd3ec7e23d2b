"""DatedConversionRate: the rates by which the CRM converts, entered by hand each Monday from the company's rate book.

Salesforce writes units of a currency per unit of the corporate one, the reciprocal of the rate book, and ends a rate
where the next one starts. What does not belong here: the rate book itself (`fx.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import DAY, END, START_DAY, dates, day_number, stamps
from demo.company.frames import crm_timeline
from demo.company.fx import CURRENCIES, RateBook
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline

CORPORATE = CURRENCIES[0]
OPEN_END = day_number(date(9999, 12, 31))
"""`NextStartDate` of a currency's latest rate."""
_WEEK = 7
_FIRST_MONDAY = START_DAY - (START_DAY + 3) % _WEEK
_MISTYPED_SHARE = 0.015


def dated_rate_table(rates: RateBook, rng: np.random.Generator) -> TableTimeline:
    """DatedConversionRate: entered on its Monday, ended by the next; a few are mistyped first. One rate of 1 stays."""
    rows = _entered(rates, rng)
    foreign = rows["IsoCode"] != CORPORATE
    mistyped = (rng.random(len(rows)) < _MISTYPED_SHARE) & foreign
    corrected = rows["entered"] + rng.integers(3_600, 6 * 3_600, size=len(rows))
    wrong = (1 / rows["ConversionRate"]).round(6)
    first = rows.assign(at=rows["entered"], ConversionRate=rows["ConversionRate"].mask(mistyped, wrong), next=OPEN_END)
    second = rows.assign(at=corrected, next=OPEN_END)[mistyped]
    successor = rows.groupby("IsoCode")[["entered", "start"]].shift(-1)
    ended = rows.assign(at=successor["entered"], next=successor["start"]).dropna(subset=["at"])
    versions = pd.concat([first, second, ended], ignore_index=True)
    return _table(versions[versions["at"] <= END].reset_index(drop=True))


def _entered(rates: RateBook, rng: np.random.Generator) -> pd.DataFrame:
    """A row per rate in the order of its entry: number, start (day), entered (UTC seconds), IsoCode, ConversionRate."""
    mondays = np.arange(_FIRST_MONDAY, END // DAY + 1, _WEEK)
    clicked = mondays * DAY + rng.integers(6 * 3_600, 9 * 3_600, size=len(mondays))
    place, currency = np.divmod(np.arange(len(mondays) * len(CURRENCIES)), len(CURRENCIES))
    codes = np.array(CURRENCIES, dtype=object)[currency]
    start = mondays[place]
    entered = pd.DataFrame(
        {
            "start": start,
            "entered": clicked[place],
            "IsoCode": codes,
            "ConversionRate": (1 / rates.daily(codes, start - 1)).round(6),
        }
    )
    rows: pd.DataFrame = entered[(codes != CORPORATE) | (place == 0)].reset_index(drop=True)
    rows["number"] = np.arange(1, len(rows) + 1)
    return rows


def _table(versions: pd.DataFrame) -> TableTimeline:
    columns: dict[str, Any] = {name: versions[name] for name in ("IsoCode", "ConversionRate")}
    return crm_timeline(
        "DatedConversionRate",
        columns
        | {
            "Id": salesforce_ids("DatedConversionRate", versions["number"]),
            "StartDate": dates(versions["start"]),
            "NextStartDate": dates(versions["next"]),
            "CreatedDate": stamps(versions["entered"]),
            "SystemModstamp": stamps(versions["at"]),
        },
    )
