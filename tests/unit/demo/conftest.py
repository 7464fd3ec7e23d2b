"""One company of profile S for all tests of the generator."""

from __future__ import annotations

import pytest

from demo.company.timeline import Company, generate


@pytest.fixture(scope="session")
def company() -> Company:
    return generate("S")
