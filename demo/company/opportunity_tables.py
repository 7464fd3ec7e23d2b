"""Deals as the CRM stores them: the record's versions, its stage history, field history and lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from demo.company.clock import DAY, START_DAY, dates, day_number, stamps, to_date
from demo.company.frames import crm_timeline
from demo.company.identifiers import salesforce_id, salesforce_ids
from demo.company.model import TableTimeline
from demo.company.opportunity_life import STAGES, Change, Deal
from demo.company.opportunity_quirks import deal_id
from demo.company.products import Catalogue

CLOSE_DATE_TRACKED_FROM = day_number(date(2022, 9, 1)) * DAY
UNTRACKED_PIPELINE = "tender"
"""Close dates of this pipeline have no field history before `CLOSE_DATE_TRACKED_FROM`."""
_TRACKED = ("Amount", "CloseDate", "OwnerId", "ForecastCategoryName", "IsDeleted")
_NO_DATE = -1
Lives = list[tuple[Deal, list[tuple[Change, dict[str, Any]]]]]
"""Each deal with its changes and the full state after each."""


def opportunity_tables(
    deals: list[Deal], catalogue: Catalogue, late: dict[int, int], rng: np.random.Generator
) -> list[TableTimeline]:
    """Opportunity, OpportunityHistory, OpportunityFieldHistory, OpportunityLineItem, OpportunityStage.

    `late` delays, by deal number, the version at a moment: the system shows it that many seconds later.
    """
    lives: Lives = [(deal, list(versions(deal))) for deal in deals]
    return [
        _records(lives, late),
        _stage_history(lives),
        _field_history(lives),
        _lines(lives, catalogue, rng),
        _stages(),
    ]


def _gone(deals: list[Deal]) -> Any:
    return stamps([deal.hard_deleted for deal in deals])


def versions(deal: Deal) -> Iterator[tuple[Change, dict[str, Any]]]:
    """Each change with the full state after it."""
    state: dict[str, Any] = {"OwnerId": deal.owner, "IsDeleted": False, "CloseDate": _NO_DATE}
    for change in deal.changes:
        state = {**state, **change.fields}
        yield change, state


def _records(lives: Lives, late: dict[int, int]) -> TableTimeline:
    rows: list[tuple[Deal, Change, dict[str, Any]]] = []
    for deal, history in lives:
        for change, state in history:
            if rows and rows[-1][0] is deal and rows[-1][1].at == change.at:
                rows.pop()
            rows.append((deal, change, state))
    owner = [deal for deal, _, _ in rows]
    state_of = [state for _, _, state in rows]
    at = np.array([change.at for _, change, _ in rows])
    last = np.array([i + 1 == len(rows) or rows[i + 1][0] is not rows[i][0] for i in range(len(rows))])
    delay = np.array([late.get(deal.number, 0) for deal in owner]) * last

    def plan(name: str) -> list[Any]:
        return [deal.plan.get(name) for deal in owner]

    def now(name: str) -> list[Any]:
        return [state.get(name) for state in state_of]

    return crm_timeline(
        "Opportunity",
        {
            "Id": salesforce_ids("Opportunity", [d.number for d in owner]),
            "Name": plan("name"),
            "AccountId": salesforce_ids("Account", [d.account for d in owner]),
            "OwnerId": salesforce_ids("User", now("OwnerId")),
            "Pipeline__c": [d.pipeline for d in owner],
            "Amount": now("Amount"),
            "CurrencyIsoCode": plan("currency"),
            "StageName": now("StageName"),
            "Probability": now("Probability"),
            "ForecastCategoryName": now("ForecastCategoryName"),
            "CloseDate": dates(now("CloseDate")),
            "LeadSource": plan("source"),
            "CampaignId": plan("campaign"),
            "NextStep": [None if s["IsClosed"] else d.plan["next_step"] for d, s in zip(owner, state_of, strict=True)],
            "Loss_Reason__c": now("Loss_Reason__c"),
            "Competitor__c": now("Competitor__c"),
            "IsClosed": now("IsClosed"),
            "IsWon": now("IsWon"),
            "Merged_Into__c": [
                deal_id(d.merged_into) if s.get("merge") and d.merged_into else None
                for d, s in zip(owner, state_of, strict=True)
            ],
            "IsDeleted": now("IsDeleted"),
            "CreatedDate": stamps([d.created_date if d.created_date >= 0 else d.changes[0].at for d in owner]),
            "SystemModstamp": stamps(at),
        },
        gone=_gone(owner),
        visible=at + delay,
    )


def _stage_history(lives: Lives) -> TableTimeline:
    rows = [(d, c, s) for d, history in lives for c, s in history if c.stage]
    rows = [rows[i] for i in np.argsort([c.at for _, c, _ in rows], kind="stable").tolist()]
    at = stamps([c.at for _, c, _ in rows])
    return crm_timeline(
        "OpportunityHistory",
        {
            "Id": salesforce_ids("OpportunityHistory", np.arange(1, len(rows) + 1)),
            "OpportunityId": salesforce_ids("Opportunity", [d.number for d, _, _ in rows]),
            "StageName": [s["StageName"] for _, _, s in rows],
            "Amount": [s["Amount"] for _, _, s in rows],
            "Probability": [s["Probability"] for _, _, s in rows],
            "ForecastCategory": [s["ForecastCategoryName"] for _, _, s in rows],
            "CloseDate": dates([s["CloseDate"] for _, _, s in rows]),
            "CreatedById": salesforce_ids("User", [s["OwnerId"] for _, _, s in rows]),
            "IsDeleted": False,
            "CreatedDate": at,
            "SystemModstamp": at,
        },
        gone=_gone([d for d, _, _ in rows]),
    )


def _field_history(lives: Lives) -> TableTimeline:
    rows: list[tuple[int, Deal, str, Any, Any, int]] = []
    for deal, history in lives:
        before: dict[str, Any] | None = None
        for change, state in history:
            if before is not None:
                rows += [
                    (change.at, deal, name, before.get(name), state.get(name), state["OwnerId"])
                    for name in _TRACKED
                    if before.get(name) != state.get(name) and _is_tracked(deal, name, change.at)
                ]
            before = state
    rows.sort(key=lambda row: (row[0], row[1].number))
    at = stamps([row[0] for row in rows])
    return crm_timeline(
        "OpportunityFieldHistory",
        {
            "Id": salesforce_ids("OpportunityFieldHistory", np.arange(1, len(rows) + 1)),
            "OpportunityId": salesforce_ids("Opportunity", [row[1].number for row in rows]),
            "Field": [row[2].replace("OwnerId", "Owner") for row in rows],
            "OldValue": [_text(row[2], row[3]) for row in rows],
            "NewValue": [_text(row[2], row[4]) for row in rows],
            "CreatedById": salesforce_ids("User", [row[5] for row in rows]),
            "IsDeleted": False,
            "CreatedDate": at,
        },
        gone=_gone([row[1] for row in rows]),
    )


def _is_tracked(deal: Deal, name: str, at: int) -> bool:
    return not (name == "CloseDate" and deal.pipeline == UNTRACKED_PIPELINE and at < CLOSE_DATE_TRACKED_FROM)


def _text(name: str, value: Any) -> str | None:
    if value is None or (name == "CloseDate" and value < 0):
        return None
    if name == "CloseDate":
        return to_date(value).isoformat()
    if name == "OwnerId":
        return salesforce_id("User", value)
    if name == "IsDeleted":
        return "true" if value else "false"
    return f"{value:.2f}" if name == "Amount" else str(value)


def _lines(lives: Lives, catalogue: Catalogue, rng: np.random.Generator) -> TableTimeline:
    """One version of every line for each amount its deal had; sixty deals (at M) do not add up to their header.

    Deals are about products of the old catalogue; later ones are sold through orders only.
    """
    weights = np.cumsum([p.weight if p.launch <= START_DAY else 0.0 for p in catalogue.products])
    rows: list[tuple[int, Deal, int, float, float, float, bool, int, int]] = []
    number = 0
    for deal, history in lives:
        count = deal.plan["lines"]
        skus = np.minimum(np.searchsorted(weights, rng.random(count) * weights[-1]), len(weights) - 1)
        shares = rng.dirichlet(np.full(count, 2.0))
        discount = (0.0, 0.0, 5.0, 10.0)[int(rng.integers(4))]
        fit = 0.92 if deal.number % 150 == 3 else 1.0
        shown: tuple[Any, Any] | None = None
        for change, state in history:
            if (state["Amount"], state["IsDeleted"]) == shown:
                continue
            shown = (state["Amount"], state["IsDeleted"])
            totals = _split(state["Amount"] * fit, shares)
            for place, (sku, total) in enumerate(zip(skus.tolist(), totals, strict=True)):
                listed = catalogue.products[sku].price
                quantity = float(max(1, round(abs(total) / listed)))
                price = round(total / quantity / (1.0 - discount / 100.0), 4)
                row = (number + place + 1, deal, sku, quantity, price, discount, state["IsDeleted"], change.at)
                rows.append((*row, round(total * 100)))
        number += count
    created = stamps([row[1].changes[0].at for row in rows])
    return crm_timeline(
        "OpportunityLineItem",
        {
            "Id": salesforce_ids("OpportunityLineItem", [row[0] for row in rows]),
            "OpportunityId": salesforce_ids("Opportunity", [row[1].number for row in rows]),
            "Product2Id": salesforce_ids("Product2", [catalogue.products[row[2]].number for row in rows]),
            "ProductCode": [catalogue.products[row[2]].sku for row in rows],
            "Quantity": [row[3] for row in rows],
            "UnitPrice": [row[4] for row in rows],
            "Discount": [row[5] for row in rows],
            "TotalPrice": [row[8] / 100 for row in rows],
            "IsDeleted": [row[6] for row in rows],
            "CreatedDate": created,
            "SystemModstamp": stamps([row[7] for row in rows]),
        },
        gone=_gone([row[1] for row in rows]),
    )


def _split(amount: float, shares: Any) -> list[float]:
    """Parts in cents that add up to the amount."""
    parts = [round(float(share) * amount, 2) for share in shares[:-1]]
    return [*parts, round(amount - sum(parts), 2)]


def _stages() -> TableTimeline:
    """The stage labels with their administrators' changes: renamed, removed, inserted."""
    start = START_DAY * DAY
    first = [(name, start, True) for name in STAGES if name not in ("Technical Review", "Offer")]
    removed = [("Demo", day_number(date(2023, 4, 1)) * DAY + 3_000, False)]
    inserted = [("Technical Review", day_number(date(2023, 10, 1)) * DAY + 3_000, True)]
    renamed = [("Offer", day_number(date(2023, 7, 1)) * DAY + 3_000, True)]
    numbers = {"Proposal": 5, "Offer": 5}
    numbers |= {name: 10 + i for i, name in enumerate(STAGES) if name not in numbers}
    rows = first + removed + inserted + renamed
    created = {name: at for name, at, _ in reversed(rows)} | {"Offer": start}
    return crm_timeline(
        "OpportunityStage",
        {
            "Id": salesforce_ids("OpportunityStage", [numbers[name] for name, _, _ in rows]),
            "MasterLabel": [name for name, _, _ in rows],
            "ApiName": [name for name, _, _ in rows],
            "SortOrder": [STAGES[name][0] for name, _, _ in rows],
            "ForecastCategoryName": [STAGES[name][2] for name, _, _ in rows],
            "DefaultProbability": [STAGES[name][1] for name, _, _ in rows],
            "IsActive": [active for _, _, active in rows],
            "IsClosed": [name.startswith("Closed") for name, _, _ in rows],
            "IsWon": [name == "Closed Won" for name, _, _ in rows],
            "CreatedDate": stamps([created[name] for name, _, _ in rows]),
            "SystemModstamp": stamps([at for _, at, _ in rows]),
        },
    )
