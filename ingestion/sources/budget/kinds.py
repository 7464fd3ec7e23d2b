"""The kinds of planning files: what a row of each says, and which raw table it fills.

What belongs here: one declaration per kind; adding one needs no other code. What does not: layouts (`templates.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CHECKED_ROWS = ".rows.csv"
"""How the names of files end that `saleswh workbook check` writes; a load passes them over."""

FieldType = Literal["text", "integer", "decimal", "double", "date"]


@dataclass(frozen=True)
class KindField:
    """One thing that a row says: the raw column, its type, and what a person has to write there.

    `is_rate`: the cell may show its number as a percentage, which is loaded as the fraction that the cell holds.
    """

    name: str
    type: FieldType = "text"
    required: bool = False
    example: str = ""
    is_rate: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of planning file.

    A spread kind has months across and gives one raw row per number (its `value`, in whole units); the others have one
    record per sheet row, and `value` names the field whose cell stands for the record. `key` are the fields by which a
    file may speak once only.
    """

    name: str
    table: str
    holds: str
    fields: tuple[KindField, ...]
    value: str
    key: tuple[str, ...]
    is_spread: bool = False
    is_money: bool = True
    version_column: str = "version"


_PERIOD = ("fiscal_year", "fiscal_period", "period_start")
_REP = KindField("sales_rep", example="Ana Popescu")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "budget",
            "line",
            "budget amounts by territory, category or rep and month",
            (KindField("territory", example="North"), KindField("product_category", example="Pumps"), _REP),
            value="amount",
            key=("territory", "product_category", "sales_rep", *_PERIOD),
            is_spread=True,
            version_column="budget_version",
        ),
        Kind(
            "quota",
            "quota",
            "quotas of sales reps by month",
            (KindField("sales_rep", required=True, example="Ana Popescu"),),
            value="amount",
            key=("sales_rep", *_PERIOD),
            is_spread=True,
        ),
        Kind(
            "headcount_hours",
            "headcount_hours",
            "hours that sales reps were available, by month",
            (KindField("sales_rep", required=True, example="Ana Popescu"),),
            value="hours",
            key=("sales_rep", *_PERIOD),
            is_spread=True,
            is_money=False,
        ),
        Kind(
            "goal",
            "goal",
            "yearly goals of a sales process",
            (
                KindField("process", required=True, example="New business"),
                KindField("pipeline", example="new"),
                KindField("fiscal_year", "integer", required=True, example="2025"),
                KindField("estimated_annual_revenue", "decimal", example="1200000"),
                KindField("annual_goal", "decimal", required=True, example="1500000"),
                KindField("currency", example="EUR"),
                _REP,
                KindField("segment", example="Industry"),
                KindField("product_line", example="Pumps"),
                KindField("lead_source", example="Fair"),
            ),
            value="annual_goal",
            key=(
                "process",
                "pipeline",
                "fiscal_year",
                "sales_rep",
                "segment",
                "product_line",
                "lead_source",
            ),
        ),
        Kind(
            "market_indicator",
            "market_indicator",
            "market indicators with the date on which each number was released",
            (
                KindField("indicator", required=True, example="Industrial production index"),
                KindField("region", example="DE"),
                KindField("period_date", "date", required=True, example="2024-02-01"),
                KindField("value", "double", required=True, example="104.25", is_rate=True),
                KindField("released_at", "date", required=True, example="2024-04-08"),
                KindField("publisher", example="Statistical office"),
            ),
            value="value",
            key=("indicator", "region", "period_date", "released_at"),
            is_money=False,
        ),
        Kind(
            "training",
            "training",
            "trainings that sales reps completed",
            (
                KindField("sales_rep", required=True, example="Ana Popescu"),
                KindField("course", required=True, example="Negotiation"),
                KindField("completed_at", "date", required=True, example="2024-05-17"),
                KindField("score", "double", example="87.5"),
            ),
            value="completed_at",
            key=("sales_rep", "course", "completed_at"),
            is_money=False,
        ),
    )
}
