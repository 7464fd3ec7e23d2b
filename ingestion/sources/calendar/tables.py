"""Public holidays: one row per date."""

from __future__ import annotations

from ingestion.contract import TableContract, by_name, columns

TABLES = by_name(
    [
        TableContract(
            name="holiday",
            key=("holiday_date",),
            columns=columns("holiday_date:date! holiday_name! country!"),
        )
    ]
)
