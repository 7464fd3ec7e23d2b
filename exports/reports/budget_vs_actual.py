"""Budget against actual: how far each region, territory and category is from its budget."""

from __future__ import annotations

from exports.report import Chart, Column, Report, Table

_MEASURES = (
    Column("actual_amount", "Actual", "money"),
    Column("budget_amount", "Budget", "money"),
    Column("variance_amount", "Variance", "money", signed=True),
    Column("variance_ratio", "Variance %", "ratio", signed=True),
    Column("attainment_ratio", "Attainment", "ratio"),
    Column("prior_year_amount", "Prior year", "money"),
)

# The versions that are in force for the fiscal year of the as-of date and the year before, and the periods that have
# closed: an open month would compare a few weeks with a whole month's budget. Attainment and variance are those of
# the metric book (M05, M06), taken of sums, never averaged.
_CLOSED_ROWS = """
with versions as (
    select distinct budget_version from marts.fct_budget where is_current
),
periods as (
    select distinct fiscal_period_key, fiscal_year, fiscal_period
    from marts.dim_date
    where fiscal_period_end < $as_of
        and fiscal_year >= (select fiscal_year - 1 from marts.dim_date where date_day = $as_of)
),
closed as (
    select plan.*, periods.fiscal_year, periods.fiscal_period
    from {plan} as plan
    inner join versions using (budget_version)
    inner join periods using (fiscal_period_key)
)
"""
_CLOSED = _CLOSED_ROWS.format(plan="marts.fct_budget_vs_actual")

# A realignment in the year would set the sales of one territory against the budget of another.
_BY_TERRITORY = f"""
{_CLOSED_ROWS.format(plan="marts.rpt_budget_vs_actual_today")}
select budget_version, region, territory_name, {{sums}}
from closed
group by budget_version, region, territory_name, territory_id
order by budget_version desc, region, territory_name, territory_id
"""

_SUMS = """
    sum(actual_amount) as actual_amount,
    sum(budget_amount) as budget_amount,
    coalesce(sum(actual_amount), 0) - coalesce(sum(budget_amount), 0) as variance_amount,
    (coalesce(sum(actual_amount), 0) - sum(budget_amount)) / nullif(abs(sum(budget_amount)), 0) as variance_ratio,
    coalesce(sum(actual_amount), 0) / nullif(sum(budget_amount), 0) as attainment_ratio,
    sum(prior_year_amount) as prior_year_amount
"""


def _grouped(columns: str, order: str) -> str:
    return f"{_CLOSED} select {columns}, {_SUMS} from closed group by {columns} order by {order}"


_BY_REGION = f"""
{_CLOSED}
select
    budget_version,
    case when grouping(region) = 1 then 'ALL' else region end as region,
    {_SUMS}
from closed
group by grouping sets ((budget_version, region), (budget_version))
order by budget_version desc, grouping(region) desc, region
"""

BUDGET_VS_ACTUAL = Report(
    report_id="budget_vs_actual",
    title="Budget against actual",
    question="Where do we stand against the budget, and who is above or below it?",
    cadence="monthly",
    audience="finance, sales management",
    breakdowns="region, territory, product category, fiscal period",
    requirement_ids=("DB.A4", "DB.F4a", "DB.F4b", "DB.U2", "DB.B7", "FC.6"),
    inputs=(
        "marts.dim_date",
        "marts.fct_budget",
        "marts.fct_budget_vs_actual",
        "marts.rpt_budget_vs_actual_today",
    ),
    tables=(
        Table(
            name="By region",
            title="Fiscal year to date by region, closed periods",
            grain="budget version × region",
            query=_BY_REGION,
            columns=(Column("budget_version", "Budget version"), Column("region", "Region"), *_MEASURES),
            emphasis=("region", "ALL"),
        ),
        Table(
            name="By period",
            title="By fiscal period, closed periods",
            grain="budget version × fiscal period",
            query=_grouped("budget_version, fiscal_period_key", "fiscal_period_key, budget_version"),
            columns=(
                Column("budget_version", "Budget version"),
                Column("fiscal_period_key", "Fiscal period", "integer"),
                *_MEASURES,
            ),
            chart=Chart(
                "column",
                "Actual against budget by fiscal period",
                "fiscal_period_key",
                ("actual_amount", "budget_amount"),
            ),
        ),
        Table(
            name="By territory",
            title="Fiscal year to date by territory as of today, closed periods",
            grain="budget version × territory of today, amounts of former territories with their successors",
            query=_BY_TERRITORY.format(sums=_SUMS),
            columns=(
                Column("budget_version", "Budget version"),
                Column("region", "Region"),
                Column("territory_name", "Territory"),
                *_MEASURES,
            ),
        ),
        Table(
            name="By category",
            title="Fiscal year to date by product category, closed periods",
            grain="budget version × product category",
            query=_grouped("budget_version, product_category", "budget_version desc, product_category"),
            columns=(
                Column("budget_version", "Budget version"),
                Column("product_category", "Product category"),
                *_MEASURES,
            ),
        ),
    ),
    definitions=(
        ("M01", "Actual: net revenue, invoices less credit notes, by invoice date at the dated rate."),
        ("M05", "Attainment: actual ÷ budget of the same fiscal periods; empty where there is no budget."),
        ("M06", "Variance: actual − budget; in % of the budget's absolute value."),
    ),
)
