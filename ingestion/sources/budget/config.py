"""Settings of the budget source."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class BudgetConfig(BaseModel):
    """Where the budget files are, how they are laid out and how their names read."""

    model_config = ConfigDict(frozen=True)

    folder: Path = Field(description="Folder of the workbooks and target files, subfolders included.")
    templates_file: Path = Field(description="YAML file that describes the layouts (see the source's README).")
    aliases_file: Path | None = Field(
        None, description="CSV file kind,alias,member; None accepts every name as it is written."
    )
