"""Which deals there are: when they are created, with which account, in which pipeline, and how their lives run."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.company.clock import DAY, EAST_OPENS, END_DAY, NOW_DAY, START_DAY, day_number, is_business_day
from demo.company.names import AWKWARD_NAMES
from demo.company.opportunity_life import PIPELINES, Change, Deal, Life, at_work
from demo.company.parties import CURRENCY_OF, Parties
from demo.company.people import SalesForce
from demo.company.products import CATEGORIES
from demo.company.profiles import Profile

LEAD_SOURCES = (
    "Web",
    "Organic Search",
    "Paid Search",
    "Trade Show",
    "Referral",
    "Partner",
    "Webinar",
    "Email Campaign",
    "Cold Call",
    "Social Media",
    "Print",
)
_MIX = (0.45, 0.40, 0.15)
_AMOUNT_LEVEL = {"new": 9.0, "expansion": 8.7, "tender": 9.7}
CURRENCY_FACTOR = {"EUR": 1.0, "GBP": 0.86, "PLN": 4.6, "RON": 4.95, "USD": 1.09}
_LEAST_DEALS = 540
"""Fewer deals than this leave too few open ones to carry every quirk."""
_EAST_PIPELINE = day_number(EAST_OPENS) - 75


def simulate_deals(profile: Profile, parties: Parties, rng: np.random.Generator) -> list[Deal]:
    """All deals of the history and the horizon, each with its life, ordered by creation."""
    count = round(max(profile.rows(9000), _LEAST_DEALS) * (END_DAY - START_DAY) / (NOW_DAY - START_DAY))
    days = _creation_days(count, rng)
    pipelines = rng.choice(len(PIPELINES), size=count, p=_MIX)
    accounts = _accounts(parties, days, pipelines, rng)
    deals = []
    for day, pipeline, account in zip(days.tolist(), pipelines.tolist(), accounts.tolist(), strict=True):
        deal = _deal(parties, day, PIPELINES[pipeline], account, rng)
        deals.append(Life(deal, rng).run())
    return sorted(deals, key=lambda deal: deal.created)


def _creation_days(count: int, rng: np.random.Generator) -> Any:
    """Business days, a little busier each year, quiet in August and December."""
    days = np.arange(START_DAY, END_DAY)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12
    season = np.array([1.05, 1.05, 1.1, 1.0, 1.0, 1.0, 0.9, 0.75, 1.1, 1.1, 1.05, 0.8])[month]
    weights = season * (1.0 + (days - START_DAY) / 365.0 * 0.05) * is_business_day(days)
    return np.sort(rng.choice(days, size=count, p=weights / weights.sum()))


def _accounts(parties: Parties, days: Any, pipelines: Any, rng: np.random.Generator) -> Any:
    """Account numbers: existing at the time, known customers for expansions, the late region only once it opens."""
    main = list(parties.main_account().values())
    firms = [parties.firms[a.firm] for a in main]
    weights = np.array([f.weight for f in firms]) ** 0.5
    opened = np.array([_EAST_PIPELINE if f.region == "East" else 0 for f in firms])
    ready = np.maximum(np.array([a.created for a in main]), opened)
    known = np.array([f.match != "crm_only" for f in firms])
    cumulated = np.cumsum(weights / weights.sum())
    chosen = np.zeros(len(days), dtype="int64")
    bad = np.ones(len(days), dtype=bool)
    for _ in range(200):
        if not bad.any():
            break
        draw = np.searchsorted(cumulated, rng.random(int(bad.sum())))
        chosen[bad] = np.minimum(draw, len(main) - 1)
        bad = (ready[chosen] >= days) | ((pipelines == 1) & ~known[chosen])
    return np.array([a.number for a in main])[chosen]


def _deal(parties: Parties, day: int, pipeline: str, account: int, rng: np.random.Generator) -> Deal:
    firm = parties.firms[parties.accounts[account - 1].firm]
    engagement = float(rng.normal())
    euros = float(np.exp(_AMOUNT_LEVEL[pipeline] + 0.75 * rng.normal() + 0.25 * np.log(firm.weight)))
    currency = CURRENCY_OF.get(firm.country, "EUR")
    amount = round(euros * CURRENCY_FACTOR[currency], -1 if euros > 5000 else 0)
    category = CATEGORIES[int(rng.integers(len(CATEGORIES)))]
    deal = Deal(account, firm.seat, pipeline, at_work(day, rng), max(amount, 100.0), engagement)
    deal.plan = {
        "currency": currency,
        "category": category,
        "name": f"{firm.base} – {category}",
        "source": LEAD_SOURCES[int(rng.integers(len(LEAD_SOURCES)))],
        "next_step": ("Call back", "Send samples", "Plant visit", "Revise offer", None)[int(rng.integers(5))],
        "lines": int(min(8, 1 + rng.poisson(1.45))),
    }
    return deal


def number_deals(deals: list[Deal]) -> list[Deal]:
    """Deals in the order in which the CRM got to know them, numbered from 1."""
    ordered = sorted(deals, key=lambda deal: (deal.changes[0].at, deal.account, deal.amount))
    for number, deal in enumerate(ordered, start=1):
        deal.number = number
        deal.plan["name"] = f"{deal.plan['name']} {number:05d}"
    for deal, name in zip(ordered[7::11], AWKWARD_NAMES[:2], strict=False):
        deal.plan["name"] = name
    return ordered


def assign_owners(deals: list[Deal], force: SalesForce, rng: np.random.Generator) -> None:
    """Owner at creation; a leaver's open deals move on within a month; a few others change hands in their region."""
    seats_of_region: dict[str, list[int]] = {}
    for seat, name in enumerate(force.seat_new):
        seats_of_region.setdefault(name.split()[0], []).append(seat)
    for deal in deals:
        seat = deal.seat
        day = deal.created // DAY
        deal.owner = int(force.owners(np.array([seat]), np.array([day]))[0])
        first, *later = force.occupants[seat]
        left = force.people[first - 1].left
        if later and day < left:
            _hand_over(deal, left * DAY + int(rng.integers(2 * DAY, 25 * DAY)), later[0], "leaver")
        elif rng.random() < 0.12:
            region = force.seat_new[seat].split()[0]
            other = seats_of_region[region][int(rng.integers(len(seats_of_region[region])))]
            at = deal.created + int(rng.integers(5 * DAY, 60 * DAY))
            if other != seat:
                _hand_over(deal, at, int(force.owners(np.array([other]), np.array([at // DAY]))[0]), "changed")


def _hand_over(deal: Deal, at: int, person: int, why: str) -> None:
    if deal.merged_into is None and (deal.closed_at < 0 or deal.closed_at > at):
        deal.changes.append(Change(at, {"OwnerId": person}))
        deal.changes.sort(key=lambda change: change.at)
        deal.plan[f"owner_{why}"] = True
