"""Planning workbooks from raw rows to their marts: quotas beside those of the CRM, market indicators."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.sources.budget.tables import TABLES as BUDGET
from ingestion.sources.hubspot.tables import TABLES as HUBSPOT
from ingestion.sources.salesforce.tables import TABLES as SALESFORCE
from tests.integration.dbt_build import create_raw, insert, run_dbt, set_clock

pytestmark = pytest.mark.integration

TESTS = ("warn_quota_reps_unknown", "warn_quotas_of_two_sources_differ", "warn_quota_given_twice")
UNIT_TESTED = ("int_quota_lines_resolved", "int_quotas_ranked", "fct_quota", "int_fiscal_calendar_bounds")


def user(connection: duckdb.DuckDBPyConnection, number: str, name: str, email: str) -> None:
    insert(
        connection,
        'raw_salesforce."user"',
        id=number,
        name=name,
        email=email,
        team_c="North",
        is_active=True,
        system_modstamp="2024-01-01",
    )


def crm_quota(connection: duckdb.DuckDBPyConnection, number: str, start: str, amount: int, version: int = 1) -> None:
    insert(
        connection,
        "raw_salesforce.forecasting_quota",
        id=f"{number}-{start}-{version}",
        quota_owner_id=number,
        start_date=start,
        quota_amount=amount,
        is_amount=True,
        period_type_c="month",
        version_c=version,
        currency_iso_code="EUR",
        system_modstamp="2024-01-02",
    )


def cell(connection: duckdb.DuckDBPyConnection, place: str, rep: str, amount: int, **given: Any) -> None:
    """One quota of fiscal year 2024's first month, approved unless told otherwise."""
    values = {
        "version": "FY2024 v1",
        "fiscal_year": 2024,
        "fiscal_period": 1,
        "approved_at": "2024-01-20",
        "currency": "EUR",
    } | given
    file = f"Quota {values['version']}.xlsx"
    origin = {"file_sha256": file, "source_file": file, "source_sheet": "Q", "source_cell": place, "template": "quota"}
    insert(
        connection, "raw_budget.quota", **origin, sales_rep=rep, amount=amount, file_modified_at="2024-01-21", **values
    )


