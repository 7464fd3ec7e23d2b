"""What the company would sell without chance: net revenue (EUR) by region, product line and month.

Season, growth with a break in June 2023, Easter, the price rise and the late region. Orders are drawn around it,
budgets and quotas are planned from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from demo.company.clock import (
    EAST_OPENS,
    PRICE_RISE,
    TREND_BREAK,
    bank_holidays,
    day_number,
    easter_sunday,
    month_starts,
)
from demo.company.prices import RISE
from demo.company.products import LINE_WEIGHTS
from demo.company.profiles import Profile
from demo.company.territories import REGIONS

MONTHLY_LEVEL = 2_080_000.0
_SEASON = np.array([0.88, 0.93, 1.10, 1.00, 1.02, 1.06, 0.93, 0.82, 1.12, 1.14, 1.12, 0.88])
_GROWTH_BEFORE, _GROWTH_AFTER = 0.04, 0.075
_REGION_WEIGHTS = {"North": 0.27, "South": 0.22, "West": 0.26, "Central": 0.25, "East": 0.09}
_REGION_TILT = {"North": 0.0, "South": 0.03, "West": -0.02, "Central": 0.0, "East": 0.25}
_LINE_SEASON = {"Drives": 0.0, "Fluid Power": 0.08, "Sensing": -0.05, "Fastening": 0.04}
NOISE_TOTAL, NOISE_REGION, NOISE_CELL = 0.035, 0.05, 0.06


@dataclass(frozen=True)
class SalesPlan:
    """`expected` and `drawn` are EUR arrays region × line × month (of history, the horizon's month included)."""

    regions: tuple[str, ...]
    lines: tuple[str, ...]
    expected: Any
    drawn: Any


def build_plan(profile: Profile, rng: np.random.Generator) -> SalesPlan:
    """The plan of a profile, and the same with the noise that makes the months differ from it."""
    starts = month_starts()
    months = np.arange(len(starts))
    calendar = np.array([d.month - 1 for d in starts])
    base = MONTHLY_LEVEL * profile.scale * _trend(months) * _SEASON[calendar] * _easter(starts) * _price(starts)
    expected = np.empty((len(REGIONS), len(LINE_WEIGHTS), len(starts)))
    for r, region in enumerate(REGIONS):
        tilt = (1.0 + _REGION_TILT[region]) ** (months / 12.0)
        opened = _opened(starts) if region == "East" else np.ones(len(starts))
        for k, (line, weight) in enumerate(LINE_WEIGHTS.items()):
            wave = 1.0 + _LINE_SEASON[line] * np.sin(2 * np.pi * (calendar - 2) / 12.0)
            expected[r, k] = base * _REGION_WEIGHTS[region] * weight * tilt * opened * wave
    noise = np.exp(rng.normal(0.0, NOISE_TOTAL, size=(1, 1, len(starts))))
    noise = noise * np.exp(rng.normal(0.0, NOISE_REGION, size=(len(REGIONS), 1, len(starts))))
    noise = noise * np.exp(rng.normal(0.0, NOISE_CELL, size=expected.shape))
    return SalesPlan(REGIONS, tuple(LINE_WEIGHTS), expected, expected * noise)


def _trend(months: Any) -> Any:
    """Yearly growth rate changes at the break, and the level with it."""
    turn = (TREND_BREAK.year - 2022) * 12 + TREND_BREAK.month - 2
    before = (1.0 + _GROWTH_BEFORE) ** (np.minimum(months, turn) / 12.0)
    return before * (1.0 + _GROWTH_AFTER) ** (np.maximum(months - turn, 0) / 12.0)


def _easter(starts: list[Any]) -> Any:
    """The month with Good Friday and Easter Monday loses three per cent for each of the two."""
    out = np.ones(len(starts))
    for i, start in enumerate(starts):
        sunday = easter_sunday(start.year)
        days = [day_number(sunday) - 2, day_number(sunday) + 1]
        months = [np.datetime64(day, "D").astype("datetime64[M]") for day in days]
        out[i] -= 0.03 * sum(month == np.datetime64(start, "M") for month in months)
    return out


def _price(starts: list[Any]) -> Any:
    return np.array([1.0 + RISE if d >= PRICE_RISE else 1.0 for d in starts])


def _opened(starts: list[Any]) -> Any:
    """The late region needs half a year to reach its size."""
    ages = np.array([(d.year - EAST_OPENS.year) * 12 + d.month - EAST_OPENS.month for d in starts])
    return np.where(ages < 0, 0.0, np.minimum(1.0, 0.4 + 0.12 * ages))


def beyond(plan: SalesPlan, months: Any) -> Any:
    """Expected amounts region × line × month index; months after the plan repeat last year's with the growth."""
    index = np.asarray(months)
    late = index >= plan.expected.shape[2]
    return plan.expected[:, :, np.where(late, index - 12, index)] * np.where(late, 1.0 + _GROWTH_AFTER, 1.0)


def selling_day_weights(days: Any) -> Any:
    """Weights of day numbers for placing orders: none on week-ends and bank holidays."""
    weekday = (np.asarray(days) + 3) % 7
    weights = np.where(weekday < 5, 1.0, 0.0)
    return weights * ~np.isin(days, sorted(bank_holidays()))
