"""Fixtures of the ingestion tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_source import Warehouse, append_without_dlt

SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def dlt_warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse in a folder of its own."""
    return Warehouse(tmp_path)


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """An empty warehouse whose loads append directly, for tests of everything but dlt's part."""
    monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)
    return Warehouse(tmp_path)


@pytest.fixture
def shared_data() -> Path:
    """The folder of shared sample data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared sample data (../shared/data) is absent")
    return SHARED