def built(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def failures(folder: Path, test: str) -> list[tuple[Any, ...]]:
    return built(folder, f"select * from dbt_test__audit.{test} order by all")


QUOTAS = "select sales_rep_id, version, workbook_version, amount, is_current from marts.fct_quota order by 1, 2"


def test_workbook_and_crm_meet_in_the_mart(tmp_path: Path) -> None:
    """The approved workbook is in force, the CRM's quota stays beside it; names are found, or told with the nearest."""
    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        set_clock(connection, "2024-03-01 06:00:00")
        create_raw(connection, "salesforce", SALESFORCE.values())
        create_raw(connection, "budget", BUDGET.values())
        user(connection, "005A", "Ana Popescu", "Ana@x.example")
        user(connection, "005B", "Bo Li", "bo@x.example")
        user(connection, "005C", "Bo Li", "team@x.example")
        user(connection, "005D", "Dan Ionescu", "team@x.example ")
        crm_quota(connection, "005A", "2024-02-01", 100)
        crm_quota(connection, "005D", "2024-02-01", 400)
        crm_quota(connection, "005D", "2024-02-01", 450, version=2)
        cell(connection, "B2", "ana popescu ", 110)
        cell(connection, "B3", "Ana Popesco", 7)
        cell(connection, "B4", "Bo Li", 9)
        cell(connection, "B5", "vacant", 50)
        cell(connection, "B6", "005A", 1)
        cell(connection, "B7", "BO@x.example", 30)
        cell(connection, "B8", "team@x.example", 2)
        cell(connection, "B2", "Dan Ionescu", 999, version="FY2024 v2", approved_at=None)

    variables = {"mappings": ["salesforce", "budget"]}
    done = run_dbt(tmp_path, "run", "--select", "+fct_quota", variables=variables)
    assert done.returncode == 0, done.stdout[-4000:]
    unit_tests = [f"{model},test_type:unit" for model in UNIT_TESTED]
    done = run_dbt(tmp_path, "test", "--select", *unit_tests, *TESTS, "--store-failures", variables=variables)
    assert done.returncode == 0, done.stdout[-4000:]

    assert built(tmp_path, QUOTAS) == [
        ("UNKNOWN", 1, "FY2024 v1", Decimal(18), True),
        ("VACANT", 1, "FY2024 v1", Decimal(50), True),
        ("salesforce:005A", 1, None, Decimal(100), False),
        ("salesforce:005A", 2, "FY2024 v1", Decimal(111), True),
        ("salesforce:005B", 1, "FY2024 v1", Decimal(30), True),
        ("salesforce:005D", 1, "FY2024 v2", Decimal(999), False),
        ("salesforce:005D", 2, None, Decimal(400), False),
        ("salesforce:005D", 3, None, Decimal(450), True),
    ]
    unknown = {row[0]: row[-1] for row in failures(tmp_path, TESTS[0])}
    assert set(unknown) == {"Ana Popesco", "Bo Li", "team@x.example"}
    assert unknown["Ana Popesco"] == "Ana Popescu (salesforce:005A)"
    assert set(unknown["Bo Li"].split(" or ")) == {"Bo Li (salesforce:005B)", "Bo Li (salesforce:005C)"}
    assert [row[:4] for row in failures(tmp_path, TESTS[1])] == [
        ("salesforce:005A", 202401, Decimal(100), Decimal(111)),
        ("salesforce:005D", 202401, Decimal(450), Decimal(999)),
    ]
    (twice,) = failures(tmp_path, TESTS[2])
    assert "cell B2: ana popescu ; Quota FY2024 v1.xlsx, sheet Q, cell B6: 005A" in twice[-1]


def test_reps_of_another_crm_are_found_by_the_same_names(tmp_path: Path) -> None:
    """Ids differ by mapping: the workbook names people, and finds HubSpot's where HubSpot is read."""
    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        set_clock(connection, "2024-03-01 06:00:00")
        create_raw(connection, "hubspot", HUBSPOT.values())
        create_raw(connection, "budget", BUDGET.values())
        insert(
            connection,
            "raw_hubspot.owners",
            id="77",
            first_name="Ana",
            last_name="Popescu",
            email="ana@x.example",
            archived=False,
            updated_at="2024-01-01",
        )
        cell(connection, "B2", "Ana Popescu", 110)
        cell(connection, "C2", "77", 120, fiscal_period=2)
        cell(connection, "E2", "ana@X.example", 140, fiscal_period=4)
        cell(connection, "D2", "hubspot:77", 130, fiscal_period=None, fiscal_year=None, period_start="2024-04-15")

    done = run_dbt(tmp_path, "run", "--select", "+fct_quota", variables={"mappings": ["hubspot", "budget"]})

    assert done.returncode == 0, done.stdout[-4000:]
    rows = built(
        tmp_path, "select sales_rep_id, period_key, period_start::varchar, amount from marts.fct_quota order by 2"
    )
    assert rows == [
        ("hubspot:77", 202401, "2024-02-01", Decimal(110)),
        ("hubspot:77", 202402, "2024-03-01", Decimal(120)),
        ("hubspot:77", 202403, "2024-04-01", Decimal(130)),
        ("hubspot:77", 202404, "2024-05-01", Decimal(140)),
    ]


def test_budget_of_a_rep_that_nobody_knows_is_kept_at_unknown(tmp_path: Path) -> None:
    """The budget says what it said, and a warning names file, sheet, cell and the nearest rep."""
    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        set_clock(connection, "2024-03-01 06:00:00")
        create_raw(connection, "salesforce", SALESFORCE.values())
        create_raw(connection, "budget", BUDGET.values())
        user(connection, "005A", "Ana Popescu", "ana@x.example")
        for place, rep, amount in (("D9", "Ana Popesco", 7), ("E9", "Ana Popesco", 8), ("D8", "ana popescu", 110)):
            insert(
                connection,
                "raw_budget.line",
                file_sha256="f",
                source_file="Plan.xlsx",
                source_sheet="Süd",
                source_cell=place,
                template="plan",
                budget_version="FY2024 v1",
                fiscal_year=2024,
                fiscal_period=2 if place == "E9" else 1,
                sales_rep=rep,
                measure="net_revenue",
                amount=amount,
                currency="EUR",
                approved_at="2024-01-20",
                file_modified_at="2024-01-21",
            )

    variables = {"mappings": ["salesforce", "budget"]}
    done = run_dbt(tmp_path, "run", "--select", "+fct_budget", "+dim_sales_rep", variables=variables)
    assert done.returncode == 0, done.stdout[-4000:]
    chosen = (
        "warn_budget_reps_unknown",
        "relationships_fct_budget_sales_rep_id*",
        "int_budget_lines_resolved,test_type:unit",
    )
    done = run_dbt(tmp_path, "test", "--select", *chosen, "--store-failures", variables=variables)
    assert done.returncode == 0, done.stdout[-4000:]

    assert built(tmp_path, "select sales_rep_id, sum(amount) from marts.fct_budget group by 1 order by 1") == [
        ("UNKNOWN", Decimal(15)),
        ("salesforce:005A", Decimal(110)),
    ]
    assert failures(tmp_path, "warn_budget_reps_unknown") == [
        ("Ana Popesco", "FY2024 v1", "Plan.xlsx", "Süd", "D9", "Ana Popescu (salesforce:005A)")
    ]


def test_market_indicators_keep_their_releases(tmp_path: Path) -> None:
    """The day of a release begins at midnight in the company's time zone; a revision is another row."""
    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        create_raw(connection, "budget", BUDGET.values())
        for place, value, released in (("D6", 104.25, "2024-04-08"), ("D7", 103.5, "2024-12-09")):
            insert(
                connection,
                "raw_budget.market_indicator",
                file_sha256="f",
                source_file="Indicators.xlsx",
                source_sheet="S",
                source_cell=place,
                template="indicators",
                version="Indicators",
                indicator="Production index",
                region="DE",
                period_date="2024-02-01",
                value=value,
                released_at=released,
                file_modified_at="2024-12-10",
            )

    variables = {"mappings": ["budget"], "timezone": "Europe/Berlin"}
    done = run_dbt(tmp_path, "build", "--select", "+fct_market_indicator", variables=variables)

    assert done.returncode == 0, done.stdout[-4000:]
    assert built(
        tmp_path, "select * replace (released_at::varchar as released_at) from marts.fct_market_indicator order by 5"
    ) == [
        ("production_index", "DE", date(2024, 2, 1), 104.25, "2024-04-07 22:00:00", "Indicators.xlsx"),
        ("production_index", "DE", date(2024, 2, 1), 103.5, "2024-12-08 23:00:00", "Indicators.xlsx"),
    ]
