"""The vocabulary of the generated company: timelines, budget versions, quirks, schema events.

Only plain data classes; how they are filled belongs to the modules of the business processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pandas as pd


@dataclass(frozen=True)
class TableTimeline:
    """Every version of every row of one source table.

    `frame` has the columns of the table's contract, then `_visible_from` (the system shows this version from then
    on) and `_hard_deleted_at` (from then on the row is gone and listed in the deletion log; NaT: never). Rows are
    ordered by key and, within a key, by version. Timestamps are UTC without a zone; dates are midnight timestamps.
    """

    name: str
    key: tuple[str, ...]
    frame: pd.DataFrame


@dataclass(frozen=True)
class BudgetRow:
    """Twelve monthly amounts, February first, in EUR; `None` is a cell left blank."""

    territory: str
    category: str
    rep: str | None
    amounts: tuple[float | None, ...]


@dataclass(frozen=True)
class BudgetSheet:
    """One region's sheet: `unit` (EUR, EUR thousand, PLN) is how the workbook shows the EUR amounts."""

    region: str
    rows: tuple[BudgetRow, ...]
    unit: str = "EUR"
    currency: str = "EUR"


@dataclass(frozen=True)
class BudgetVersion:
    """One delivery of a budget workbook.

    A re-sent file has the fiscal year and version of the first delivery, other content, a later `delivered_at` and
    `is_resend`. `territory_count` is 14 before the realignment of territories and 16 after it.
    """

    fiscal_year: int
    version: int
    sheets: tuple[BudgetSheet, ...]
    approved_at: datetime
    delivered_at: datetime
    territory_count: int
    is_resend: bool = False

    @property
    def file_name(self) -> str:
        """File name under which the workbook is delivered."""
        return f"Budget_FY{self.fiscal_year}_v{self.version}.xlsx"


@dataclass(frozen=True)
class Quirk:
    """One planted oddity: the keys that carry it and what a correct warehouse makes of them."""

    id: str
    entity: str
    keys: list[str]
    expected: dict[str, Any]


@dataclass(frozen=True)
class SchemaEvent:
    """A change of the CRM's schema at a moment.

    add: `field` appears (text) with one of `values`, chosen by the record's position; retype: `field` is delivered
    as `new_type` from then on; rename: `field` is called `new_field`.
    """

    at: datetime
    object_name: str
    kind: Literal["add", "retype", "rename"]
    field: str
    new_field: str | None = None
    new_type: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Company:
    """Everything that happened at the company up to the horizon, and the key to what was planted.

    `fx` has rate_date, from_currency, to_currency, rate_type, rate. `aliases` are (kind, alias, member) with kind
    territory, category or rep.
    """

    seed: int
    profile: str
    crm: dict[str, TableTimeline]
    erp: dict[str, TableTimeline]
    fx: pd.DataFrame
    budgets: list[BudgetVersion]
    aliases: list[tuple[str, str, str]]
    answer_key: list[Quirk]
    schema_events: list[SchemaEvent] = field(default_factory=list)
