"""What an exchange-rate file delivers: one row per date, pair and rate type."""

from __future__ import annotations

from ingestion.contract import TableContract, by_name, columns

TABLES = by_name(
    [
        TableContract(
            name="rate",
            key=("rate_date", "from_currency", "to_currency", "rate_type"),
            columns=columns(
                "rate_date:date! from_currency! to_currency! rate_type! rate:double! source_file! file_sha256!"
                " file_modified_at:timestamp"
            ),
            provenance=("source_file", "file_sha256", "file_modified_at"),
        )
    ]
)
