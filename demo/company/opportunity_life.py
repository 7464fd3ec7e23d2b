"""The life of one deal: a list of dated changes, drawn from hazards that depend on stage, age, pushes and activity.

A change carries the CRM fields it sets. Nothing here knows ids or tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from demo.company.clock import DAY, END, day_number

PIPELINES = ("new", "expansion", "tender")
STAGES: dict[str, tuple[int, float, str]] = {
    "Qualification": (10, 10.0, "Pipeline"),
    "Needs Analysis": (20, 20.0, "Pipeline"),
    "Demo": (25, 30.0, "Pipeline"),
    "Technical Review": (30, 35.0, "Pipeline"),
    "Proposal": (40, 50.0, "BestCase"),
    "Offer": (40, 50.0, "BestCase"),
    "Negotiation": (50, 75.0, "Commit"),
    "Closed Won": (90, 100.0, "Closed"),
    "Closed Lost": (91, 0.0, "Omitted"),
}
"""Order, probability in percent and forecast category of each label."""
RENAMED_DAY = day_number(date(2023, 7, 1))
INSERTED_DAY = day_number(date(2023, 10, 1))
REMOVED_DAY = day_number(date(2023, 4, 1))
_RENAMED_AT = RENAMED_DAY * DAY + 3_600
_REMOVED_AT = REMOVED_DAY * DAY + 3_600
_LOSS = {
    "Qualification": 0.3,
    "Needs Analysis": 0.22,
    "Demo": 0.11,
    "Technical Review": 0.11,
    "Offer": 0.26,
    "Negotiation": 0.21,
}
_LOSS_SHIFT = {"new": 0.0, "expansion": -0.55, "tender": 0.35}
_DWELL_DAYS = {"new": 25.0, "expansion": 19.0, "tender": 31.0}
LOSS_REASONS = ("Price", "Competitor", "No Budget", "Timing", "Missing Feature", "No Decision", "Other", None)
_LOSS_WEIGHTS = np.cumsum([0.24, 0.18, 0.13, 0.1, 0.07, 0.05, 0.12, 0.11])
COMPETITORS = ("Ferrotec Nord", "Hydra Union", "Motec Alliance", "Ostwerk")


@dataclass
class Change:
    """Fields set at a moment (UTC seconds). `stage` marks a stage event, which gets a row of stage history."""

    at: int
    fields: dict[str, Any]
    stage: bool = False
    actor: int | None = None


@dataclass
class Deal:
    """A deal under construction; `engagement` is the hidden interest that activity shows."""

    account: int
    seat: int
    pipeline: str
    created: int
    amount: float
    engagement: float
    owner: int = 0
    number: int = 0
    kind: str = "deal"
    created_date: int = -1
    hard_deleted: int = -1
    merged_into: Deal | None = None
    changes: list[Change] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> dict[str, Any]:
        """All fields after the last change."""
        state: dict[str, Any] = {}
        for change in self.changes:
            state.update(change.fields)
        return state

    def stage_changes(self) -> list[Change]:
        """The stage events in order."""
        return [change for change in self.changes if change.stage]

    @property
    def closed_at(self) -> int:
        """Moment of the last closing, -1 while open."""
        stages = self.stage_changes()
        return stages[-1].at if stages and stages[-1].fields["StageName"].startswith("Closed") else -1


def open_stages(pipeline: str, day: int) -> list[str]:
    """Labels of the open stages of a pipeline on a day, in order."""
    stages = ["Qualification", "Needs Analysis"]
    if pipeline == "new" and day < REMOVED_DAY:
        stages.append("Demo")
    if pipeline in ("new", "expansion") and day >= INSERTED_DAY:
        stages.append("Technical Review")
    return [*stages, offer_label(day), "Negotiation"]


def offer_label(day: int) -> str:
    """What the offer stage is called on a day."""
    return "Offer" if day >= RENAMED_DAY else "Proposal"


def stage_fields(label: str) -> dict[str, Any]:
    """The fields that follow from a stage."""
    _, probability, category = STAGES[label]
    closed = label.startswith("Closed")
    return {
        "StageName": label,
        "Probability": probability,
        "ForecastCategoryName": category,
        "IsClosed": closed,
        "IsWon": label == "Closed Won",
    }


def at_work(day: float, rng: np.random.Generator) -> int:
    """A moment in office hours on the day, or on the Monday after a week-end."""
    whole = int(day)
    weekday = (whole + 3) % 7
    whole += max(0, 7 - weekday) if weekday >= 5 else 0
    return whole * DAY + 23_400 + int(rng.integers(34_000))


class Life:
    """Runs one deal from creation until it closes or the horizon comes."""

    def __init__(self, deal: Deal, rng: np.random.Generator) -> None:
        self.deal = deal
        self.rng = rng
        self.now = deal.created
        self.pushes = 0
        self.amount = deal.amount
        self.stage = "Qualification"
        pace = float(np.exp(0.35 * rng.normal() - 0.15 * deal.engagement))
        self.dwell = _DWELL_DAYS[deal.pipeline] * pace
        self.diligence = 0.4 if rng.random() < 0.75 else 0.04
        self.close_day = int(deal.created // DAY + rng.uniform(25, 85))

    def run(self) -> Deal:
        """Fill the deal's changes."""
        first = {**stage_fields(self.stage), "Amount": self.amount, "CloseDate": self.close_day}
        self._change(self.now, first, stage=True)
        while not self.stage.startswith("Closed"):
            visit = self.rng.gamma(2.0, self.dwell / 2.0)
            leave = max(self.now + 600, at_work(self.now / DAY + max(0.4, visit), self.rng))
            if self._migrate(leave):
                continue
            self._drift(self.now, min(leave, END))
            if leave >= END:
                break
            self._leave(leave, visit)
        return self.deal

    def _migrate(self, leave: int) -> bool:
        """Carry out the administrators' stage changes that fall into this visit; True if the stage moved."""
        if self.stage == "Demo" and self.now < _REMOVED_AT < leave:
            self._drift(self.now, _REMOVED_AT)
            self._move(_REMOVED_AT, offer_label(REMOVED_DAY))
            return True
        if self.stage == "Proposal" and self.now < _RENAMED_AT < leave:
            self._drift(self.now, _RENAMED_AT)
            self.stage = "Offer"
            self._change(_RENAMED_AT, {"StageName": "Offer"})
        return False

    def _change(self, at: int, fields: dict[str, Any], *, stage: bool = False) -> None:
        last = self.deal.changes[-1].at if self.deal.changes else at - 1
        self.deal.changes.append(Change(max(at, last + 1), fields, stage))
        self.now = max(self.now, self.deal.changes[-1].at)

    def _drift(self, begin: int, end: int) -> None:
        """Between two stages: amounts move, close dates that come too near are pushed, some are pulled in."""
        if end <= begin:
            return
        updates = self.rng.poisson((end - begin) / DAY / 13.0)
        moments = sorted(at_work(begin / DAY + u * (end - begin) / DAY, self.rng) for u in self.rng.random(updates))
        for at in moments:
            if at >= end or at <= self.now:
                continue
            if self.close_day - at / DAY < 1:
                if self.rng.random() < self.diligence:
                    self._push(at)
            elif self.rng.random() < 0.55:
                self._reprice(at)
            elif self.rng.random() < 0.5:
                self.close_day = max(int(at // DAY) + 6, self.close_day - int(self.rng.integers(3, 20)))
                self._change(at, {"CloseDate": self.close_day})

    def _push(self, at: int) -> None:
        self.pushes += 1
        self.close_day = max(self.close_day, int(at // DAY)) + int(self.rng.integers(12, 60))
        self._change(at, {"CloseDate": self.close_day})

    def _reprice(self, at: int) -> None:
        self.amount = round(self.amount * float(np.exp(self.rng.normal(0.0, 0.09))), 2)
        self._change(at, {"Amount": self.amount})

    def _leave(self, at: int, visit: float) -> None:
        day = int(at // DAY)
        if self.rng.random() < self._loss_chance(visit):
            self._close(at, won=False)
            return
        stages = open_stages(self.deal.pipeline, day)
        order = STAGES[self.stage][0]
        ahead = [s for s in stages if STAGES[s][0] > order]
        behind = [s for s in stages if STAGES[s][0] < order]
        if behind and self.rng.random() < 0.043:
            self._move(at, behind[-1])
        elif not ahead:
            self._close(at, won=True)
        else:
            skip = len(ahead) > 1 and self.rng.random() < 0.062
            self._move(at, ahead[1] if skip else ahead[0])

    def _loss_chance(self, visit: float) -> float:
        """Log-odds of the stage, less for engaged customers, more after pushes, long visits and great age."""
        base = _LOSS["Offer" if self.stage == "Proposal" else self.stage]
        odds = np.log(base / (1.0 - base)) + _LOSS_SHIFT[self.deal.pipeline] - 0.9 * self.deal.engagement
        odds += 0.35 * self.pushes + 0.35 * (visit / self.dwell - 1.0)
        odds += 0.25 * ((self.now - self.deal.created) / DAY / 90.0 - 0.5)
        return float(1.0 / (1.0 + np.exp(-odds)))

    def _move(self, at: int, label: str) -> None:
        self.stage = label
        fields = stage_fields(label)
        if self.close_day <= at // DAY and self.rng.random() < self.diligence + 0.15:
            self.close_day = int(at // DAY) + int(self.rng.integers(15, 45))
            self.pushes += 1
            fields["CloseDate"] = self.close_day
        self._change(at, fields, stage=True)

    def _close(self, at: int, *, won: bool) -> None:
        self.stage = "Closed Won" if won else "Closed Lost"
        self._change(at, {**stage_fields(self.stage), **closing_fields(at, self.rng, won=won)}, stage=True)


def closing_fields(at: int, rng: np.random.Generator, *, won: bool) -> dict[str, Any]:
    """Close date, loss reason and competitor of a closing."""
    reason = None if won else LOSS_REASONS[int(np.searchsorted(_LOSS_WEIGHTS, rng.random()))]
    competitor = COMPETITORS[int(rng.integers(len(COMPETITORS)))] if reason == "Competitor" else None
    return {"CloseDate": int(at // DAY), "Loss_Reason__c": reason, "Competitor__c": competitor}
