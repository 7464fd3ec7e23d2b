"""The layouts of planning files, as `templates.yml` declares them.

What belongs here: the vocabulary of a layout and the reading of the YAML. What does not: reading a budget file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingestion.errors import IngestionError
from ingestion.sources.budget.dates import DateOrder
from ingestion.sources.budget.kinds import KINDS


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


def fiscal_year_of(label: str) -> int | None:
    """Return the fiscal year that a version label names; None where it names none."""
    match = re.match(r"FY(\d+)\b", label)
    return int(match[1]) if match else None


class Sheets(_Part):
    """Which sheets are read: those of `include`, or all but those of `exclude`."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Header(_Part):
    """Where the header is: the text of a cell in its last row, searched in the first rows of a sheet.

    Without an `anchor` the row with the most of the declared columns and months is taken. `rows` are the rows of the
    header; a cell that is merged downwards tells them too.
    """

    anchor: str | None = None
    within_rows: int = 30
    rows: int = Field(1, ge=1, le=5)


class FiscalMonthNames(_Part):
    """Columns named by months; `first` is the first month of the fiscal year.

    `names` are the months from January on in the sheet's language (English and German are known). With `only`, of the
    columns of a month that one is read whose header says so as well, for instance Plan.
    """

    kind: Literal["fiscal_month_names"]
    first: str = "Feb"
    names: tuple[str, ...] = ()
    only: str | None = None


class CalendarMonthColumns(_Part):
    """Columns whose header gives the month, in rows whose `year_column` gives the calendar year."""

    kind: Literal["calendar_month_columns"]
    year_column: str
    pattern: str


class DatedMonthColumns(_Part):
    """Columns headed by a month with its year: a date, `Feb 2024`, `2024-02`, or the year in a row above the month."""

    kind: Literal["dated_month_columns"]
    names: tuple[str, ...] = ()
    only: str | None = None


class DateRows(_Part):
    """One number per row, beside its date."""

    kind: Literal["date_rows"]
    date_column: str
    value_column: str


Periods = Annotated[FiscalMonthNames | CalendarMonthColumns | DatedMonthColumns | DateRows, Field(discriminator="kind")]


TOTAL_LABELS = (
    *("Total", "Totals", "Subtotal", "Grand total", "Sum", "Summe", "Gesamt", "Gesamtsumme", "Zwischensumme"),
    *(
        "Insgesamt",
        "Totaux",
        "Somme",
        "Totale",
        "Subtotale",
        "Totaal",
        "Subtotaal",
        "Suma",
        "Razem",
        "Ogółem",
        "Celkem",
    ),
)
"""What rows of totals are usually called: `Total` finds “Total général”, “Sous-total” and “Total North” too."""


class Totals(_Part):
    """What rows and columns of totals are called; they are proven against the body and never loaded.

    Rows may stand below or above what they add up, columns anywhere. `row_labels` count beside the usual words;
    `not_totals` are the names that hold such a word and are no total.
    """

    row_labels: tuple[str, ...] = ()
    not_totals: tuple[str, ...] = ()
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

    locale: Literal["de", "en", "fr", "ch"] = "en"
    dash: Literal["zero", "blank"] = "zero"


class Template(_Part):
    """One layout of planning files. `kind` is one of `kinds.KINDS`; `row_columns` are the headers of its columns.

    A sheet that lacks one of these is refused, unless the column is among `optional_columns`. `withdrawn` are
    labels of versions that no longer count.
    """

    name: str
    kind: str = "budget"
    files: str
    version: Version = Version()
    withdrawn: tuple[str, ...] = ()
    sheets: Sheets = Sheets()
    header: Header = Header()
    row_columns: dict[str, str] = Field(default_factory=dict)
    optional_columns: tuple[str, ...] = ()
    periods: Periods | None = None
    totals: Totals = Totals()
    unit: Unit | None = None
    currency: str | None = None
    approved: Label | None = None
    numbers: Numbers = Numbers()
    dates: DateOrder = "iso"
    measure: str = "net_revenue"
    date_shift_years: int = 0
    unit_factor: int = 1
    encoding: str = "utf-8"
    delimiter: str | None = None

    @property
    def usual_totals(self) -> tuple[str, ...]:
        """The usual words for rows of totals: where months stand across, none in lists of records."""
        return TOTAL_LABELS if KINDS[self.kind].is_spread else ()

    @property
    def month_names(self) -> tuple[str, ...]:
        """What the months are called, where the template says so."""
        return self.periods.names if isinstance(self.periods, FiscalMonthNames | DatedMonthColumns) else ()

    @property
    def only(self) -> str | None:
        """What the header says above the columns that are read, where a month has several."""
        return self.periods.only if isinstance(self.periods, FiscalMonthNames | DatedMonthColumns) else None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Template:
        kind = KINDS.get(self.kind)
        if kind is None:
            raise ValueError(f"kind {self.kind} is none of {', '.join(KINDS)}")
        known = [field.name for field in kind.fields]
        if unknown := sorted(set(self.row_columns) - set(known)):
            raise ValueError(f"row_columns: {', '.join(unknown)} is none of {', '.join(known)}")
        if kind.is_spread and self.periods is None:
            raise ValueError("periods: Field required")
        if not kind.is_spread and self.periods is not None:
            raise ValueError(f"periods: a {self.kind} has one row per record, not columns of months; leave them out")
        missing = [field.name for field in kind.fields if field.required and field.name not in self.row_columns]
        if missing:
            raise ValueError(f"row_columns: {', '.join(missing)} is missing")
        optional = {field.name for field in kind.fields if not field.required} & self.row_columns.keys()
        if wrong := sorted(set(self.optional_columns) - optional):
            raise ValueError(f"optional_columns: {', '.join(wrong)} is no column of row_columns that may be left out")
        return self


def read_templates(path: Path) -> tuple[Template, ...]:
    """Return the layouts of a YAML file `templates: [...]`; IngestionError names what does not fit."""
    if not path.parent.is_dir():
        raise IngestionError(
            f"Budget workbooks: the folder {path.parent} does not exist; create it or correct the setting."
        )
    if not path.exists():
        raise IngestionError(
            f"Budget workbooks: there is no {path.name} in {path.parent}; put one there that describes their layouts"
            " (`saleswh workbook template` prints an entry)."
        )
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
        where = "".join(f"{part}: " for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise IngestionError(f"Budget templates {path}: {where}{said}; mend the file.") from None
