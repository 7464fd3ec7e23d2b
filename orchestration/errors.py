"""Errors that a user can mend: the command tells them in one sentence, without a traceback.

What belongs here: the list, and their words. What does not: raising any of them.
"""

from __future__ import annotations


def sentence(error: Exception) -> str:
    """What a known error says to the user; pydantic's own text is four lines and an address."""
    from pydantic import ValidationError

    from orchestration.settings import settings_sentence

    return settings_sentence(error) if isinstance(error, ValidationError) else str(error)


def known_errors() -> tuple[type[Exception], ...]:
    """The errors that are sentences for the user.

    They are imported only when something has gone wrong: a query should not wait for packages that it does not use.
    """
    import duckdb
    from pydantic import ValidationError

    from demo.systems.errors import DemoError
    from exports.publish import ReleaseError
    from exports.render import ReportError
    from ingestion.errors import IngestionError
    from orchestration.dbt import DbtError
    from orchestration.lock import WriterBusyError
    from orchestration.settings import SettingsError
    from orchestration.sources import SourceSettingsError
    from orchestration.state import StateError

    return (
        DbtError,
        DemoError,
        IngestionError,
        OSError,
        ReleaseError,
        ReportError,
        SettingsError,
        SourceSettingsError,
        StateError,
        ValidationError,
        WriterBusyError,
        duckdb.Error,
    )
