"""Which sources an environment extracts, their configuration from its settings, and whether they were ever loaded.

What belongs here: settings turned into each source's own config. What does not: the sources (ingestion).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ValidationError

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
from orchestration.environment import DEMO_ENVIRONMENT, Environment
from orchestration.settings import Settings
from orchestration.state import has_table, read_only

Config = TypeVar("Config", bound=BaseModel)

LOOPBACK = "127.0.0.1"
"""Where the demo company's CRM is served."""

_LOADED = "select distinct source from ops.load where status = 'succeeded'"


class SourceSettingsError(ValueError):
    """A setting that an enabled source needs is missing or wrong; the message names it."""


class SourceNotLoadedError(Exception):
    """A build was asked for before every enabled source was loaded; the message names those that were not."""


def enabled_sources(settings: Settings) -> list[SourceDefinition]:
    """The definitions of the sources that the settings enable. Raises `SourceSettingsError` for unknown names."""
    if unknown := [name for name in settings.sources if name not in SOURCES]:
        raise SourceSettingsError(
            f"SALESWH_SOURCES names {', '.join(unknown)}; the sources are {', '.join(sorted(SOURCES))}."
        )
    return [SOURCES[name] for name in settings.sources]


def refuse_own_systems(settings: Settings) -> None:
    """Raise `SourceSettingsError` when the demo environment names a system that is not the demo company's.

    The demo's clock stands still, and its state keeps whatever it has read for good.
    """
    if settings.environment != DEMO_ENVIRONMENT:
        return
    erp, drop = settings.erp_url.get_secret_value(), settings.drop_folder
    folder = Environment.of(settings).demo
    is_demo_erp = erp in ("", settings.demo_erp_url.get_secret_value()) or erp.startswith(f"sqlite:///{folder}/")
    own = {
        "salesforce_base_url": urlsplit(settings.salesforce_base_url).hostname not in (None, LOOPBACK),
        "erp_url": not is_demo_erp,
        "drop_folder": drop is not None and not drop.resolve().is_relative_to(folder.resolve()),
        "files_config": settings.files_config is not None,
    }
    if named := [f"SALESWH_{name.upper()}" for name, is_own in own.items() if is_own]:
        raise SourceSettingsError(
            f"{' and '.join(named)} name{'s' if len(named) == 1 else ''} a system that is not the demo company's, but"
            f" SALESWH_ENVIRONMENT is {DEMO_ENVIRONMENT}: set SALESWH_ENVIRONMENT to a name of your own."
        )


def require_loaded(settings: Settings, state_file: Path) -> None:
    """Raise `SourceNotLoadedError` unless every enabled source was loaded at least once: there is nothing to build on.

    Jobs that do not extract, such as `rebuild` and `forecast`, may be the first that somebody runs.
    """
    with read_only(state_file) as connection:
        logged = has_table(connection, "ops.load")
        rows = connection.execute(_LOADED).fetchall() if logged else []
    loaded = {row[0] for row in rows}
    if missing := [source.name for source in enabled_sources(settings) if source.name not in loaded]:
        raise SourceNotLoadedError(
            f"Nothing was built: {', '.join(missing)} of SALESWH_SOURCES never loaded into {state_file}. Run the full"
            " job first (`saleswh run`), which extracts them."
        )


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
    if settings.erp_tables is None:
        return ErpConfig(url=settings.erp_url)
    return _from_file(ErpConfig, "SALESWH_ERP_TABLES", settings.erp_tables, url=settings.erp_url)


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
    return _from_file(FilesConfig, "SALESWH_FILES_CONFIG", settings.files_config or Path())


_CONFIGS: dict[str, Callable[[Settings], Any]] = {
    "salesforce": _salesforce,
    "hubspot": _hubspot,
    "erp": _erp,
    "budget": _budget,
    "fx": _fx,
    "calendar": _calendar,
    "files": _files,
}


def _from_file(config_type: type[Config], setting: str, path: Path, **more: Any) -> Config:
    """A source's config from the YAML file that a setting names. Raises `SourceSettingsError` when it cannot be."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return config_type.model_validate({**content, **more} if isinstance(content, dict) else content)
    except OSError as error:
        raise SourceSettingsError(f"{setting} names {path}, which cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, ValidationError) as error:
        told = settings_problem(error)
        raise SourceSettingsError(f"{setting} names {path}, which does not describe its source: {told}.") from None


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
