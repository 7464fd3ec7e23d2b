"""Settings of the exchange-rate source."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class FxConfig(BaseModel):
    """Where the exchange-rate files are and how they are written."""

    model_config = ConfigDict(frozen=True)

    folder: Path = Field(description="Folder of the rate files.")
    pattern: str = Field("*.csv", description="Names of the rate files.")
    delimiter: str = Field(";", min_length=1, max_length=1, description="What separates the fields.")
    encoding: str = Field("utf-8", description="Encoding of the files.")
