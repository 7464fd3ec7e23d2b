"""Test the connection of every enabled source, side by side: one that fails hides no other.

What belongs here: which sources are tested, and their findings as rows. What does not: printing (`console.py`) and
asking a source (ingestion).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pandas as pd

from ingestion.check import check_source
from ingestion.findings import SourceFindings, TableFinding
from orchestration.settings import Settings
from orchestration.sources import SourceSettingsError, enabled_sources, source_config

_TO_THE_MINUTE = len("2024-02-29 23:59")


def check_sources(settings: Settings, names: Sequence[str] = ()) -> list[SourceFindings]:
    """The findings about `names`, or about all enabled sources. Raises `SourceSettingsError` for one not enabled."""
    enabled = [definition.name for definition in enabled_sources(settings)]
    if unknown := sorted(set(names) - set(enabled)):
        raise SourceSettingsError(
            f"Source {', '.join(unknown)} is not enabled; SALESWH_SOURCES names {', '.join(enabled) or 'none'}."
        )
    chosen = [name for name in enabled if not names or name in names]
    with ThreadPoolExecutor(max_workers=max(len(chosen), 1)) as pool:
        checks = [(name, pool.submit(_check, name, settings)) for name in chosen]
    return [_outcome(name, check) for name, check in checks]


def sources_frame(findings: Sequence[SourceFindings]) -> pd.DataFrame:
    """One row per source."""
    return pd.DataFrame([_source_row(source) for source in findings])


def tables_frame(source: SourceFindings) -> pd.DataFrame:
    """One row per table of a source."""
    return pd.DataFrame([_table_row(table) for table in source.tables])


def findings_json(findings: Sequence[SourceFindings]) -> list[dict[str, Any]]:
    """All findings as plain data."""
    return [{**asdict(source), "is_usable": source.is_usable} for source in findings]


def _check(name: str, settings: Settings) -> SourceFindings:
    try:
        config = source_config(name, settings)
    except SourceSettingsError as error:
        return SourceFindings(name, problem=str(error))
    return check_source(name, config)


def _outcome(name: str, check: Future[SourceFindings]) -> SourceFindings:
    """The findings; what a probe did not foresee is told by its kind alone, since its text may hold anything."""
    error = check.exception()
    if error is None:
        return check.result()
    return SourceFindings(name, problem=f"The check broke off with {type(error).__name__}; load the source to see why.")


def _source_row(source: SourceFindings) -> dict[str, object]:
    return {
        "source": source.source,
        "state": _state(source),
        "tables": sum(not table.problem for table in source.tables),
        "problem": source.problem or _problems(source),
    }


def _problems(source: SourceFindings) -> str:
    count = sum(bool(table.problem) for table in source.tables)
    return f"{count} of {len(source.tables)} tables cannot be loaded" if count else ""


def _state(source: SourceFindings) -> str:
    if source.authenticated is False:
        return "refused"
    if source.reached is False:
        return "unreachable"
    if not source.is_usable:
        return "unusable"
    return "not tested" if source.reached is None else "ok"


def _table_row(table: TableFinding) -> dict[str, object]:
    return {
        "table": table.table,
        "rows": "" if table.rows is None else f"{'~' if table.is_estimate else ''}{table.rows:,}",
        "newest change": (table.newest or "").replace("T", " ")[:_TO_THE_MINUTE],
        "columns": table.columns or "",
        "remarks": "; ".join(_remarks(table)),
    }


def _remarks(table: TableFinding) -> list[str]:
    missing, undeclared = ", ".join(table.missing), ", ".join(table.undeclared)
    remarks = [
        table.problem,
        table.note,
        missing and f"missing: {missing}",
        undeclared and f"not declared: {undeclared}",
    ]
    return [remark for remark in remarks if remark]
