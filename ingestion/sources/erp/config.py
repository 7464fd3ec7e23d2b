"""Settings of the ERP source."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ErpConfig(BaseModel):
    """Where the ERP database is and how far back each load looks."""

    model_config = ConfigDict(frozen=True)

    url: SecretStr = Field(description="SQLAlchemy address of the database; it may hold a password.")
    db_schema: str | None = Field(None, description="Schema of the tables; None for the default one.")
    lookback_rows: int = Field(2000, ge=0, description="How far below the highest rowversion a load starts.")
    batch_rows: int = Field(50_000, gt=0, description="Rows fetched and landed at a time.")
