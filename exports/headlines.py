"""The headline figures of a release: one number each, as a sentence's worth of SQL.

What belongs here: names and queries. What does not: how they are printed.
"""

from __future__ import annotations

import duckdb

_LAST_YEAR = "(select fiscal_year - 1 from marts.dim_date inner join ops.clock on date_day = business_date)"

_REVENUE_BY_YEAR = """
with years as (
    select fiscal_year, sum(net_amount) as revenue
    from marts.fct_sales
    inner join marts.dim_date on invoice_date = date_day
    group by fiscal_year
)
"""

HEADLINES: dict[str, str] = {
    "Sales lines": "select format('{:,}', count(*)) from marts.fct_sales",
    "Customers who have bought": "select format('{:,}', count(distinct customer_id)) from marts.fct_sales",
    "Net revenue, last complete fiscal year": f"""
        {_REVENUE_BY_YEAR} select format('{{:,.0f}}', revenue) from years where fiscal_year = {_LAST_YEAR}""",
    "Growth over the fiscal year before": f"""
        {_REVENUE_BY_YEAR}
        select format('{{:+.1f}} %', 100 * (this_year.revenue / nullif(year_before.revenue, 0) - 1))
        from years as this_year
        inner join years as year_before on year_before.fiscal_year = this_year.fiscal_year - 1
        where this_year.fiscal_year = {_LAST_YEAR}""",
    "Budget attainment, that fiscal year": f"""
        select format('{{:.1f}} %', 100 * sum(actual_amount) / sum(budget_amount))
        from marts.fct_budget_vs_actual
        where budget_version in (select budget_version from marts.fct_budget where is_current)
            and fiscal_period_key // 100 = {_LAST_YEAR}""",
    "Open deals": "select format('{:,}', count(*)) from marts.fct_opportunity where is_open",
    "Open pipeline": "select format('{:,.0f}', sum(amount)) from marts.fct_opportunity where is_open",
    "Expected from it (calibrated)": "select format('{:,.0f}', sum(expected_revenue)) from marts.fct_expected_revenue",
    "Forecast vintages kept": "select format('{:,}', count(*)) from forecast.forecast_run",
    "Forecast accuracy, company, 1 month ahead": """
        select format('{:.1f} %', 100 * accuracy)
        from forecast.fct_forecast_metric
        where level = 'total' and method = 'champion' and lag_periods = 1 and series_id is null
        order by as_of_date desc, window_periods desc
        limit 1""",
}


def headline_figures(release: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Each headline with its figure as text; a figure that the release cannot give is a dash."""
    return [(name, _figure(release, query)) for name, query in HEADLINES.items()]


def _figure(release: duckdb.DuckDBPyConnection, query: str) -> str:
    rows = release.execute(query).fetchall()
    return str(rows[0][0]) if rows and rows[0][0] is not None else "–"
