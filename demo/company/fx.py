"""Exchange rates into EUR: daily on business days with four days missing, and one budget rate per fiscal year."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from demo.company.clock import END_DAY, day_number, is_business_day, to_date
from demo.company.model import Quirk

CURRENCIES = ("EUR", "GBP", "PLN", "RON", "USD")
_START = date(2022, 1, 20)
_LEVEL = {"GBP": 1.185, "PLN": 0.2165, "RON": 0.2019, "USD": 0.915}
_VOLATILITY = {"GBP": 0.0035, "PLN": 0.0035, "RON": 0.0007, "USD": 0.0042}
MISSING_DAYS = (date(2022, 9, 14), date(2023, 5, 24), date(2024, 2, 14), date(2024, 11, 20))
"""Mid-week business days on which the rate provider delivered nothing."""
_BUDGET_YEARS = (2022, 2023, 2024, 2025)


def build_fx(rng: np.random.Generator) -> pd.DataFrame:
    """All rates up to the horizon: rate_date, from_currency, to_currency, rate_type, rate (EUR per unit)."""
    days = np.arange(day_number(_START), END_DAY + 1)
    days = days[is_business_day(days)]
    missing = [day_number(day) for day in MISSING_DAYS]
    frames = []
    for currency in CURRENCIES[1:]:
        rates = _walk(rng, len(days), currency)
        kept = ~np.isin(days, missing)
        frames.append(_rows(days[kept], currency, "daily", rates[kept]))
        budget_days = np.array([day_number(date(year, 2, 1)) for year in _BUDGET_YEARS])
        before = np.searchsorted(days, budget_days - 45)
        frames.append(_rows(budget_days, currency, "budget", rates[np.maximum(before - 1, 0)].round(3)))
    out = pd.concat(frames, ignore_index=True)
    return out.sort_values(["rate_date", "rate_type", "from_currency"], kind="stable", ignore_index=True)


def _walk(rng: np.random.Generator, length: int, currency: str) -> Any:
    """A mean-reverting walk around the currency's level."""
    shocks = rng.normal(0.0, _VOLATILITY[currency], size=length)
    deviation = 0.0
    values = np.empty(length)
    for i, shock in enumerate(shocks):
        deviation = 0.99 * deviation + shock
        values[i] = deviation
    return (_LEVEL[currency] * (1.0 + values)).round(6)


def _rows(days: Any, currency: str, kind: str, rates: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rate_date": [to_date(day) for day in days],
            "from_currency": currency,
            "to_currency": "EUR",
            "rate_type": kind,
            "rate": rates,
        }
    )


class RateBook:
    """Looks rates up by the company's rule: the last known daily rate; the fiscal year's budget rate."""

    def __init__(self, fx: pd.DataFrame) -> None:
        daily = fx[fx["rate_type"] == "daily"]
        self._daily = {
            str(currency): (np.array([day_number(d) for d in rows["rate_date"]]), rows["rate"].to_numpy())
            for currency, rows in daily.groupby("from_currency")
        }

    def daily(self, currencies: Any, days: Any) -> Any:
        """EUR per unit (float array) for arrays of currencies and day numbers; 1 for EUR."""
        currencies, days = np.asarray(currencies, dtype=object), np.asarray(days)
        out = np.ones(len(days))
        for currency, (known, rates) in self._daily.items():
            mask = currencies == currency
            out[mask] = rates[np.searchsorted(known, days[mask], side="right") - 1]
        return out


def fx_quirk() -> Quirk:
    """Q13's missing rates; the shares of foreign documents are added from the documents."""
    days = [day.isoformat() for day in MISSING_DAYS]
    return Quirk("Q13", "fx_rate", days, {"missing_weekdays": days, "max_age_days": 5})
