"""Figures of a report that could be read wrongly."""

from __future__ import annotations

import duckdb

from exports.reports import REPORTS


def test_the_open_ended_period_does_not_look_like_a_month() -> None:
    table = next(table for table in REPORTS["sales_process"].tables if table.name == "Expected revenue")
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts;
            create table marts.fct_expected_revenue as
            select * from (values (202512, 1, 5), (202601, 0, 7), (202601, 2, 11), (202412, 0, 3))
                as t (period_key, open_count, expected_revenue)
            cross join (select 4 as open_value, 2 as crm_probability_value)
        """)
        rows = connection.execute(f"select period, expected_revenue from ({table.query})").fetchall()
    assert rows == [("202412", 3), ("202512", 5), ("202601 and later", 18)]
