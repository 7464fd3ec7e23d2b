"""What must be so before anything is extracted or built: else one sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingestion import load_log
from orchestration.environment import Environment
from orchestration.settings import Settings
from orchestration.sources import SourceNotLoadedError, require_loaded
from orchestration.state import open_state, prepare_state

CLOCK = datetime(2024, 2, 29, 23, 30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An environment with an empty state and two enabled sources."""
    made = Settings(var_dir=tmp_path, environment="odd_env", sources=("fx", "erp"))
    prepare_state(Environment.of(made).state_file, CLOCK)
    return made


def logged(settings: Settings, source: str, status: str) -> None:
    """Log one load."""
    with open_state(Environment.of(settings).state_file) as connection:
        connection.execute(load_log.DDL)
        connection.execute(
            "insert into ops.load values ('1', ?, 't', ?, ?, 0, 0, null, ?)", [source, CLOCK, CLOCK, status]
        )


def test_a_build_before_the_first_load_is_one_sentence(settings: Settings) -> None:
    with pytest.raises(SourceNotLoadedError, match=r"fx, erp of SALESWH_SOURCES never loaded .*saleswh run`"):
        require_loaded(settings, Environment.of(settings).state_file)


def test_a_source_whose_loads_all_failed_was_never_loaded(settings: Settings) -> None:
    """A load that brought no rows counts; one that failed does not; a source that is not enabled is not asked for."""
    logged(settings, "erp", "succeeded")
    logged(settings, "fx", "failed")
    with pytest.raises(SourceNotLoadedError, match="Nothing was built: fx of"):
        require_loaded(settings, Environment.of(settings).state_file)
    logged(settings, "fx", "succeeded")
    require_loaded(settings, Environment.of(settings).state_file)
