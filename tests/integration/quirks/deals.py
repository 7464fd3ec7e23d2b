"""Quirks of opportunities and their history, found in the release."""

from __future__ import annotations

from collections.abc import Callable

from tests.integration.quirks.finding import Case, Finding, crm, finding, finding_among_planted


def a1_deleted(case: Case) -> Finding:
    """Soft-deleted deals are flagged and neither open, won nor lost; those of A2 and A3 have their own lines."""
    expected = case.entry()["expected"]
    planted = {crm(key) for key in expected["deleted_at"] if key not in expected["after_now"]}
    others = {crm(k) for q in case.warehouse.quirks() if q["id"] in ("A2", "A3") for k in q["keys"]}
    found = case.ids("""
        select opportunity_id from marts.fct_opportunity
        where is_deleted and merged_into_id is null and not (is_open or is_won or is_lost)""")
    return finding("A1", "soft-deleted deals", planted, found - others)


def a1_out_of_pipeline(case: Case) -> Finding:
    """Deals that were open when they were deleted leave the pipeline on that day, and stay in the days before."""
    expected = case.entry()["expected"]
    planted = {
        (crm(key), _local_date(case, expected["deleted_at"][key]))
        for key in expected["open_when_deleted"]
        if key not in expected["after_now"]
    }
    last_days = case.warehouse.query("""
        select opportunity_id, max(snapshot_date) + 1 from marts.fct_pipeline_snapshot
        where opportunity_id in (select opportunity_id from marts.fct_opportunity where is_deleted)
        group by opportunity_id having bool_and(is_open)""")
    keys = {key for key, _ in planted}
    return finding_among_planted(
        "A1", "open deals out of the pipeline from deletion", planted, {r for r in last_days if r[0] in keys}
    )


def _local_date(case: Case, moment: str) -> object:
    local = "select (?::timestamp at time zone 'UTC' at time zone 'Europe/Bucharest')::date"
    return case.warehouse.query(local, moment)[0][0]


def a2_hard_deleted(case: Case) -> Finding:
    """Records of the deletion log are tombstones in the raw versions."""
    planted = case.entry()["expected"]["before_now"]
    rows = case.warehouse.query_build("select id from state.raw_salesforce.opportunity where _deleted_at is not null")
    return finding("A2", "hard-deleted deals", planted, {row[0] for row in rows})


def a3_restored(case: Case) -> Finding:
    """Deletion and restoration are both in the deal's life, at their moments."""
    clock = case.warehouse.query("select as_of_ts from ops.clock")[0][0]
    planted = {
        (crm(key), moment)
        for key, moments in case.entry()["expected"]["deleted_and_restored_at"].items()
        for moment in moments
        if moment <= clock.isoformat()
    }
    rows = case.warehouse.query_build("""
        select opportunity_id, changed_at from intermediate.int_opportunity_timeline
        qualify is_deleted <> lag(is_deleted, 1, false) over (partition by opportunity_id order by changed_at)""")
    keys = {key for key, _ in planted}
    return finding_among_planted(
        "A3", "deletions and restorations", planted, {(k, at.isoformat()) for k, at in rows if k in keys}
    )


def a4_deals(case: Case) -> Finding:
    """Merged deals name their survivor and count nowhere."""
    survivor_of = case.entry("Opportunity")["expected"]["survivor"]
    found = case.warehouse.query("""
        select opportunity_id, merged_into_id from marts.fct_opportunity
        where merged_into_id is not null and not (is_open or is_won or is_lost)""")
    return finding("A4", "merged deals", ((crm(v), crm(s)) for v, s in survivor_of.items()), found)


def a7_regressions(case: Case) -> Finding:
    """Backward moves, counted per deal."""
    planted = {(crm(key), count) for key, count in case.entry()["expected"]["regress_count"].items()}
    found = case.warehouse.query(
        "select opportunity_id, regress_count from marts.fct_opportunity where regress_count > 0"
    )
    return finding("A7", "deals with regressions, and how many", planted, found)


def a8_skips(case: Case) -> Finding:
    """Deals that jumped over a stage which their pipeline had on that day."""
    found = case.ids("select distinct opportunity_id from marts.fct_opportunity_stage_event where is_skip")
    return finding("A8", "deals with skipped stages", map(crm, case.entry()["keys"]), found)


