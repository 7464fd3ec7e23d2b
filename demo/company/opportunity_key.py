"""The answer key of what the deals' hazards produced by themselves, counted from their lives up to the frozen now."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from demo.company.clock import DAY, NOW, NOW_DAY, to_date
from demo.company.model import Quirk
from demo.company.opportunity_life import INSERTED_DAY, REMOVED_DAY, RENAMED_DAY, Deal, offer_label, open_stages
from demo.company.opportunity_quirks import deal_id, stage_order
from demo.company.opportunity_tables import CLOSE_DATE_TRACKED_FROM, UNTRACKED_PIPELINE, versions


def history_quirks(deals: list[Deal]) -> list[Quirk]:
    """A7, A8, A11, A12 (overdue), A14, A15, A18, A20."""
    seen = [deal for deal in deals if deal.changes[0].at <= NOW and not 0 <= deal.hard_deleted <= NOW]
    return [
        _regressions(seen),
        _skips(seen),
        _pushes(seen),
        _overdue(seen),
        _stage_changes(seen),
        _owner_changes(seen),
        _immature(seen),
        _loss_reasons(seen),
    ]


def _stages(deal: Deal) -> list[tuple[int, str]]:
    return [(c.at, str(c.fields["StageName"])) for c in deal.stage_changes() if c.at <= NOW]


def _regressions(deals: list[Deal]) -> Quirk:
    """Backward moves between open stages; coming back from lost is a re-opening (A9), not a regression."""
    found = {}
    for deal in deals:
        orders = [stage_order(label) for _, label in _stages(deal)]
        count = sum(b < a < 90 for a, b in pairwise(orders))
        if count:
            found[deal_id(deal)] = count
    return Quirk("A7", "Opportunity", sorted(found), {"regress_count": found})


def _skips(deals: list[Deal]) -> Quirk:
    found = []
    for deal in deals:
        stages = _stages(deal)
        for (_, before), (at, after) in pairwise(stages):
            valid = [stage_order(label) for label in open_stages(deal.pipeline, at // DAY)]
            if after == "Closed Lost":
                continue
            if any(stage_order(before) < order < stage_order(after) for order in valid):
                found.append(deal_id(deal))
                break
    return Quirk("A8", "Opportunity", found, {"deals": len(found)})


def _pushes(deals: list[Deal]) -> Quirk:
    """Close dates moved later while the deal was open; unknown where no history was kept."""
    counts: dict[str, int] = {}
    untracked = []
    for deal in deals:
        if deal.pipeline == UNTRACKED_PIPELINE and deal.changes[0].at < CLOSE_DATE_TRACKED_FROM:
            untracked.append(deal_id(deal))
            continue
        pushes, before, was_open = 0, None, False
        for change, state in versions(deal):
            if change.at > NOW:
                break
            is_open = not state["IsClosed"]
            # A re-opened deal gets a new date without being pushed.
            pushes += bool(is_open and was_open and before is not None and 0 <= before < state["CloseDate"])
            before, was_open = state["CloseDate"], is_open
        if pushes:
            counts[deal_id(deal)] = pushes
    often = [key for key, count in counts.items() if count >= 4]
    expected: dict[str, Any] = {
        "push_count": counts,
        "often": often,
        "untracked_before": to_date(CLOSE_DATE_TRACKED_FROM // DAY).isoformat(),
    }
    expected["untracked_deals"] = untracked
    return Quirk("A11", "Opportunity", sorted(counts), expected)


def _state_now(deal: Deal) -> dict[str, Any]:
    return [state for change, state in versions(deal) if change.at <= NOW][-1]


def _overdue(deals: list[Deal]) -> Quirk:
    keys = []
    for deal in deals:
        state = _state_now(deal)
        if not state["IsClosed"] and not state["IsDeleted"] and 0 <= state["CloseDate"] < NOW_DAY:
            keys.append(deal_id(deal))
    return Quirk("A12", "Opportunity", keys, {"overdue": len(keys)})


def _stage_changes(deals: list[Deal]) -> Quirk:
    labels: dict[str, int] = {}
    for deal in deals:
        for _, label in _stages(deal):
            labels[label] = labels.get(label, 0) + 1
    expected = {
        "renamed": [offer_label(RENAMED_DAY - 1), offer_label(RENAMED_DAY), to_date(RENAMED_DAY).isoformat()],
        "removed": ["Demo", to_date(REMOVED_DAY).isoformat()],
        "inserted": ["Technical Review", to_date(INSERTED_DAY).isoformat()],
        "history_rows": labels,
    }
    return Quirk("A14", "OpportunityStage", ["Proposal", "Demo", "Technical Review"], expected)


def _owner_changes(deals: list[Deal]) -> Quirk:
    changed, from_leavers = [], []
    for deal in deals:
        if any("OwnerId" in c.fields and c.at <= NOW for c in deal.changes[1:]):
            changed.append(deal_id(deal))
            if deal.plan.get("owner_leaver"):
                from_leavers.append(deal_id(deal))
    return Quirk("A15", "Opportunity", changed, {"changed": len(changed), "from_leavers": from_leavers})


def _immature(deals: list[Deal]) -> Quirk:
    """Share closed by creation month, of the last six months; under four fifths is immature."""
    months: dict[str, list[int]] = {}
    for deal in deals:
        if deal.changes[0].at > NOW - 180 * DAY:
            state = _state_now(deal)
            if not state["IsDeleted"]:
                month = to_date(deal.changes[0].at // DAY).strftime("%Y-%m")
                months.setdefault(month, []).append(int(state["IsClosed"]))
    share = {month: round(sum(flags) / len(flags), 4) for month, flags in sorted(months.items())}
    immature = [month for month, value in share.items() if value < 0.8]
    return Quirk("A18", "cohort", immature, {"share_closed": share, "threshold": 0.8})


def _loss_reasons(deals: list[Deal]) -> Quirk:
    lost, unknown = 0, []
    for deal in deals:
        state = _state_now(deal)
        if state["StageName"] == "Closed Lost" and not state["IsDeleted"]:
            lost += 1
            if state.get("Loss_Reason__c") in (None, "Other"):
                unknown.append(deal_id(deal))
    return Quirk("A20", "Opportunity", unknown, {"lost": lost, "unknown_share": round(len(unknown) / max(1, lost), 4)})
