"""Settings of the plain-files source."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ingestion.contract import ColumnType


class FileTable(BaseModel):
    """One file that becomes one raw table."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="Name of the table.")
    address: SecretStr = Field(description="Path or any fsspec address; it may hold a password or a token.")
    key: tuple[str, ...] = Field(min_length=1, description="Columns that identify a row.")
    format: Literal["csv", "parquet"] = Field("csv", description="Kind of file.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="What separates the fields of a CSV file.")
    encoding: str = Field("utf-8", description="Encoding of a CSV file.")
    columns: dict[str, ColumnType] = Field(
        default_factory=dict, description="Types of columns; a column not named here lands as text."
    )
    date_shift_years: int = Field(0, description="Years added to every column typed date or timestamp.")


class FilesConfig(BaseModel):
    """The files to read."""

    model_config = ConfigDict(frozen=True)

    tables: tuple[FileTable, ...] = Field(description="One entry per file.")