def a9_reopened(case: Case) -> Finding:
    """Re-opened deals, and whether they were won in the end: one outcome each."""
    won = set(case.entry()["expected"]["won_later"])
    found = case.warehouse.query("select opportunity_id, is_won from marts.fct_opportunity where reopen_count > 0")
    return finding(
        "A9", "re-opened deals and their one outcome", ((crm(k), k in won) for k in case.entry()["keys"]), found
    )


def a10_same_second(case: Case) -> Finding:
    """Stage events of one second are in the order of their ids."""
    stage_of = case.pairs("select distinct stage_name, stage_id from marts.dim_stage")
    planted = {
        (crm(key), tuple(stage_of[label] for label in labels))
        for key, labels in case.entry()["expected"]["stages_in_order"].items()
    }
    found = case.warehouse.query("""
        select opportunity_id, list(to_stage_id order by event_seq) from marts.fct_opportunity_stage_event
        where opportunity_id in (
            select opportunity_id from marts.fct_opportunity_stage_event
            group by opportunity_id, entered_at having count(*) > 1)
        group by opportunity_id""")
    return finding("A10", "same-second stage events in order", planted, {(key, tuple(stages)) for key, stages in found})


def a11_pushes(case: Case) -> Finding:
    """Moves of the close date to later, per deal."""
    planted = {(crm(key), count) for key, count in case.entry()["expected"]["push_count"].items()}
    found = case.warehouse.query("select opportunity_id, push_count from marts.fct_opportunity where push_count > 0")
    return finding("A11", "deals pushed, and how often", planted, found)


def a11_untracked(case: Case) -> Finding:
    """Where no history was kept the count is unknown, not nought."""
    found = case.ids("select opportunity_id from marts.fct_opportunity where push_count is null")
    return finding(
        "A11", "deals without close-date history", map(crm, case.entry()["expected"]["untracked_deals"]), found
    )


def a12_odd_values(case: Case) -> Finding:
    """Open deals with an odd amount or date, by kind of oddity."""
    planted = {
        (crm(key), kind)
        for entry in case.entries
        for kind, keys in (entry["expected"] | {"overdue": entry["keys"]}).items()
        if kind != "overdue" or "overdue" in entry["expected"]
        for key in keys
    }
    found = case.warehouse.query("""
        select opportunity_id, unnest(list_filter([
            if(amount = 0, 'zero', null), if(amount < 0, 'negative', null),
            if(amount is null and amount_document > 1e8, 'absurd', null),
            if(expected_close_date is null, 'no_close_date', null),
            if(expected_close_date < (select as_of_ts::date from ops.clock), 'overdue', null)
        ], lambda kind: kind is not null))
        from marts.fct_opportunity where is_open""")
    return finding("A12", "odd amounts and dates of open deals", planted, found)


def a13_created(case: Case) -> Finding:
    """Back-dated creation: business time beside system time."""
    keys = case.entry()["expected"]["created_before_known"]
    found = case.ids("""
        select opportunity_id from marts.fct_opportunity
        inner join marts.fct_opportunity_stage_event using (opportunity_id)
        where event_seq = 1 and created_at < entered_at - interval 4 day""")
    return finding("A13", "deals created before they were known", map(crm, keys), found)


def a13_closed(case: Case) -> Finding:
    """Close dates that lie before the moment of closing."""
    keys = case.entry()["expected"]["closed_before_known"]
    found = case.ids("""
        select opportunity_id from marts.fct_opportunity
        where (is_won or is_lost) and expected_close_date < closed_at::date - 3""")
    return finding("A13", "deals closed before it was known", map(crm, keys), found)


def a14_stages(case: Case) -> Finding:
    """The stage that was renamed, the one removed and the one inserted, each on its day (business date)."""
    expected = case.entry()["expected"]
    planted = {
        ("renamed", *expected["renamed"]),
        ("removed", *expected["removed"]),
        ("inserted", *expected["inserted"]),
    }
    local = "(({} at time zone 'UTC') at time zone 'Europe/Bucharest')::date::varchar"
    versions = case.warehouse.query(f"""
        select stage_name, {local.format("valid_to")},
            lead(stage_name) over (partition by pipeline_id, stage_id order by valid_from),
            if(valid_from > timestamp '1900-01-01' and row_number() over (
                partition by pipeline_id, stage_id order by valid_from) = 1, {local.format("valid_from")}, null)
        from marts.dim_stage""")
    found: set[tuple[str, ...]] = set()
    for name, ends, successor, begins in versions:
        if ends:
            found.add(("renamed", name, successor, ends) if successor else ("removed", name, ends))
        if begins:
            found.add(("inserted", name, begins))
    return finding("A14", "stage renamed, removed, inserted", planted, found)


