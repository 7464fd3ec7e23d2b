"""Test one source without loading it.

What belongs here: which probe tests which source, and turning what goes wrong into findings. What does not: asking a
source (its own `probe.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ingestion.errors import CredentialsError, IngestionError, SettingsMisfitError, secrets_in, without_secrets
from ingestion.findings import SourceFindings
from ingestion.sources.budget.probe import probe as probe_budget
from ingestion.sources.calendar.probe import probe as probe_calendar
from ingestion.sources.erp.probe import probe as probe_erp
from ingestion.sources.files.probe import probe as probe_files
from ingestion.sources.fx.probe import probe as probe_fx
from ingestion.sources.hubspot.probe import probe as probe_hubspot
from ingestion.sources.salesforce.probe import probe as probe_salesforce

Probe = Callable[[Any], SourceFindings]
"""Looks at a source with its config; raises IngestionError, or CredentialsError where the source refuses them."""

PROBES: dict[str, Probe] = {
    "budget": probe_budget,
    "calendar": probe_calendar,
    "erp": probe_erp,
    "files": probe_files,
    "fx": probe_fx,
    "hubspot": probe_hubspot,
    "salesforce": probe_salesforce,
}


def check_source(name: str, config: Any) -> SourceFindings:
    """Return what the source shows to `config`; a source that cannot be read is a finding and no error."""
    if name not in PROBES:
        return SourceFindings(name, cannot_know=("anything yet: this source has no probe, load it to see.",))
    secrets = secrets_in(config)
    try:
        findings = PROBES[name](config)
    except IngestionError as error:
        problem = without_secrets(str(error), secrets)
        if isinstance(error, SettingsMisfitError):
            return SourceFindings(name, problem=problem)
        refused = isinstance(error, CredentialsError)
        return SourceFindings(name, reached=refused, authenticated=False if refused else None, problem=problem)
    tables = tuple(replace(table, problem=without_secrets(table.problem, secrets)) for table in findings.tables)
    return replace(findings, tables=tables)
