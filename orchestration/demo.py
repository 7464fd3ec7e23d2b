"""The demo environment: its company's systems beside the warehouse that reads them.

What belongs here: creating and serving the demo company, and the settings by which the warehouse reaches it. What
does not: the company (demo/) and anything a real environment needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from demo.systems.crm_server import RunningServer, start_crm_server
from demo.systems.store import create_systems, erp_address
from orchestration.environment import DEMO_ENVIRONMENT, Environment
from orchestration.settings import Settings
from orchestration.sources import refuse_own_systems

_ADDRESSES = ("salesforce_base_url", "salesforce_client_id", "salesforce_client_secret", "erp_url", "drop_folder")


def is_demo(settings: Settings) -> bool:
    """Whether the settings name the demo environment and its systems are not served yet."""
    return settings.environment == DEMO_ENVIRONMENT and not settings.salesforce_base_url


def create_demo(settings: Settings) -> Path:
    """Create the demo company's systems if they are not there yet; give their folder."""
    folder = Environment.of(settings).demo
    create_systems(folder, settings.demo_profile, settings.demo_seed, settings.demo_erp_url.get_secret_value())
    return folder


@contextmanager
def demo_systems(settings: Settings) -> Iterator[Settings]:
    """Serve the demo company for the block, giving settings that reach it; other environments pass through.

    Raises `SourceSettingsError` when the demo environment names systems of one's own.
    """
    refuse_own_systems(settings)
    if not is_demo(settings):
        yield settings
        return
    folder = create_demo(settings)
    server = start_crm_server(folder)
    try:
        yield settings.model_copy(update=_addresses(folder, server, settings))
    finally:
        server.stop()


def settings_variables(settings: Settings) -> dict[str, str]:
    """The addresses of the settings as environment variables, for a child process such as the UI."""
    values = {name: getattr(settings, name) for name in _ADDRESSES if getattr(settings, name)}
    plain = {k: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for k, v in values.items()}
    return {f"SALESWH_{name.upper()}": value for name, value in plain.items() if value}


def _addresses(folder: Path, server: RunningServer, settings: Settings) -> dict[str, object]:
    return {
        "salesforce_base_url": server.url,
        "salesforce_client_id": server.client_id,
        "salesforce_client_secret": SecretStr(server.client_secret),
        "erp_url": SecretStr(settings.demo_erp_url.get_secret_value() or erp_address(folder)),
        "drop_folder": folder / "drop",
    }
