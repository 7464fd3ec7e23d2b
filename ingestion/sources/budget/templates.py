"""The layouts of budget files, as `templates.yml` declares them.

What belongs here: the vocabulary of a layout and the reading of the YAML. What does not: reading a budget file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingestion.errors import IngestionError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Version(_Part):
    """How a file says which version it is: groups `fiscal_year` and `version` of its name, or one fixed label."""

    pattern: str | None = None
    label: str | None = None

    def read(self, stem: str) -> tuple[str, int | None] | None:
        """Return (version label, fiscal year) of a file named `stem`; None if the name does not fit."""
        if self.pattern is None:
            return (self.label or stem), None
        match = re.search(self.pattern, stem)
        if match is None:
            return None
        groups = match.groupdict()
        year = int(groups["fiscal_year"]) if groups.get("fiscal_year") else None
        parts = [f"FY{year}" if year else "", f"v{groups['version']}" if groups.get("version") else ""]
        return (" ".join(part for part in parts if part) or self.label or stem), year


class Sheets(_Part):
    """Which sheets are read: those of `include`, or all but those of `exclude`."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Header(_Part):
    """The text of the cell that starts the last header row, searched in the first rows of a sheet."""

    anchor: str
    within_rows: int = 30


class FiscalMonthNames(_Part):
    """Columns named by months; `first` is the first month of the fiscal year."""

    kind: Literal["fiscal_month_names"]
    first: str = "Feb"


class CalendarMonthColumns(_Part):
    """Columns whose header gives the month, in rows whose `year_column` gives the calendar year."""

    kind: Literal["calendar_month_columns"]
    year_column: str
    pattern: str


class DateRows(_Part):
    """One number per row, beside its date."""

    kind: Literal["date_rows"]
    date_column: str
    value_column: str


Periods = Annotated[FiscalMonthNames | CalendarMonthColumns | DateRows, Field(discriminator="kind")]


class Totals(_Part):
    """What rows and columns of totals are called; they are proven against the body and never loaded."""

    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()
    tolerance: float = 0.01


class Unit(_Part):
    """The cell right of `label` names the unit; `values` give its currency and factor."""

    label: str
    values: dict[str, tuple[str, int]]


class Label(_Part):
    """A labelled cell; its right neighbour is the value."""

    label: str


class Numbers(_Part):
    """How numbers written as text read, and what a lone dash means."""

    locale: Literal["de", "en"] = "en"
    dash: Literal["zero", "blank"] = "zero"


class Template(_Part):
    """One layout of budget files."""

    name: str
    files: str
    version: Version = Version()
    sheets: Sheets = Sheets()
    header: Header
    row_columns: dict[Literal["territory", "product_category", "sales_rep"], str] = Field(default_factory=dict)
    periods: Periods
    totals: Totals = Totals()
    unit: Unit | None = None
    currency: str | None = None
    approved: Label | None = None
    numbers: Numbers = Numbers()
    measure: str = "net_revenue"
    date_shift_years: int = 0
    unit_factor: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","


def read_templates(path: Path) -> tuple[Template, ...]:
    """Return the layouts of a YAML file `templates: [...]`; IngestionError names what does not fit."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise IngestionError(f"Budget templates {path} cannot be read: {error}; mend the file.") from None
    if not isinstance(content, dict) or not isinstance(content.get("templates"), list):
        raise IngestionError(f"Budget templates {path}: expected a list under `templates`; mend the file.")
    try:
        return tuple(Template.model_validate(entry) for entry in content["templates"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise IngestionError(f"Budget templates {path}: {where}: {first['msg']}; mend the file.") from None
