"""Monthly quotas of the reps; some are changed in the middle of a fiscal year, as a second version."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.company.clock import DAY, NOW_DAY, START_DAY, add_months, dates, day_number, month_starts, stamps, to_date
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_ids
from demo.company.model import TableTimeline
from demo.company.people import SalesForce
from demo.company.profiles import Profile
from demo.company.sales_plan import SalesPlan, beyond


def quota_table(profile: Profile, force: SalesForce, plan: SalesPlan, rng: np.random.Generator) -> TableTimeline:
    """ForecastingQuota: rep × month (EUR), stated at the start of the fiscal year or on hiring."""
    first = month_starts()[0]
    count = (to_date(NOW_DAY).year + 1 - first.year) * 12
    total = beyond(plan, np.arange(count)).sum(axis=(0, 1))
    reps = [p for p in force.people if p.seat >= 0]
    stretch = {p.number: float(rng.uniform(0.85, 1.25)) for p in reps}
    changed = {reps[i].number for i in rng.choice(len(reps), size=profile.mid_year_quotas, replace=False)}
    rows: list[tuple[str, int, float, int, int]] = []
    for index in range(count):
        start = add_months(first, index)
        day = day_number(start)
        fiscal_start = add_months(start, -((start.month - 2) % 12))
        for person in reps:
            if day + 27 < person.hired or (person.left >= 0 and day >= person.left):
                continue
            stated = max(day_number(fiscal_start) - 12, person.hired, START_DAY)
            amount = round(float(total[index]) / profile.seats * stretch[person.number], -2)
            rows.append((person.id, day, amount, 1, stated))
            if person.number in changed and start.year == 2024 and start.month >= 8:
                rows.append((person.id, day, round(amount * 0.9, -2), 2, day_number(add_months(fiscal_start, 6)) - 4))
    return _table(rows)


def _table(rows: list[tuple[str, int, float, int, int]]) -> TableTimeline:
    at: Any = stamps([row[4] * DAY + 45_000 for row in rows])
    return crm_timeline(
        "ForecastingQuota",
        {
            "Id": salesforce_ids("ForecastingQuota", np.arange(1, len(rows) + 1)),
            "QuotaOwnerId": [row[0] for row in rows],
            "StartDate": dates([row[1] for row in rows]),
            "QuotaAmount": [row[2] for row in rows],
            "CurrencyIsoCode": "EUR",
            "IsAmount": True,
            "Period_Type__c": "month",
            "Version__c": [row[3] for row in rows],
            "CreatedDate": at,
            "SystemModstamp": at,
        },
    )
