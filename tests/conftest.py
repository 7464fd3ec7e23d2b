"""What every test stands on: no settings of the developer's own leak in, nothing is reported to anybody."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

QUIET = {"DO_NOT_TRACK": "1", "RUNTIME__DLTHUB_TELEMETRY": "false", "GX_ANALYTICS_ENABLED": "false"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--warehouse FOLDER` keeps the integration tests' warehouse between sessions, for working on the tests."""
    parser.addoption("--warehouse", help="folder of the small demo warehouse: made if it is not there, else used as is")


@pytest.fixture(scope="session", autouse=True)
def neutral_environment() -> Iterator[None]:
    """Take the warehouse's own variables out of the environment, and switch telemetry off."""
    with pytest.MonkeyPatch.context() as patch:
        own = [name for name in os.environ if name.startswith("SALESWH_") and not name.startswith("SALESWH_TEST_")]
        for name in own:
            patch.delenv(name)
        for name, value in QUIET.items():
            patch.setenv(name, value)
        yield
