"""A currency without a rate stops the build with one sentence that names currency, date and line."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.fx.tables import TABLES as FX
from tests.integration.dbt_build import create_raw, insert, run_dbt, set_clock

pytestmark = pytest.mark.integration

MAPPINGS = {"mappings": ["erp", "fx"]}


def test_a_currency_without_a_rate_stops_the_build_until_it_is_mended(tmp_path: Path) -> None:
    """Six days after the last rate the build fails by name; with the rate it goes on; a cancelled line needs none."""
    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        set_clock(connection, "2024-04-30 06:00:00")
        create_raw(connection, "erp", ERP.values())
        create_raw(connection, "fx", FX.values())
        _invoice(connection, "I-ok", "2024-04-05", "PLN")
        _invoice(connection, "I-cancelled", "2024-04-05", "CHF", is_cancelled=True)
        _invoice(connection, "I-late", "2024-04-06", "PLN")
        _rate(connection, "2024-03-31", 0.2)

    failed = run_dbt(tmp_path, "run", "--select", "+int_sales_lines_valued", variables=MAPPINGS)

    assert failed.returncode != 0
    sentence = (
        "No daily exchange rate for PLN to EUR on 2024-04-06 or on the 5 days before;"
        " sales line erp:I-late:1 needs it. Add the rate to an exchange-rate file and run again."
    )
    assert sentence in " ".join(failed.stdout.split())

    with duckdb.connect(str(tmp_path / "state.duckdb")) as connection:
        _rate(connection, "2024-04-02", 0.25)
    mended = run_dbt(tmp_path, "run", "--select", "+int_sales_lines_valued", variables=MAPPINGS)

    assert mended.returncode == 0, mended.stdout[-4000:]
    with duckdb.connect(str(tmp_path / "build.duckdb"), read_only=True) as connection:
        amounts = connection.execute(
            "select sales_line_id, net_amount::double from intermediate.int_sales_lines_valued order by 1"
        ).fetchall()
    assert amounts == [("erp:I-late:1", 25.0), ("erp:I-ok:1", 25.0)]


def _invoice(
    connection: duckdb.DuckDBPyConnection, number: str, date: str, currency: str, is_cancelled: bool = False
) -> None:
    stamps = {"updated_at": f"{date} 12:00:00", "rowversion": 1}
    head = {"customer_no": "C-1", "invoice_date": date, "currency": currency, "is_cancelled": is_cancelled}
    insert(connection, "raw_erp.invoice", invoice_no=number, **head, **stamps)
    line = {"line_no": 1, "sku": "B-7", "quantity": 1, "line_amount": 100}
    insert(connection, "raw_erp.invoice_line", invoice_no=number, **line, **stamps)


def _rate(connection: duckdb.DuckDBPyConnection, date: str, rate: float) -> None:
    pair = {"from_currency": "PLN", "to_currency": "EUR", "rate_type": "daily"}
    insert(connection, "raw_fx.rate", rate_date=date, rate=rate, **pair, source_file="fx.csv", file_sha256="f")
