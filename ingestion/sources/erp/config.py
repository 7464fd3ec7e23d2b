"""Settings of the ERP source."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ErpTable(BaseModel):
    """One table of an ERP that is not the contract's own: where its rows come from and what identifies them.

    Under the name of a table of `tables.py` the query or table delivers that table's columns; under any other name it
    lands as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str = Field("", description="SELECT that delivers the rows; empty: the whole table.")
    table: str = Field("", description="The table's name in the database, if it differs.")
    key: tuple[str, ...] = Field((), description="Columns that identify a row; a table of the contract has its own.")
    cursor: str = Field(
        "", description="Column that grows with each change: a row version or a time. Empty: read whole each time."
    )
    amounts: tuple[str, ...] = Field((), description="Columns whose sums the database is asked for and must agree.")

    def rows_from(self, name: str, db_schema: str | None) -> dict[str, str]:
        """Return what decides which rows land under `name`, by the settings' own words; a query has its own schema."""
        if query := self.query.strip():
            return {"query": query}
        return {"query": "", "table": self.table or name, "db_schema": db_schema or ""}


class ErpConfig(BaseModel):
    """Where the ERP database is, which tables it gives and how far back each load looks."""

    model_config = ConfigDict(frozen=True)

    url: SecretStr = Field(description="SQLAlchemy address of the database; it may hold a password.")
    db_schema: str | None = Field(None, description="Schema of the tables; None for the default one.")
    tables: dict[str, ErpTable] = Field(
        {}, description="Tables by the name under which they land; empty: those of the contract under its own names."
    )
    lookback_rows: int = Field(2000, ge=0, description="How far below the highest row version a load starts.")
    lookback: timedelta = Field(
        timedelta(hours=1), ge=timedelta(0), description="How far before the last time a load starts, if that is it."
    )
    batch_rows: int = Field(50_000, gt=0, description="Rows fetched and landed at a time.")
