"""Loading a fake Salesforce org into an empty warehouse, without a server and without dlt's part."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.pipeline import LoadResult
from ingestion.registry import SOURCES
from tests.unit.ingestion.fake_org import FakeOrg, attached, configure
from tests.unit.ingestion.small_source import CLOCK, Warehouse, append_without_dlt


class OrgWarehouse(Warehouse):
    """A warehouse whose loads read a fake org; waits are noted in the org instead of slept."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        self._patch = monkeypatch
        monkeypatch.setattr("ingestion.pipeline._run_dlt", append_without_dlt)

    def load_org(self, org: FakeOrg, clock: datetime = CLOCK, *only: str, **settings: Any) -> LoadResult:
        """Load the raw tables `only` (all of them if none is named) from the org."""
        self._patch.setattr(
            "ingestion.sources.salesforce.SalesforceClient", lambda config: attached(org, config, org.waits)
        )
        return self.load(SOURCES["salesforce"], configure(**settings), clock, only=set(only) or None)
