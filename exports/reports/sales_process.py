"""The sales process report: the open pipeline by stage, and who reached each stage in the latest weeks."""

from __future__ import annotations

from exports.report import Chart, Column, Report, Table

_STAGE = "coalesce(stage.stage_name, 'UNKNOWN') as stage_name"

_STAGES = """
stages as (
    select pipeline_id, stage_id, any_value(stage_name order by valid_from desc) as stage_name
    from marts.dim_stage
    group by pipeline_id, stage_id
)
"""

_OPEN_BY_STAGE = f"""
with latest as (
    select max(snapshot_date) as snapshot_date from marts.fct_pipeline_snapshot
),
{_STAGES},
open_deals as (
    select deal.*
    from marts.fct_pipeline_snapshot as deal
    inner join latest using (snapshot_date)
    where deal.is_open
)
select
    deal.pipeline_id, {_STAGE}, deal.stage_order,
    count(*) as open_count,
    sum(deal.amount) as open_amount,
    sum(deal.amount * deal.probability) as weighted_amount,
    count(*) filter (where deal.expected_close_date < deal.snapshot_date) as overdue_count,
    sum(deal.amount) filter (where deal.expected_close_date < deal.snapshot_date) as overdue_amount
from open_deals as deal
left join stages as stage using (pipeline_id, stage_id)
group by all
order by deal.pipeline_id, deal.stage_order
"""

_REACHED = f"""
with {_STAGES},
weeks as (
    select distinct iso_year * 100 + iso_week as period_key
    from marts.dim_date
    where date_day between $as_of - 28 and $as_of
)
select
    funnel.period_key, funnel.pipeline_id, {_STAGE}, funnel.stage_order,
    funnel.entered_count, funnel.new_count, funnel.carried_count, funnel.advanced_count, funnel.won_count,
    funnel.lost_count, funnel.entered_value
from marts.rpt_funnel as funnel
inner join weeks using (period_key)
left join stages as stage using (pipeline_id, stage_id)
where funnel.basis = 'period' and funnel.grain = 'week'
    and funnel.sales_rep_id = 'ALL' and funnel.segment = 'ALL'
    and funnel.product_line = 'ALL' and funnel.source_id = 'ALL'
order by funnel.period_key desc, funnel.pipeline_id, funnel.stage_order
"""

_BY_REP = """
with latest as (
    select max(snapshot_date) as snapshot_date from marts.fct_pipeline_snapshot
),
reps as (
    select sales_rep_id, sales_rep_name, team, region from marts.dim_sales_rep where is_current
),
activities as (
    select sales_rep_id, count(*) as activity_count
    from marts.fct_activity
    where activity_at >= $as_of - 7 and activity_at < $as_of + 1
    group by sales_rep_id
)
select
    coalesce(rep.sales_rep_name, deal.sales_rep_id) as sales_rep_name, rep.region,
    count(*) as open_count,
    sum(deal.amount) as open_amount,
    sum(deal.amount * deal.probability) as weighted_amount,
    coalesce(any_value(activity.activity_count), 0) as activity_count
from marts.fct_pipeline_snapshot as deal
inner join latest using (snapshot_date)
left join reps as rep using (sales_rep_id)
left join activities as activity using (sales_rep_id)
where deal.is_open
group by all
order by open_amount desc, sales_rep_name
"""

# The last period of the mart is open-ended: it must not look like one month.
_EXPECTED = """
select
    period_key || if(period_key = max(period_key) over (), ' and later', '') as period,
    sum(open_count) as open_count,
    sum(open_value) as open_value,
    sum(crm_probability_value) as crm_probability_value,
    sum(expected_revenue) as expected_revenue
from marts.fct_expected_revenue
group by period_key
order by period_key
"""

SALES_PROCESS = Report(
    report_id="sales_process",
    title="Sales process",
    question="What lies in each stage, what reached it in the last weeks, and what will it bring?",
    cadence="weekly",
    audience="sales management, team leaders, reps",
    breakdowns="pipeline, stage, rep, week",
    requirement_ids=("PL.R1", "PL.R2", "SO.C2", "FC.7"),
    inputs=(
        "marts.dim_date",
        "marts.dim_sales_rep",
        "marts.dim_stage",
        "marts.fct_activity",
        "marts.fct_expected_revenue",
        "marts.fct_pipeline_snapshot",
        "marts.rpt_funnel",
    ),
    tables=(
        Table(
            name="Open by stage",
            title="Open pipeline by stage",
            grain="pipeline × stage",
            query=_OPEN_BY_STAGE,
            columns=(
                Column("pipeline_id", "Pipeline"),
                Column("stage_name", "Stage"),
                Column("open_count", "Deals", "integer"),
                Column("open_amount", "Amount", "money"),
                Column("weighted_amount", "Weighted (CRM)", "money"),
                Column("overdue_count", "Past close date", "integer"),
                Column("overdue_amount", "Past close date, amount", "money"),
            ),
            chart=Chart("column", "Open pipeline by stage", "stage_name", ("open_amount", "weighted_amount")),
        ),
        Table(
            name="Reached",
            title="Deals that reached each stage in the last four weeks",
            grain="ISO week × pipeline × stage",
            query=_REACHED,
            columns=(
                Column("period_key", "Week", "integer"),
                Column("pipeline_id", "Pipeline"),
                Column("stage_name", "Stage"),
                Column("entered_count", "Reached", "integer"),
                Column("new_count", "New", "integer"),
                Column("carried_count", "Carried over", "integer"),
                Column("advanced_count", "Moved on", "integer"),
                Column("won_count", "Won", "integer"),
                Column("lost_count", "Lost", "integer"),
                Column("entered_value", "Amount", "money"),
            ),
        ),
        Table(
            name="By rep",
            title="Open pipeline and last week's activities by rep",
            grain="sales rep",
            query=_BY_REP,
            columns=(
                Column("sales_rep_name", "Rep"),
                Column("region", "Region"),
                Column("open_count", "Deals", "integer"),
                Column("open_amount", "Amount", "money"),
                Column("weighted_amount", "Weighted (CRM)", "money"),
                Column("activity_count", "Activities, 7 days", "integer"),
            ),
        ),
        Table(
            name="Expected revenue",
            title="Expected revenue of the open pipeline by fiscal period",
            grain="fiscal period, the last one with everything later",
            query=_EXPECTED,
            columns=(
                Column("period", "Fiscal period"),
                Column("open_count", "Deals due", "integer"),
                Column("open_value", "Amount due", "money"),
                Column("crm_probability_value", "Weighted (CRM)", "money"),
                Column("expected_revenue", "Expected (calibrated)", "money"),
            ),
            chart=Chart(
                "column",
                "Expected revenue by fiscal period",
                "period",
                ("crm_probability_value", "expected_revenue"),
            ),
        ),
    ),
    definitions=(
        ("M27", "Reached and moved on: entries into and forward exits from a stage within the week."),
        ("M33", "Weighted (CRM): open amount × the CRM's own probability; shown only beside the calibrated one."),
        (
            "M34",
            "Expected: open amount × calibrated probability of being won within the period; the last row holds every"
            " later period too.",
        ),
    ),
)
