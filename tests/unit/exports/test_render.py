"""What a report asks of a release."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from exports.headlines import HEADLINES
from exports.publish import Release
from exports.render import render
from exports.report import Column, Report, Table


def _release(folder: Path) -> Release:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("""
            create schema ops; create schema marts;
            create table ops.clock as
            select timestamp '2024-01-31 23:30' as as_of_ts, date '2024-02-01' as business_date;
            create table marts.dim_date as
            select day::date as date_day, if(day < date '2024-02-01', 2023, 2024) as fiscal_year
            from range(date '2023-02-01', date '2025-02-01', interval 1 day) as days (day);
            create table marts.fct_sales as
            select date '2023-05-01' as invoice_date, 70::decimal(18, 4) as net_amount, 'c' as customer_id
        """)
    return Release("1", folder, {"data_as_of": "2024-01-31T23:30:00"})


def test_as_of_is_the_business_date(tmp_path: Path) -> None:
    table = Table(
        name="T", title="T", grain="day", query="select $as_of as today", columns=(Column("today", "D", "date"),)
    )
    report = Report("odd", "Odd", "?", "weekly", "all", "day", (), (), (table,), ())
    frame = render(report, _release(tmp_path)).tables[0].frame
    assert frame["today"].dt.date.tolist() == [date(2024, 2, 1)]


def test_the_last_fiscal_year_is_that_of_the_business_date(tmp_path: Path) -> None:
    """At half past eleven in Greenwich the company is already in its new fiscal year."""
    release = _release(tmp_path)
    with duckdb.connect(str(release.database), read_only=True) as connection:
        figure = connection.execute(HEADLINES["Net revenue, last complete fiscal year"]).fetchall()
    assert figure == [("70",)]
