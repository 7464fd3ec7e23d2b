"""Errors that a user can mend: the command tells them in one sentence, without a traceback.

What belongs here: the list. What does not: raising any of them.
"""

from __future__ import annotations


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
    from orchestration.sources import SourceSettingsError
    from orchestration.state import StateError

    return (
        DbtError,
        DemoError,
        IngestionError,
        OSError,
        ReleaseError,
        ReportError,
        SourceSettingsError,
        StateError,
        ValidationError,
        WriterBusyError,
        duckdb.Error,
    )