def a14_one_funnel(case: Case) -> Finding:
    """Every stage change of the history is an event, the renamed stage under one id."""
    stage_of = case.pairs("select distinct stage_name, stage_id from marts.dim_stage")
    planted: dict[str, int] = {}
    for label, count in case.entry()["expected"]["history_rows"].items():
        planted[stage_of[label]] = planted.get(stage_of[label], 0) + count
    found = case.pairs("select to_stage_id, count(*) from marts.fct_opportunity_stage_event group by 1")
    return finding("A14", "stage events by stage", planted.items(), found.items())


def a15_owners(case: Case) -> Finding:
    """Deals that changed hands keep each owner in their history."""
    rows = case.warehouse.query_build("""
        select opportunity_id from intermediate.int_opportunity_timeline
        group by opportunity_id having count(distinct owner_id) > 1""")
    return finding("A15", "deals that changed owner", map(crm, case.entry()["keys"]), {row[0] for row in rows})


def a18_immature(case: Case) -> Finding:
    """Creation cohorts of which too little is closed."""
    expected = case.entry()["expected"]
    shares = case.pairs("""
        select strftime(entered_at, '%Y-%m'), avg((is_won or is_lost)::integer)
        from marts.fct_opportunity_stage_event inner join marts.fct_opportunity using (opportunity_id)
        where event_seq = 1 and (not is_deleted or merged_into_id is not null) group by 1""")
    found = {month for month in expected["share_closed"] if shares.get(month, 1.0) < expected["threshold"]}
    return finding("A18", "immature creation cohorts", case.entry()["keys"], found)


def a20_unknown_reasons(case: Case) -> Finding:
    """Lost deals whose reason is blank or 'Other'."""
    found = case.ids("""
        select opportunity_id from marts.fct_opportunity where is_lost and loss_reason_id in ('UNKNOWN', 'other')""")
    return finding("A20", "lost deals of unknown reason", map(crm, case.entry()["keys"]), found)


def a21_closings(case: Case) -> Finding:
    """Deals closed around midnight count on the business date, not on the day in UTC."""
    planted = {(crm(key), day) for key, day in case.entry("Opportunity")["expected"]["business_date"].items()}
    keys = {key for key, _ in planted}
    rows = case.warehouse.query(
        "select opportunity_id, max(snapshot_date)::varchar from marts.fct_pipeline_snapshot"
        " where not is_open group by 1"
    )
    return finding_among_planted("A21", "closings around midnight", planted, {row for row in rows if row[0] in keys})


def a21_clock_changes(case: Case) -> Finding:
    """Changes in the hours that the clock skips or repeats lie on that night."""
    days = case.entry("OpportunityFieldHistory")["expected"]["business_date"]
    planted = {(crm(key), day) for key, day in days.items()}
    keys = {key for key, _ in planted}
    rows = case.warehouse.query_build("""
        select opportunity_id, business_date::varchar from intermediate.int_opportunity_timeline
        where hour(changed_at) < 2 and strftime(changed_at, '%m-%d') in ('03-26', '10-27')""")
    return finding_among_planted(
        "A21", "changes in clock-change nights", planted, {row for row in rows if row[0] in keys}
    )


FINDERS: dict[str, list[Callable[[Case], Finding]]] = {
    "A1": [a1_deleted, a1_out_of_pipeline],
    "A2": [a2_hard_deleted],
    "A3": [a3_restored],
    "A4": [a4_deals],
    "A7": [a7_regressions],
    "A8": [a8_skips],
    "A9": [a9_reopened],
    "A10": [a10_same_second],
    "A11": [a11_pushes, a11_untracked],
    "A12": [a12_odd_values],
    "A13": [a13_created, a13_closed],
    "A14": [a14_stages, a14_one_funnel],
    "A15": [a15_owners],
    "A18": [a18_immature],
    "A20": [a20_unknown_reasons],
    "A21": [a21_closings, a21_clock_changes],
}
