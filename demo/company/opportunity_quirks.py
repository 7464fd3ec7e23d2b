"""What goes wrong with deals: re-opened, merged, deleted, restored, back-dated, same-second, odd amounts.

Each function plants one quirk on deals that carry none yet and returns its entry for the answer key; entries that
only count what the hazards produced are written by `opportunity_key`.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import numpy as np

from demo.company.clock import DAY, END, NOW, NOW_DAY, add_months, day_number, local_days, local_midnight, to_date
from demo.company.identifiers import salesforce_id
from demo.company.model import Quirk
from demo.company.opportunity_life import STAGES, Change, Deal, closing_fields, stage_fields
from demo.company.profiles import Profile


def deal_id(deal: Deal) -> str:
    """CRM id of a numbered deal."""
    return salesforce_id("Opportunity", deal.number)


class Planter:
    """Plants quirks; a deal that carries one is not used for another."""

    def __init__(self, deals: list[Deal], profile: Profile, rng: np.random.Generator) -> None:
        self.deals = deals
        self.profile = profile
        self.rng = rng
        self._used: set[int] = {d.number for d in deals if d.kind != "deal" or d.merged_into is not None}
        self._used |= {d.merged_into.number for d in deals if d.merged_into is not None}

    def take(self, candidates: list[Deal], at_m: int, least: int = 2) -> list[Deal]:
        """Up to the scaled count of unused candidates, at random, in the order of their numbers."""
        free = [deal for deal in candidates if deal.number not in self._used]
        count = min(self.profile.planted(at_m, least), len(free))
        chosen = sorted(self.rng.choice(len(free), size=count, replace=False).tolist())
        self._used |= {free[i].number for i in chosen}
        return [free[i] for i in chosen]

    def day(self, low: int, high: int) -> int:
        """A random number of whole days and odd seconds, in seconds."""
        return int(self.rng.integers(low * DAY, high * DAY))


def plant_merged(deals: list[Deal], profile: Profile, rng: np.random.Generator) -> list[Deal]:
    """Twins of deals, entered days later by somebody else and merged away (before numbering)."""
    long_lived = [d for d in deals if d.changes[-1].at - d.created > 40 * DAY and d.created < NOW - 90 * DAY]
    chosen = rng.choice(len(long_lived), size=profile.planted(34), replace=False)
    twins = []
    for index in sorted(chosen.tolist()):
        survivor = long_lived[index]
        twin = deepcopy(survivor)
        twin.created = survivor.created + int(rng.integers(1 * DAY, 8 * DAY))
        first = {**survivor.changes[0].fields, "Amount": survivor.amount}
        merged_at = twin.created + int(rng.integers(8 * DAY, 28 * DAY))
        twin.changes = [Change(twin.created, first, stage=True), Change(merged_at, {"IsDeleted": True, "merge": True})]
        twin.merged_into = survivor
        twins.append(twin)
    return [*deals, *twins]


def merged_quirk(deals: list[Deal]) -> Quirk:
    """A4 for deals."""
    survivors = {deal_id(d): deal_id(d.merged_into) for d in deals if d.merged_into is not None}
    return Quirk("A4", "Opportunity", sorted(survivors), {"survivor": survivors})


def plant_reopened(planter: Planter) -> Quirk:
    """A9: lost deals come back into negotiation; two in five are then won."""
    lost = [d for d in planter.deals if d.last["StageName"] == "Closed Lost" and d.closed_at < NOW - 70 * DAY]
    chosen = planter.take(lost, 130, least=4)
    won = []
    for position, deal in enumerate(chosen):
        reopened = deal.closed_at + planter.day(8, 25)
        back = {**stage_fields("Negotiation"), "Loss_Reason__c": None, "Competitor__c": None}
        back["CloseDate"] = reopened // DAY + 30
        deal.changes.append(Change(reopened, back, stage=True))
        is_won = position % 5 < 2
        again = reopened + planter.day(5, 40)
        label = "Closed Won" if is_won else "Closed Lost"
        fields = {**stage_fields(label), **closing_fields(again, planter.rng, won=is_won)}
        deal.changes.append(Change(again, fields, stage=True))
        won += [deal_id(deal)] if is_won else []
    keys = [deal_id(d) for d in chosen]
    return Quirk("A9", "Opportunity", keys, {"reopened": len(keys), "won_later": won})


def plant_same_second(planter: Planter) -> Quirk:
    """A10: two stage events carry the same second; only the order of their ids tells which came first."""
    moved = [d for d in planter.deals if len(d.stage_changes()) >= 3 and d.stage_changes()[1].at < NOW - 5 * DAY]
    expected: dict[str, list[str]] = {}
    chosen = planter.take(moved, 75)
    for deal in chosen:
        second = deal.stage_changes()[1]
        position = deal.changes.index(second)
        flip = Change(second.at, stage_fields("Negotiation"), stage=True)
        deal.changes.insert(position, flip)
        expected[deal_id(deal)] = [c.fields["StageName"] for c in deal.stage_changes() if c.at <= NOW]
    return Quirk("A10", "Opportunity", sorted(expected), {"stages_in_order": expected})


def plant_month_boundary(planter: Planter) -> Quirk:
    """A21: closings within two hours of local midnight between two months, so that UTC has another date."""
    expected: dict[str, str] = {}
    near = [d for d in planter.deals if _boundary(d) is not None]
    for deal in planter.take(near, 190, least=4):
        boundary = _boundary(deal)
        closing = deal.stage_changes()[-1]
        before = deal.changes[deal.changes.index(closing) - 1].at
        if boundary is None or before >= boundary - 7_200:
            continue
        closing.at = boundary + int(planter.rng.integers(-7_000, 7_000))
        local = int(local_days([closing.at])[0])
        closing.fields["CloseDate"] = local
        expected[deal_id(deal)] = to_date(local).isoformat()
    return Quirk("A21", "Opportunity", sorted(expected), {"business_date": expected, "timezone": "Europe/Bucharest"})


def _boundary(deal: Deal) -> int | None:
    """The local month boundary (UTC seconds) within three days of the deal's closing, if its closing comes last."""
    at = deal.closed_at
    if at < 0 or deal.changes[-1].at != at or at > NOW - 4 * DAY:
        return None
    day = to_date(at // DAY)
    for first in (add_months(day, 0), add_months(day, 1)):
        boundary = local_midnight(first)
        if abs(boundary - at) < 3 * DAY:
            return boundary
    return None


def plant_dst(planter: Planter) -> Quirk:
    """A21: changes in the hours that the clock skips or repeats."""
    expected: dict[str, str] = {}
    for night in (date(2023, 3, 26), date(2024, 10, 27)):
        begin = day_number(night) * DAY
        alive = [d for d in planter.deals if d.created < begin - DAY and d.changes[-1].at > begin + 2 * DAY]
        for deal in planter.take(alive, 6):
            at = begin + 1_800 + int(planter.rng.integers(5_400))
            amount = round(_amount_at(deal, at) * 1.03, 2)
            deal.changes.append(Change(at, {"Amount": amount}))
            deal.changes.sort(key=lambda change: change.at)
            expected[deal_id(deal)] = night.isoformat()
    return Quirk("A21", "OpportunityFieldHistory", sorted(expected), {"business_date": expected})


def _amount_at(deal: Deal, at: int) -> float:
    amounts = [c.fields["Amount"] for c in deal.changes if c.at <= at and c.fields.get("Amount") is not None]
    return float(amounts[-1])


def plant_odd_values(planter: Planter) -> list[Quirk]:
    """A12: open deals without a close date, and amounts that are zero, negative or absurd."""
    open_now = [d for d in planter.deals if _open_at(d, NOW)]
    shaped: dict[str, list[str]] = {}
    for name, at_m, field, value in (
        ("no_close_date", 120, "CloseDate", -1),
        ("zero", 95, "Amount", 0.0),
        ("negative", 11, "Amount", -1200.0),
        ("absurd", 3, "Amount", 9_999_999_999.0),
    ):
        chosen = planter.take(open_now, at_m, least=2 if name != "absurd" else 1)
        for deal in chosen:
            for change in deal.changes:
                if field in change.fields and not change.fields.get("IsClosed"):
                    change.fields[field] = value
        shaped[name] = [deal_id(d) for d in chosen]
    keys = [key for ids in shaped.values() for key in ids]
    return [Quirk("A12", "Opportunity", keys, dict(shaped))]


def _open_at(deal: Deal, moment: int) -> bool:
    past = [c for c in deal.changes if c.at <= moment]
    if not past or any(c.fields.get("IsDeleted") for c in past):
        return False
    return not [c for c in past if c.stage][-1].fields["StageName"].startswith("Closed")


def plant_back_dated(planter: Planter) -> Quirk:
    """A13: creation dates entered late, and close dates that lie before the moment of closing."""
    created = planter.take([d for d in planter.deals if d.created > (NOW_DAY - 900) * DAY], 32)
    for deal in created:
        deal.created_date = deal.created - planter.day(5, 40)
    closed = [d for d in planter.deals if 0 <= d.closed_at < NOW and d.closed_at - d.created > 30 * DAY]
    late = planter.take(closed, 32)
    for deal in late:
        closing = deal.stage_changes()[-1]
        closing.fields["CloseDate"] = closing.at // DAY - int(planter.rng.integers(5, 20))
    expected: dict[str, Any] = {
        "created_before_known": {deal_id(d): [_iso(d.created_date), _iso(d.created)] for d in created},
        "closed_before_known": {
            deal_id(d): [to_date(d.last["CloseDate"]).isoformat(), _iso(d.closed_at)] for d in late
        },
    }
    return Quirk("A13", "Opportunity", [deal_id(d) for d in [*created, *late]], expected)


def _iso(seconds: int) -> str:
    return str(np.datetime64(seconds, "s"))


def plant_deletions(planter: Planter) -> list[Quirk]:
    """A1 soft deletions (some of open deals, some after now), A2 hard deletions, A3 deleted and restored."""
    return [_soft(planter), _hard(planter), _restored(planter)]


def _soft(planter: Planter) -> Quirk:
    closed = planter.take([d for d in planter.deals if 0 <= d.closed_at < NOW - 60 * DAY], 189, least=3)
    alive = planter.take([d for d in planter.deals if d.created < NOW - 40 * DAY and _open_at(d, NOW)], 31, least=3)
    future = planter.take([d for d in planter.deals if d.created < NOW - 20 * DAY and _open_at(d, NOW)], 6)
    moments: dict[str, str] = {}
    for deal, at in (
        *((d, d.closed_at + planter.day(5, 50)) for d in closed),
        *((d, max(d.created + 5 * DAY, NOW - planter.day(1, 30))) for d in alive),
        *((d, NOW + planter.day(1, 25)) for d in future),
    ):
        _cut(deal, at)
        deal.changes.append(Change(at, {"IsDeleted": True}))
        moments[deal_id(deal)] = _iso(at)
    expected = {"deleted_at": moments, "open_when_deleted": [deal_id(d) for d in [*alive, *future]]}
    expected["after_now"] = [deal_id(d) for d in future]
    return Quirk("A1", "Opportunity", sorted(moments), expected)


def _hard(planter: Planter) -> Quirk:
    candidates = [d for d in planter.deals if d.created < NOW - 60 * DAY]
    before = planter.take(candidates, 18)
    after = planter.take([d for d in candidates if _open_at(d, NOW)], 8)
    for deal in before:
        deal.hard_deleted = NOW - planter.day(1, 24)
    for deal in after:
        deal.hard_deleted = NOW + planter.day(1, 25)
    for deal in [*before, *after]:
        _cut(deal, deal.hard_deleted)
    keys = {deal_id(d): _iso(d.hard_deleted) for d in [*before, *after]}
    expected: dict[str, Any] = {"deleted_at": keys, "before_now": [deal_id(d) for d in before]}
    expected["after_now"] = [deal_id(d) for d in after]
    return Quirk("A2", "Opportunity", sorted(keys), expected)


def _restored(planter: Planter) -> Quirk:
    chosen = planter.take([d for d in planter.deals if 0 <= d.closed_at < NOW - 200 * DAY], 7)
    late = planter.take([d for d in planter.deals if d.created < NOW - 60 * DAY and _open_at(d, NOW)], 2)
    gaps: dict[str, list[str]] = {}
    for position, deal in enumerate([*chosen, *late]):
        deleted = deal.closed_at + planter.day(5, 40) if position < len(chosen) else NOW - planter.day(1, 4)
        restored = deleted + planter.day(1, 20) if position < len(chosen) else NOW + planter.day(1, 8)
        deal.changes = [c for c in deal.changes if not deleted <= c.at <= restored]
        deal.changes += [Change(deleted, {"IsDeleted": True}), Change(restored, {"IsDeleted": False})]
        deal.changes.sort(key=lambda change: change.at)
        gaps[deal_id(deal)] = [_iso(deleted), _iso(restored)]
    return Quirk("A3", "Opportunity", sorted(gaps), {"deleted_and_restored_at": gaps})


def _cut(deal: Deal, at: int) -> None:
    deal.changes = [change for change in deal.changes if change.at < at]


def within_horizon(deals: list[Deal]) -> list[Deal]:
    """Drop what would happen after the horizon, and deals that only begin then."""
    for deal in deals:
        deal.changes = [change for change in deal.changes if change.at <= END]
    return [deal for deal in deals if deal.changes]


def stage_order(label: str) -> int:
    """Order of a stage's label."""
    return STAGES[label][0]
