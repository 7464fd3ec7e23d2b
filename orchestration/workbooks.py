"""`saleswh workbook`: what a load would make of one planning file, and workbooks to fill in.

What belongs here: the settings that checking needs, and its outcome as tables. What does not: reading (ingestion).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from exports.writers.csv import write_csv
from ingestion.errors import IngestionError
from ingestion.sources.budget.check import WorkbookCheck, check_file, kind_named
from ingestion.sources.budget.kinds import CHECKED_ROWS
from ingestion.sources.budget.standard import file_name, standard_template, template_text, write_standard
from ingestion.sources.budget.templates import Template, read_templates
from orchestration.demo import is_demo
from orchestration.environment import Environment
from orchestration.settings import Settings


@dataclass(frozen=True)
class WorkbookReport:
    """A checked file: a row per sheet, a row per reason of refusal, and where the long rows lie."""

    template: str
    table: str
    loaded: int
    sheets: pd.DataFrame
    refused: pd.DataFrame
    notes: tuple[str, ...]
    output: Path


def check_workbook(settings: Settings, file: Path, kind: str | None, output: Path | None) -> WorkbookReport:
    """Check a file and write its long rows to `output` (default: `<file>.rows.csv` in the folder `checked`)."""
    folder = _budget_folder(settings)
    aliases = folder / "aliases.csv" if folder else None
    templates = [_standard(settings, kind)] if kind else _templates(folder)
    if kind:
        templates = [templates[0].model_copy(update={"files": "*"})]
    checked = check_file(file, templates, aliases if aliases and aliases.is_file() else None)
    target = output or Environment.of(settings).checked / f"{file.stem}{CHECKED_ROWS}"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_csv(pd.DataFrame(checked.rows, columns=list(checked.columns), dtype=object), target)
    return WorkbookReport(
        checked.template, f"raw_budget.{checked.table}", checked.loaded, _sheets(checked),
        pd.DataFrame([(n, reason) for reason, n in checked.refusals.items()], columns=["rows", "reason"]),
        (*checked.notes, *checked.untold), target,
    )  # fmt: skip


def write_template(settings: Settings, kind: str, fiscal_year: int, folder: Path) -> tuple[Path, str]:
    """Write an empty workbook of a kind; return its path and the entry of `templates.yml` that reads it."""
    template = _standard(settings, kind)
    path = folder / file_name(kind_named(kind), fiscal_year)
    if path.exists():
        raise IngestionError(f"{path} is there already; move it away, so that nothing in it is lost.")
    folder.mkdir(parents=True, exist_ok=True)
    return write_standard(path, kind_named(kind), template), template_text(template)


def _standard(settings: Settings, kind: str) -> Template:
    currencies = (settings.reporting_currency,)
    return standard_template(kind_named(kind), settings.fiscal_year_start_month, currencies)


def _budget_folder(settings: Settings) -> Path | None:
    if is_demo(settings) and settings.drop_folder is None:
        return Environment.of(settings).demo / "drop" / "budget"
    return settings.drop_folder / "budget" if settings.drop_folder else None


def _templates(folder: Path | None) -> list[Template]:
    if folder is None:
        raise IngestionError("SALESWH_DROP_FOLDER is not set, so there is no templates.yml; set it, or say --kind.")
    return list(read_templates(folder / "templates.yml"))


def _sheets(checked: WorkbookCheck) -> pd.DataFrame:
    rows = [
        (
            sheet.sheet,
            sheet.header_row or None,
            checked.loaded_from(sheet.sheet),
            sum(1 for row in checked.rows if row["source_sheet"] == sheet.sheet and row["reason"]),
            sheet.totals_proven,
            sheet.totals_not_loaded,
        )
        for sheet in checked.sheets
    ]
    columns = ["sheet", "header row", "rows to load", "rows refused", "totals proven", "total rows left out"]
    return pd.DataFrame(rows, columns=columns)
