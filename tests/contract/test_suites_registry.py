"""Every registered suite: it passes on sound rows, each expectation fails on a defect, its columns exist.

The defect is seeded from the type of the expectation, so a new suite only adds two sound rows to `SOUND`.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from expectations import SUITES
from expectations.runner import run_suite
from expectations.suite import Expect, Suite
from forecasting.accuracy import ACCURACY_COLUMNS
from forecasting.vintage import FORECAST_COLUMNS, RUN_COLUMNS
from ingestion.contract import META_COLUMNS
from models.win_probability import PREDICTION_COLUMNS

DAY, LATER = pd.Timestamp("2024-02-29"), pd.Timestamp("2025-03-13 22:15")
HASH = ("9f1c", "02ab")
SOUND: dict[str, dict[str, tuple[Any, Any]]] = {
    "raw_salesforce/account": {
        "id": ("001Ab0000Zz9QQAAA3", "001Ab0000Zz9QQB"),
        "system_modstamp": (LATER, LATER),
        "name": ("=cmd|'x'", "Štefan & Söhne\nGmbH"),
        "created_date": (DAY, LATER),
        "owner_id": ("005Ab0000000001AAA", "005Ab0000000002AAA"),
        "billing_country_code": ("RO", None),
    },
    "raw_salesforce/opportunity": {
        "id": ("006Ab0000Zz9QQAAA3", "006Ab0000Zz9QQB"),
        "system_modstamp": (LATER, LATER),
        "created_date": (DAY, DAY),
        "stage_name": ("Offer", "Closed Won"),
        "pipeline_c": ("tender", "new"),
        "close_date": (DAY, LATER),
        "currency_iso_code": ("PLN", "EUR"),
        "owner_id": ("005Ab0000000001AAA", "005Ab0000000002AAA"),
        "amount": (None, 12.5),
        "probability": (35.0, 100.0),
        "is_closed": (False, True),
        "is_won": (False, True),
    },
    "raw_salesforce/opportunity_history": {
        "id": ("008Ab0000Zz9QQAAA3", "008Ab0000Zz9QQB"),
        "opportunity_id": ("006Ab0000Zz9QQAAA3", "006Ab0000Zz9QQAAA3"),
        "created_date": (DAY, DAY),
        "system_modstamp": (LATER, LATER),
        "stage_name": ("Proposal", "Offer"),
        "amount": (0.0, None),
        "probability": (50.0, 75.0),
    },
    "raw_salesforce/lead": {
        "id": ("00QAb0000Zz9QQAAA3", "00QAb0000Zz9QQB"),
        "system_modstamp": (LATER, LATER),
        "created_date": (DAY, DAY),
        "status": ("New", "Converted"),
        "is_converted": (False, True),
        "lead_source": ("Web", "Fair"),
        "converted_opportunity_id": (None, "006Ab0000Zz9QQAAA3"),
        "first_response_at_c": (None, LATER),
        "converted_at_c": (None, LATER),
    },
    "raw_salesforce/user": {
        "id": ("005Ab0000000001AAA", "005Ab0000000002AAA"),
        "system_modstamp": (LATER, LATER),
        "name": ("Ă. Ion", "B"),
        "is_active": (True, False),
        "manager_id": (None, "005Ab0000000001AAA"),
        "termination_date_c": (None, LATER),
        "hire_date_c": (DAY, DAY),
    },
    "raw_erp/customer": {
        "customer_no": ("C-0007", "7"),
        "name": ("Firma", "Firma"),
        "country": ("PL", "GB"),
        "is_intercompany": (False, True),
        "is_test": (True, False),
        "currency": ("PLN", "GBP"),
        "payment_terms_days": (0.0, 90.0),
        "credit_limit": (None, 0.0),
    },
    "raw_erp/product": {
        "sku": ("X/1", "x/1"),
        "name": ("Pump", "Pump"),
        "category": ("A", "A"),
        "product_line": ("Pumps", "Valves"),
        "end_date": (None, LATER),
        "launch_date": (DAY, DAY),
    },
    "raw_erp/invoice": {
        "invoice_no": ("I-1", "I-2"),
        "customer_no": ("7", "7"),
        "invoice_date": (DAY, DAY),
        "currency": ("RON", "USD"),
        "posted_at": (LATER, LATER),
        "is_cancelled": (False, True),
        "prices_include_tax": (True, False),
        "net_amount": (-5.0, 1_100_000.0),
        "due_date": (LATER, DAY),
        "cancelled_at": (None, LATER),
        "issued_at": (LATER, DAY),
    },
    "raw_erp/invoice_line": {
        "invoice_no": ("I-1", "I-1"),
        "line_no": (1, 2),
        "sku": ("x", "x"),
        "line_amount": (0.0, 7.25),
        "quantity": (1.0, 2.5),
        "unit_price": (3.0, 3.0),
        "tax_rate": (0.0, 0.19),
    },
    "raw_erp/credit_note": {
        "credit_no": ("N-1", "N-2"),
        "customer_no": ("7", "7"),
        "credit_date": (DAY, DAY),
        "currency": ("RON", "USD"),
        "posted_at": (LATER, LATER),
        "is_cancelled": (False, True),
        "original_invoice_no": ("I-1", "I-2"),
        "reason_code": ("RETURN", "BILLING_ERROR"),
        "cancelled_at": (None, LATER),
        "issued_at": (DAY, DAY),
    },
    "raw_erp/credit_note_line": {
        "credit_no": ("N-1", "N-1"),
        "line_no": (1, 2),
        "sku": ("x", "x"),
        "line_amount": (0.0, 7.25),
        "quantity": (1.0, 2.5),
        "tax_rate": (0.0, 0.19),
    },
    "raw_fx/rate": {
        "rate_date": (DAY, DAY),
        "from_currency": ("USD", "USD"),
        "to_currency": ("EUR", "EUR"),
        "rate_type": ("daily", "budget"),
        "rate": (0.92, 0.9),
        "source_file": ("a.csv", "a.csv"),
    },
    "raw_budget/line": {
        "file_sha256": ("ab", "ab"),
        "source_sheet": ("Nort", "Nort"),
        "source_cell": ("C7", "AA107"),
        "source_file": ("b.xlsx", "b.xlsx"),
        "template": ("regional", "regional"),
        "budget_version": ("v3", "v3"),
        "measure": ("net_revenue", "net_revenue"),
        "amount": (-4.0, 1_248_000.0),
        "currency": ("PLN", None),
        "fiscal_year": (2024.0, None),
        "fiscal_period": (12.0, None),
    },
    "forecast/forecast_run": {
        "run_id": ("a1", "b2"),
        "cadence": ("monthly", "monthly"),
        "data_as_of": (DAY, LATER),
        "created_at": (LATER, LATER),
        "status": ("completed", "completed"),
        "config_hash": HASH,
        "input_hash": HASH,
        "output_hash": HASH,
        "horizon_periods": (12, 18),
    },
    "forecast/fct_forecast": {
        "run_id": ("a1", "a1"),
        "series_id": ("net_revenue|region=North", "net_revenue"),
        "method": ("seasonal_naive", "seasonal_naive"),
        "grain": ("month", "month"),
        "period_start": (DAY, DAY),
        "horizon": (1, 12),
        "yhat": (-3.0, 10.0),
        "is_champion": (True, False),
        "p025": (-9.0, 1.0),
        "p10": (-5.0, 1.0),
        "p50": (-3.0, 1.0),
        "p90": (0.0, 1.0),
        "p975": (0.0, 1.0),
    },
    "forecast/fct_forecast_accuracy": {
        "run_id": ("a1", "a1"),
        "series_id": ("net_revenue|region=North", "net_revenue"),
        "level": ("region", "total"),
        "method": ("champion", "seasonal_naive"),
        "grain": ("month", "month"),
        "period_start": (DAY, DAY),
        "lag_periods": (1, 12),
        "forecast": (110.0, 90.0),
        "actual": (100.0, 120.0),
        "error": (10.0, -30.0),
        "abs_error": (10.0, 30.0),
        "actual_status": ("final", "restated"),
        "p10": (80.0, None),
        "p90": (120.0, None),
    },
    "forecast/fct_win_probability": {
        "as_of_date": (DAY, DAY),
        "opportunity_id": ("salesforce:006Ă", "salesforce:006Ă"),
        "horizon_period_key": (202502.0, None),
        "probability": (0.0, 1.0),
        "model_version": ("win_probability-1/boosted/2024-02-29/0123456789ab",) * 2,
    },
    "exports/report_file": {
        "sheet": ("Pipeline", "Pipeline"),
        "row_no": (5, 6),
        "column_no": (1, 1),
        "header_text": ("Stage", None),
        "body_row": (None, 1.0),
        "formula_text": (None, None),
    },
}
ALL_EXPECTATIONS = [(key, expect) for key, suite in SUITES.items() for expect in suite.expectations]


def sound_frame(suite: Suite) -> pd.DataFrame:
    """The two sound rows of a suite, the second first: no rule may depend on the order."""
    frame = pd.DataFrame(SOUND[suite.name])
    if "_row_hash" in suite.columns:
        frame["_row_hash"] = HASH
    return frame.iloc[::-1]


def with_defect(expect: Expect, sound: pd.DataFrame) -> pd.DataFrame:
    """The sound frame, spoilt so that this expectation must fail."""
    frame = sound.copy()
    kwargs, column = expect.kwargs, expect.columns[0]
    match expect.type:
        case "ExpectColumnValuesToNotBeNull":
            frame[column] = frame[column].astype(object)
            frame.iloc[0, frame.columns.get_loc(column)] = None
        case "ExpectColumnValuesToBeNull" | "ExpectColumnValuesToMatchRegex" | "ExpectColumnValuesToBeInSet":
            frame[column] = ["¿=cmd()?"] * len(frame)
        case "ExpectColumnValuesToBeBetween":
            frame[column] = kwargs["max_value"] * 2.0 if kwargs["max_value"] else kwargs["min_value"] - 1.0
        case "ExpectColumnValueLengthsToBeBetween":
            frame[column] = ""
        case "ExpectColumnPairValuesAToBeGreaterThanB":
            frame[column], frame[expect.columns[1]] = _descending(frame[column])
        case "ExpectColumnValuesToBeUnique" | "ExpectCompoundColumnsToBeUnique":
            frame = pd.concat([frame.dropna(subset=[c for c in expect.columns if "text" in c])] * 2)
        case "ExpectColumnMaxToBeBetween":
            frame[column] = float("nan")
        case _:
            raise AssertionError(f"no defect known for {expect.type}")
    return frame


def _descending(values: pd.Series) -> tuple[Any, Any]:
    if pd.api.types.is_datetime64_any_dtype(values):
        return DAY, LATER
    return (False, True) if values.dtype == bool else (1.0, 2.0)


@pytest.mark.parametrize("key", SUITES)
def test_the_suite_is_filed_under_its_table(key: str) -> None:
    module = importlib.import_module("expectations." + key.replace("/", "__"))
    assert module.SUITE is SUITES[key]
    assert SUITES[key].name == key
    assert set(SUITES[key].key) <= set(SUITES[key].columns)


@pytest.mark.parametrize("key", SUITES)
def test_sound_rows_pass(key: str) -> None:
    result = run_suite(SUITES[key], sound_frame(SUITES[key]))
    assert [e.message for e in result.expectations if not e.passed] == []
    assert result.passed
    assert len(result.expectations) == len(SUITES[key].expectations)


@pytest.mark.parametrize(("key", "expect"), ALL_EXPECTATIONS, ids=lambda part: getattr(part, "name", part))
def test_each_expectation_finds_its_defect(key: str, expect: Expect) -> None:
    suite = replace(SUITES[key], expectations=(expect,))
    result = run_suite(suite, with_defect(expect, sound_frame(suite)))
    (found,) = result.expectations
    assert not found.passed
    assert found.failing_rows >= 1
    assert found.check_id == f"{key}.{expect.name}"
    assert result.passed == (expect.severity == "warn")
    assert found.message.startswith(f"Table {key}: column")
    assert all(column in found.message for column in expect.columns)
    assert "could not be checked" not in found.message


def _contract_columns(suite: Suite) -> set[str]:
    """The snake-case columns of the raw table's contract, with the meta columns."""
    tables = importlib.import_module(f"ingestion.sources.{suite.schema.removeprefix('raw_')}.tables").TABLES
    name = NamingConvention().normalize_identifier
    (contract,) = (table for source_name, table in tables.items() if name(source_name) == suite.table)
    return {name(column.name) for column in contract.columns} | set(META_COLUMNS)


@pytest.mark.parametrize("key", [key for key in SUITES if key.startswith("raw_")])
def test_columns_of_raw_suites_are_in_the_contract(key: str) -> None:
    assert set(SUITES[key].columns) - _contract_columns(SUITES[key]) == set()
    assert SUITES[key].row_filter == "_deleted_at is null"


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        ("forecast/forecast_run", RUN_COLUMNS),
        ("forecast/fct_forecast", FORECAST_COLUMNS),
        ("forecast/fct_forecast_accuracy", ACCURACY_COLUMNS),
        ("forecast/fct_win_probability", PREDICTION_COLUMNS),
    ],
)
def test_columns_of_forecast_suites_are_written(key: str, columns: list[str]) -> None:
    assert set(SUITES[key].columns) - set(columns) == set()


def test_messages_show_no_personal_column() -> None:
    shown = {c for suite in SUITES.values() for e in suite.expectations for c in suite.key + e.columns}
    assert [c for c in sorted(shown) if re.search("email|phone|first_name|last_name|vat", c)] == []
