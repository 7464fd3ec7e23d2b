"""Standard costs by date (EUR) and list prices by date and currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from demo.company.clock import DAY, NOW_DAY, PRICE_RISE, START_DAY, dates, day_number, stamps
from demo.company.frames import erp_timeline
from demo.company.fx import CURRENCIES
from demo.company.model import TableTimeline
from demo.company.products import Catalogue

RISE = 0.045
_COST_MONTHS = ((2022, 2), (2022, 8), (2023, 2), (2023, 8), (2024, 2), (2024, 8), (2024, 11), (2025, 2))
_COST_DATES = tuple(date(year, month, 1) for year, month in _COST_MONTHS)
_LATE_COST = date(2025, 3, 20)
_LATE_PRICE = date(2025, 4, 1)
_SECOND_RISE = date(2023, 2, 1)
DROPPED_AT = (NOW_DAY + 9) * DAY + 50_000
"""When somebody deletes one old price from the ERP."""
_FACTOR = {"EUR": 1.0, "GBP": 0.86, "PLN": 4.6, "RON": 4.95, "USD": 1.09}


@dataclass(frozen=True)
class PriceBook:
    """List prices as a step function: EUR price level by SKU index and day."""

    catalogue: Catalogue

    def eur(self, sku_index: Any, days: Any) -> Any:
        """EUR list prices (float array) of SKU indexes at day numbers."""
        base = np.array([p.price for p in self.catalogue.products])[sku_index]
        risen = np.asarray(days) >= day_number(PRICE_RISE)
        return base * np.where(risen, 1.0 + RISE, 1.0)

    def listed(self, sku_index: Any, currencies: Any, days: Any) -> Any:
        """List prices in currencies, rounded to cents."""
        factor = np.array([_FACTOR[c] for c in currencies])
        return np.maximum((self.eur(sku_index, days) * factor).round(2), 0.05)


def price_tables(catalogue: Catalogue, rng: np.random.Generator) -> list[TableTimeline]:
    """product_cost and price_list."""
    return [_costs(catalogue, rng), _prices(catalogue)]


def _costs(catalogue: Catalogue, rng: np.random.Generator) -> TableTimeline:
    """Half-yearly standard costs, 58–70 % of the base price, drifting; some change again after now."""
    skus, starts, costs, moments = [], [], [], []
    for index, product in enumerate(catalogue.products):
        cost = product.price * float(rng.uniform(0.58, 0.70))
        late = (_LATE_COST,) if index % 9 == 0 else ()
        for start in (*_COST_DATES, *late):
            day = day_number(start)
            if product.end >= 0 and day > product.end:
                break
            cost *= 1.0 + float(rng.normal(0.008, 0.008))
            skus.append(product.sku)
            starts.append(day)
            costs.append(round(cost, 4))
            moments.append(max(day - 3, START_DAY) * DAY + 40_000)
    return erp_timeline(
        "product_cost",
        {
            "sku": skus,
            "valid_from": dates(starts),
            "unit_cost": costs,
            "currency": "EUR",
            "updated_at": stamps(moments),
        },
    )


def _prices(catalogue: Catalogue) -> TableTimeline:
    """Prices at the start of history and at the rise; a few more steps that repeat the price or come after now."""
    book = PriceBook(catalogue)
    rows: list[tuple[str, int, str, float, int]] = []
    for index, product in enumerate(catalogue.products):
        starts = [max(START_DAY, product.launch)]
        starts += [day_number(d) for d in (_SECOND_RISE, PRICE_RISE) if d == PRICE_RISE or index % 2 == 0]
        starts += [day_number(_LATE_PRICE)] if index % 12 == 0 else []
        starts = [d for d in sorted(set(starts)) if d >= product.launch and (product.end < 0 or d <= product.end)]
        for day in starts:
            for currency in CURRENCIES:
                price = float(book.listed(np.array([index]), [currency], np.array([day]))[0])
                price = round(price * 1.02, 2) if day > NOW_DAY else price
                rows.append((product.sku, day, currency, price, max(day - 10, START_DAY) * DAY + 41_000))
    dropped = (day_number(PRICE_RISE), "USD")
    return erp_timeline(
        "price_list",
        {
            "sku": [r[0] for r in rows],
            "valid_from": dates([r[1] for r in rows]),
            "currency": [r[2] for r in rows],
            "list_price": [r[3] for r in rows],
            "updated_at": stamps([r[4] for r in rows]),
        },
        gone=stamps([DROPPED_AT if (r[1], r[2]) == dropped and r[0] == rows[0][0] else -1 for r in rows]),
    )
