"""Which sources an environment extracts, and their configuration from its settings.

What belongs here: settings turned into each source's own config. What does not: the sources (ingestion).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingestion.context import SourceDefinition
from ingestion.errors import settings_problem
from ingestion.registry import SOURCES
from ingestion.sources.budget.config import BudgetConfig
from ingestion.sources.calendar.config import CalendarConfig
from ingestion.sources.erp.config import ErpConfig
from ingestion.sources.files.config import FilesConfig
from ingestion.sources.fx.config import FxConfig
from ingestion.sources.hubspot.config import HubspotConfig
from ingestion.sources.salesforce.config import SalesforceConfig
from orchestration.settings import Settings


class SourceSettingsError(ValueError):
    """A setting that an enabled source needs is missing or wrong; the message names it."""


def enabled_sources(settings: Settings) -> list[SourceDefinition]:
    """The definitions of the sources that the settings enable. Raises `SourceSettingsError` for unknown names."""
    if unknown := [name for name in settings.sources if name not in SOURCES]:
        raise SourceSettingsError(
            f"SALESWH_SOURCES names {', '.join(unknown)}; the sources are {', '.join(sorted(SOURCES))}."
        )
    return [SOURCES[name] for name in settings.sources]


def source_config(name: str, settings: Settings) -> Any:
    """The source's own config, from the settings. Raises `SourceSettingsError` when one that it needs is missing."""
    return _CONFIGS[name](settings)


def _salesforce(settings: Settings) -> SalesforceConfig:
    by_key = bool(settings.salesforce_private_key.get_secret_value())
    way_in = ("salesforce_username",) if by_key else ("salesforce_client_secret",)
    _need(settings, "salesforce", "salesforce_base_url", "salesforce_client_id", *way_in)
    try:
        return SalesforceConfig(
            base_url=settings.salesforce_base_url,
            client_id=settings.salesforce_client_id,
            client_secret=settings.salesforce_client_secret,
            private_key=settings.salesforce_private_key,
            username=settings.salesforce_username,
            login_url=settings.salesforce_login_url,
            api_limit_share=settings.salesforce_api_limit_share,
        )
    except ValidationError as error:
        problems = "; ".join(problem["msg"] for problem in error.errors())
        raise SourceSettingsError(f"The settings SALESWH_SALESFORCE_* do not fit together: {problems}.") from None


def _hubspot(settings: Settings) -> HubspotConfig:
    _need(settings, "hubspot", "hubspot_base_url")
    return HubspotConfig(base_url=settings.hubspot_base_url, token=settings.hubspot_token)


def _erp(settings: Settings) -> ErpConfig:
    _need(settings, "erp", "erp_url")
    return ErpConfig(url=settings.erp_url)


def _budget(settings: Settings) -> BudgetConfig:
    folder = _drop_folder(settings, "budget")
    aliases = folder / "aliases.csv"
    return BudgetConfig(
        folder=folder,
        templates_file=folder / "templates.yml",
        aliases_file=aliases if aliases.is_file() else None,
    )


def _fx(settings: Settings) -> FxConfig:
    return FxConfig(folder=_drop_folder(settings, "fx"))


def _calendar(settings: Settings) -> CalendarConfig:
    return CalendarConfig(country=settings.country)


def _files(settings: Settings) -> FilesConfig:
    _need(settings, "files", "files_config")
    path = settings.files_config or Path()
    try:
        return FilesConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SourceSettingsError(
            f"SALESWH_FILES_CONFIG names {path}, which cannot be read: {error.strerror}."
        ) from None
    except (yaml.YAMLError, ValidationError) as error:
        raise SourceSettingsError(
            f"SALESWH_FILES_CONFIG names {path}, which is not a list of files: {settings_problem(error)}."
        ) from None


_CONFIGS: dict[str, Callable[[Settings], Any]] = {
    "salesforce": _salesforce,
    "hubspot": _hubspot,
    "erp": _erp,
    "budget": _budget,
    "fx": _fx,
    "calendar": _calendar,
    "files": _files,
}


def _drop_folder(settings: Settings, source: str) -> Path:
    _need(settings, source, "drop_folder")
    return (settings.drop_folder or Path()) / source


def _need(settings: Settings, source: str, *names: str) -> None:
    missing = [f"SALESWH_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise SourceSettingsError(
            f"Source {source} is enabled but {', '.join(missing)} is not set; set it in .env or take {source} out of"
            " SALESWH_SOURCES."
        )
