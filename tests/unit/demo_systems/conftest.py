"""A company small enough to check by eye: three accounts, two invoices, a handful of budget rows."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from demo.company.frames import crm_timeline, erp_timeline, number_rowversions
from demo.company.model import (
    BudgetRow,
    BudgetSheet,
    BudgetVersion,
    Company,
    Quirk,
    SchemaEvent,
    TableTimeline,
)
from demo.systems import store
from ingestion.sources.erp.tables import TABLES as ERP
from ingestion.sources.salesforce.tables import TABLES as CRM


def _moments(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), format="ISO8601")).astype("datetime64[us]")


def _accounts() -> TableTimeline:
    """001B is renamed on 15 March and soft-deleted on 16 March; 001C is hard-deleted on 15 March."""
    stamps = _moments("2024-02-29 23:59:59", "2022-02-01", "2025-03-15", "2025-03-16 00:00:00.123", "2023-01-01")
    columns = {
        "Id": ["001A", "001B", "001B", "001B", "001C"],
        "Name": ["Zürn & Söhne ☂", "Second", "Second Ltd", "Second Ltd", "=cmd()"],
        "Website": [None, "https://b.example", "https://b.example", "https://b.example", None],
        "IsDeleted": [False, False, False, True, False],
        "CreatedDate": stamps,
        "SystemModstamp": stamps,
    }
    gone = pd.Series([pd.NaT] * 4 + [pd.Timestamp("2025-03-15 12:00")]).astype("datetime64[us]")
    return crm_timeline("Account", columns, gone=gone)


def _opportunities() -> TableTimeline:
    stamps = _moments(*[f"2025-03-{day:02d} 08:00" for day in range(1, 13)])
    columns = {
        "Id": [f"006{i:02d}" for i in range(12)],
        "Name": [f"Deal {i}" for i in range(12)],
        "StageName": ["Offer"] * 12,
        "Amount": [1000.5 * i for i in range(11)] + [45653.38],
        "Probability": [50.0] * 12,
        "CloseDate": [pd.Timestamp("2025-04-30")] * 11 + [pd.NaT],
        "IsDeleted": [False] * 12,
        "CreatedDate": stamps,
        "SystemModstamp": stamps,
    }
    return crm_timeline("Opportunity", columns)


def _empty_crm(name: str) -> TableTimeline:
    stamp = str(CRM[name].cursor)
    names = [stamp, *CRM[name].key]
    return crm_timeline(name, {n: pd.Series([], dtype="datetime64[us]" if n == stamp else object) for n in names})


def _erp() -> dict[str, TableTimeline]:
    """K-7 gets a new name on 17 March, invoice 9001 is deleted on 15 March, 9002 arrives on 16 March."""
    customers = {
        "customer_no": ["K-10", "K-7", "K-7"],
        "name": ["Ten", "Seven", "Seven GmbH"],
        "is_test": [True, False, False],
        "credit_limit": [None, 12.3456, 12.3456],
        "updated_at": _moments("2022-02-01", "2022-02-01", "2025-03-17 09:00"),
    }
    invoices = {
        "invoice_no": ["9001", "9002"],
        "customer_no": ["K-7", "K-7"],
        "invoice_date": pd.to_datetime([date(2024, 2, 29), date(2025, 3, 16)]),
        "currency": ["PLN", "EUR"],
        "net_amount": [100.0, 0.1],
        "updated_at": _moments("2024-02-29 22:30", "2025-03-16 10:00:00.5"),
    }
    gone = _moments("2025-03-15 12:00", "2025-03-15 12:00").where(pd.Series([True, False]))
    tables = [erp_timeline("customer", customers), erp_timeline("invoice", invoices, gone=gone)]
    for name in ERP.keys() - {"customer", "invoice"}:
        empty = {key: pd.Series([], dtype=object) for key in ERP[name].key}
        tables.append(erp_timeline(name, empty | {"updated_at": pd.Series([], dtype="datetime64[us]")}))
    numbered = number_rowversions(sorted(tables, key=lambda table: table.name))
    return {table.name: table for table in numbered}


def _fx() -> pd.DataFrame:
    days = [date(2022, 2, 1), date(2024, 2, 1), date(2025, 1, 31), date(2025, 3, 13), date(2025, 3, 14),
            date(2025, 3, 17), date(2025, 3, 18)]  # fmt: skip
    kinds = ["budget", "budget", "daily", "daily", "daily", "daily", "daily"]
    rates = [0.22, 0.25, 0.2345, 0.236, 0.237, 0.238, 0.239]
    return pd.DataFrame(
        {"rate_date": days, "from_currency": "PLN", "to_currency": "EUR", "rate_type": kinds, "rate": rates}
    )


def _budget_rows(region: str, *, base: float, rep: str | None = None) -> tuple[BudgetRow, ...]:
    rows = []
    for place in ("Coast", "Lakes"):
        for number, category in enumerate(("Pumps", "Valves", "Seals")):
            amounts: list[float | None] = [base + 1000 * number + 10 * month for month in range(12)]
            amounts[3] = 0.0
            amounts[7] = None if number == 2 else amounts[7]
            rows.append(BudgetRow(f"{region} {place}", category, rep if number == 1 else None, tuple(amounts)))
    return tuple(rows)


def _version(
    year: int, number: int, delivered: datetime, *, base: float = 12_340.0, again: bool = False
) -> BudgetVersion:
    sheets = (
        BudgetSheet("North", _budget_rows("North", base=base, rep="vacant"), "EUR thousand"),
        BudgetSheet("South", _budget_rows("South", base=base)),
        BudgetSheet("West", _budget_rows("West", base=base), "PLN", "PLN"),
    )
    return BudgetVersion(year, number, sheets, delivered, delivered, 14, again)


@pytest.fixture(scope="session")
def tiny() -> Company:
    """The tiny company; its dates lie around the frozen now."""
    crm = {name: _empty_crm(name) for name in CRM} | {"Account": _accounts(), "Opportunity": _opportunities()}
    budgets = [
        _version(2024, 1, datetime(2024, 1, 10, 9)),
        _version(2024, 2, datetime(2024, 5, 2, 9)),
        _version(2024, 1, datetime(2024, 1, 15, 9), base=23_450.0, again=True),
        _version(2025, 1, datetime(2025, 3, 18, 9)),
    ]
    events = [
        SchemaEvent(datetime(2025, 3, 15), "Opportunity", "add", "Region_Hint__c", values=("a", "b")),
        SchemaEvent(datetime(2025, 3, 16), "Opportunity", "retype", "Probability", new_type="text"),
        SchemaEvent(datetime(2025, 3, 17), "Opportunity", "rename", "NextStep", new_field="Next_Action__c"),
    ]
    aliases = [("territory", "North Cost", "North Coast"), ("category", "Valves ", "Valves")]
    key = [Quirk("A2", "Account", ["001C"], {"at": datetime(2025, 3, 15, 12)})]
    return Company(5, "S", crm, _erp(), _fx(), budgets, aliases, key, events)


@pytest.fixture(scope="session")
def tiny_original(tiny: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny company's systems at the frozen now, for tests that only look."""
    folder = tmp_path_factory.mktemp("tiny") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "generate", lambda profile, seed: tiny)
        store.create_systems(folder, "S", 5)
    return folder


@pytest.fixture
def tiny_folder(tiny_original: Path, tmp_path: Path) -> Path:
    """A copy of the tiny company's systems, to move forward."""
    return Path(shutil.copytree(tiny_original, tmp_path / "demo"))
