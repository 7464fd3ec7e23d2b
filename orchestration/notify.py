"""Tell people that a scheduled run failed, through one pluggable hook.

What belongs here: finding and calling the hook, and the default hook. What does not: e-mail or chat senders; a
company names its own function in SALESWH_NOTIFY_HOOK.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

from orchestration.environment import Environment
from orchestration.settings import Settings

NotifyHook = Callable[[Settings, str, str], None]


def notify(settings: Settings, subject: str, message: str) -> None:
    """Call the configured hook. Raises ValueError with a sentence when it cannot be found."""
    find_hook(settings.notify_hook)(settings, subject, message)


def find_hook(address: str) -> NotifyHook:
    """The function at `module:function`."""
    module_name, _, function_name = address.partition(":")
    try:
        hook = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError):
        raise ValueError(
            f"SALESWH_NOTIFY_HOOK is {address!r}; expected `module:function` that can be imported."
        ) from None
    return hook  # type: ignore[no-any-return]


def write_notification(settings: Settings, subject: str, message: str) -> None:
    """The default hook: one JSON line per notification in the environment's folder."""
    environment = Environment.of(settings)
    environment.folder.mkdir(parents=True, exist_ok=True)
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "subject": subject, "message": message}
    with environment.notifications.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line) + "\n")
